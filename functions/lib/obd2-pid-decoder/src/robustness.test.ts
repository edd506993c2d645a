import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Answer } from './answer.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeFrames } from './decode-frames.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encodePid } from './encode-pid.ts';
import { encodeRequest } from './encode-request.ts';
import { ADAPTER_ERRORS, ANSWER_ERRORS } from './errors.ts';
import { PIDS } from './pid-table.ts';

const CODES: readonly string[] = [...ADAPTER_ERRORS, ...ANSWER_ERRORS];

/** Whatever came in, what comes out keeps to its type. */
function expectSound({ messages, errors }: Answer): void {
  for (const error of errors) {
    expect(CODES).toContain(error.code);
    expect(error.detail.length).toBeLessThanOrEqual(200);
  }
  for (const message of messages) {
    if (message.kind !== 'values') continue;
    for (const { name, value } of message.values) {
      const field = PIDS[message.pid]?.values.find((one) => one.name === name);
      if (field?.kind !== 'number') continue;
      expect(value).toBeGreaterThanOrEqual(field.min);
      expect(value).toBeLessThanOrEqual(field.max);
    }
  }
}

const VALID = [
  '010C\r41 0C 1A F8 \r\r>',
  '7E8 06 41 00 BE 3E B8 13\r7E9 06 41 00 98 18 80 01',
  '014\r0: 49 02 01 31 44 34\r1: 47 50 30 30 52 35 35\r2: 42 31 32 33 34 35 36',
  '7E8 10 14 49 02 01 31 44 34\r7E8 21 47 50 30 30 52 35 35\r7E8 22 42 31 32 33 34 35 36',
  '18 DA F1 10 10 0A 43 04 01 33 04 20\r18 DA F1 10 21 02 00 C1 00 00 00 00',
  '48 6B 10 41 0C 1A F8 22',
  'SEARCHING...\r41 01 81 07 65 04',
  'BUS INIT: ...ERROR',
];

test('any text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 })), (text) =>
      expectSound(decodeAnswer(text)),
    ),
    { numRuns: 2000 },
  );
});

test('text from the alphabet of the adapter', () => {
  const unit = fc.constantFrom(
    ...'0123456789ABCDEF',
    '41 ',
    '7E8 ',
    '18DAF110',
    '0:',
    '1:',
    '\r',
    '>',
    ' ',
    '49 02 ',
    '?',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 120 }), (text) => expectSound(decodeAnswer(text))),
    { numRuns: 5000 },
  );
});

test('valid answers with a few characters changed', () => {
  const change = fc.tuple(fc.nat(200), fc.nat(3), fc.string({ unit: fc.constantFrom(...'0F4:>\r ?Z'), maxLength: 3 }));
  fc.assert(
    fc.property(fc.constantFrom(...VALID), fc.array(change, { minLength: 1, maxLength: 4 }), (valid, changes) => {
      let text = valid;
      for (const [at, length, put] of changes) {
        const from = at % (text.length + 1);
        text = text.slice(0, from) + put + text.slice(from + length);
      }
      expectSound(decodeAnswer(text));
    }),
    { numRuns: 5000 },
  );
});

test('any bytes after a service byte, in every PID', () => {
  const tail = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(fc.constantFrom(0x41, 0x42, 0x43, 0x47, 0x49, 0x4a, 0x7f), tail, (service, bytes) => {
      const text = Array.from([service, ...bytes], (byte) => byte.toString(16).padStart(2, '0')).join('');
      expectSound(decodeAnswer(text));
    }),
    { numRuns: 5000 },
  );
});

test('any frames', () => {
  const id = fc.oneof(fc.constantFrom(0x7e8, 0x7e9, 0x7df, 0x18daf110, 0x18db33f1), fc.integer());
  const frame = fc.record({ id, data: fc.uint8Array({ maxLength: 10 }) });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 30 }), (frames) => expectSound(decodeFrames(frames))),
    { numRuns: 3000 },
  );
});

test('hostile lengths take no time', () => {
  for (const unit of [
    'SEARCHING',
    'BUS INIT: ',
    ' ',
    '\r',
    '0',
    '41',
    '0: 41\r',
    '7E8 10 FF 00\r',
    '14\r',
    'ATZ',
    '49 02 01 00 00 00 31\r',
  ]) {
    const text = unit.repeat(Math.floor(65_536 / unit.length));
    const start = performance.now();
    expectSound(decodeAnswer(text));
    expect(performance.now() - start).toBeLessThan(2000);
  }
});

test('encoders give a result for anything', () => {
  const values = fc.dictionary(
    fc.constantFrom('engineRpm', 'raw', 'milOn', 'supportedPids', 'fuelSystem1', '__proto__', 'oxygenSensors'),
    fc.oneof(fc.double(), fc.boolean(), fc.string(), fc.array(fc.string()), fc.array(fc.double())),
  );
  fc.assert(
    fc.property(fc.integer({ min: -1, max: 300 }), values, fc.string(), (pid, given, ecu) => {
      expect(typeof encodePid(pid, given).ok).toBe('boolean');
      const input = { mode: 1 as const, pids: [{ pid, values: given }] };
      expect(typeof encodeAnswer(input, { headers: true, ecu }).ok).toBe('boolean');
      expect(typeof encodeRequest({ mode: 1, pids: [pid] }).ok).toBe('boolean');
    }),
  );
});
