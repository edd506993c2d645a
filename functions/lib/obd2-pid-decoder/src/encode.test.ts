import { describe, expect, test } from 'vitest';
import {
  type AnswerInput,
  encodeAnswer,
  encodeDtcAnswer,
  encodeFrames,
  encodeVinAnswer,
  type TextOptions,
} from './encode-answer.ts';
import { encodeRequest, type ObdRequest } from './encode-request.ts';

describe('requests', () => {
  test.each<[ObdRequest, string]>([
    [{ mode: 1, pids: [0x0c] }, '010C'],
    [{ mode: 1, pids: [0x0c, 0x0d, 0x05, 0x2f, 0x42, 0xa6] }, '010C0D052F42A6'],
    [{ mode: 2, pids: [0x0c] }, '020C00'],
    [{ mode: 2, pids: [0x0c, 0x0d], frame: 1 }, '020C010D01'],
    [{ mode: 3 }, '03'],
    [{ mode: 7 }, '07'],
    [{ mode: 10 }, '0A'],
    [{ mode: 9, pids: [2] }, '0902'],
  ])('%j is %s', (request, text) => expect(encodeRequest(request)).toEqual({ ok: true, value: text }));

  test.each<[ObdRequest, string]>([
    [{ mode: 1, pids: [1, 2, 3, 4, 5, 6, 7] }, 'too-many-pids'],
    [{ mode: 1 }, 'missing-value'],
    [{ mode: 3, pids: [1] }, 'too-many-pids'],
    [{ mode: 1, pids: [256] }, 'unknown-pid'],
    [{ mode: 2, pids: [2], frame: -1 }, 'out-of-bounds'],
    [{ mode: 4 as 3 }, 'bad-mode'],
  ])('%j is refused: %s', (request, code) => {
    expect(encodeRequest(request)).toMatchObject({ ok: false, error: { code } });
  });
});

const RPM: AnswerInput = { mode: 1, pids: [{ pid: 0x0c, values: { engineRpm: 1726 } }] };
const VIN = '1D4GP00R55B123456';

describe('answers', () => {
  test.each<[AnswerInput, TextOptions, string]>([
    [RPM, {}, '41 0C 1A F8'],
    [RPM, { spaces: false }, '410C1AF8'],
    [RPM, { headers: true }, '7E8 04 41 0C 1A F8 00 00 00'],
    [RPM, { headers: true, spaces: false, ecu: '7E9' }, '7E904410C1AF8000000'],
    [RPM, { headers: true, ecu: '18DAF110' }, '18 DA F1 10 04 41 0C 1A F8 00 00 00'],
    [{ mode: 2, frame: 0, pids: RPM.mode === 1 && 'pids' in RPM ? RPM.pids : [] }, {}, '42 0C 00 1A F8'],
    [{ mode: 7, codes: ['P0133', 'U0100'] }, {}, '47 02 01 33 C1 00'],
    [{ mode: 9, pid: 6, value: ['1791BC82'] }, {}, '49 06 01 17 91 BC 82'],
    [{ mode: 1, negative: 0x12 }, {}, '7F 01 12'],
    [{ mode: 1, pids: [{ pid: 0x14, values: { oxygenSensorV: 0.45 } }] }, {}, '41 14 5A FF'],
    [
      { mode: 1, pids: [{ pid: 1, values: { milOn: true, dtcCount: 2, misfireComplete: false } }] },
      {},
      '41 01 82 11 00 00',
    ],
  ])('%j with %j is %s', (input, options, text) => {
    expect(encodeAnswer(input, options)).toEqual({ ok: true, value: text });
  });

  test('long ones are numbered lines without headers and frames with', () => {
    expect(encodeVinAnswer(VIN)).toEqual({
      ok: true,
      value: '014\r0: 49 02 01 31 44 34\r1: 47 50 30 30 52 35 35\r2: 42 31 32 33 34 35 36',
    });
    expect(encodeVinAnswer(VIN, { headers: true })).toEqual({
      ok: true,
      value: '7E8 10 14 49 02 01 31 44 34\r7E8 21 47 50 30 30 52 35 35\r7E8 22 42 31 32 33 34 35 36',
    });
  });

  test('codes', () => {
    expect(encodeDtcAnswer([])).toEqual({ ok: true, value: '43 00' });
    expect(encodeDtcAnswer(['B1234'], { mode: 10, headers: true })).toEqual({
      ok: true,
      value: '7E8 04 4A 01 92 34 00 00 00',
    });
  });

  test('frames', () => {
    expect(encodeFrames(RPM, '7EA')).toEqual({
      ok: true,
      value: [{ id: 0x7ea, data: Uint8Array.of(4, 0x41, 0x0c, 0x1a, 0xf8, 0, 0, 0) }],
    });
  });
});

describe('values that cannot be encoded are refused, not bent', () => {
  const one = (pid: number, values: Record<string, number | string | boolean | string[] | number[]>): AnswerInput => ({
    mode: 1,
    pids: [{ pid, values }],
  });
  test.each<[string, AnswerInput]>([
    ['out-of-bounds', one(0x0d, { speedKmh: 256 })],
    ['out-of-bounds', one(0x0d, { speedKmh: -1 })],
    ['out-of-bounds', one(0x5c, { oilC: 211 })],
    ['out-of-bounds', one(0x0d, { speedKmh: Number.POSITIVE_INFINITY })],
    ['wrong-type', one(0x0d, { speedKmh: Number.NaN })],
    ['wrong-type', one(0x0d, { speedKmh: '50' })],
    ['wrong-type', one(0x51, { fuelType: 'coal' })],
    ['wrong-type', one(0x13, { oxygenSensors: ['b9s9'] })],
    ['wrong-type', one(0x01, { milOn: 1, dtcCount: 0 })],
    ['wrong-type', one(0xa3, { raw: 'FF' })],
    ['out-of-bounds', one(0x00, { supportedPids: [33] })],
    ['bad-code', one(0x02, { freezeFrameCode: 'X0133' })],
    ['missing-value', one(0x0d, {})],
    ['unknown-value', one(0x0d, { speedMph: 30 })],
    ['unknown-pid', one(0xff, {})],
    ['conflict', one(0x6f, { turboAInletKpa: 100, turboAInletWideKpa: 1000 })],
    ['conflict', one(0x01, { dtcCount: 0, compressionIgnition: true, catalystSupported: true })],
    [
      'conflict',
      {
        mode: 1,
        pids: [
          { pid: 0x06, values: { shortFuelTrimPct: 0, shortFuelTrimBank3Pct: 0 } },
          { pid: 0x0d, values: { speedKmh: 1 } },
        ],
      },
    ],
    ['missing-value', { mode: 1, pids: [] }],
    ['too-many-pids', { mode: 1, pids: Array.from({ length: 7 }, () => ({ pid: 0x0d, values: { speedKmh: 1 } })) }],
    ['bad-code', { mode: 3, codes: ['P0000'] }],
    ['bad-code', { mode: 3, codes: ['P4000'] }],
    ['too-long', { mode: 3, codes: Array.from({ length: 256 }, () => 'P0133') }],
    ['bad-text', { mode: 9, pid: 2, value: 'IOQ' }],
    ['bad-text', { mode: 9, pid: 0x0a, value: 'a name of more than twenty letters' }],
    ['unknown-pid', { mode: 9, pid: 0x20, value: 'x' }],
    ['bad-mode', { mode: 6 as 3, codes: [] }],
    ['out-of-bounds', { mode: 1, negative: 300 }],
  ])('%s: %j', (code, input) => expect(encodeAnswer(input)).toMatchObject({ ok: false, error: { code } }));

  test.each(['7DF', '7E0', '8FF', 'x', '18DB33F1'])('bad-ecu: %s', (ecu) => {
    expect(encodeAnswer(RPM, { headers: true, ecu })).toMatchObject({ ok: false, error: { code: 'bad-ecu' } });
  });
});
