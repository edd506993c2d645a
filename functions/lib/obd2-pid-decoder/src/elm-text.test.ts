import { describe, expect, test } from 'vitest';
import { decodeAnswer } from './decode-answer.ts';
import { crcOf, sumOf } from './header.ts';
import { toHex } from './hex.ts';

/** Messages as short text: `7E8 12 1726`, errors as their code. */
function summary(text: string): string[] {
  const { messages, errors } = decodeAnswer(text);
  return [
    ...messages.map((message) => {
      const ecu = message.ecu === undefined ? '' : `${message.ecu} `;
      if (message.kind === 'codes') return `${ecu}${message.status} ${message.codes.join(',')}`;
      if (message.kind === 'info') return `${ecu}${message.name} ${message.value}`;
      return `${ecu}${message.pid} ${message.values.map(({ value }) => value).join(',')}`;
    }),
    ...errors.map(({ code }) => code),
  ];
}

function withChecksum(hex: string, checksum: (data: Uint8Array) => number): string {
  const data = Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16));
  return `${hex} ${toHex([checksum(data)])}`;
}

describe('one answer in every shape', () => {
  test.each([
    ['41 0C 1A F8', '12 1726'],
    ['410C1AF8', '12 1726'],
    ['410c1af8', '12 1726'],
    ['010C\r41 0C 1A F8 \r\r>', '12 1726'],
    ['010C1\r\n41 0C 1A F8\r\n>', '12 1726'],
    ['41 0C 1A F8 00 00 00', '12 1726'],
    ['7E8 04 41 0C 1A F8 00 00 00', '7E8 12 1726'],
    ['7E8 04 41 0C 1A F8', '7E8 12 1726'],
    ['7E804410C1AF8AAAAAA', '7E8 12 1726'],
    ['18 DA F1 10 04 41 0C 1A F8 00 00 00', '18DAF110 12 1726'],
    ['18DAF11004410C1AF8', '18DAF110 12 1726'],
    [withChecksum('48 6B 10 41 0C 1A F8', sumOf), '10 12 1726'],
    [withChecksum('48 6B 10 41 0C 1A F8', crcOf), '10 12 1726'],
    [withChecksum('41 6B 10 41 0C 1A F8', crcOf), '10 12 1726'],
    [withChecksum('84 F1 10 41 0C 1A F8', sumOf), '10 12 1726'],
    [withChecksum('80 F1 10 04 41 0C 1A F8', sumOf), '10 12 1726'],
    ['SEARCHING...\r41 0C 1A F8', '12 1726'],
    ['SEARCHING...41 0C 1A F8', '12 1726'],
    ['BUS INIT: ...OK\r41 0C 1A F8', '12 1726'],
    ['BUS INIT: OK\r41 0C 1A F8', '12 1726'],
    ['ATSP0\rOK\r>010C\r41 0C 1A F8\r>', '12 1726'],
  ])('%j', (text, expected) => expect(summary(text)).toEqual([expected]));
});

test('several PIDs in one CAN answer', () => {
  expect(summary('41 0C 1A F8 0D 32 05 7B')).toEqual(['12 1726', '13 50', '5 83']);
  expect(summary('00A\r0: 41 0C 1A F8 0D 32\r1: 05 7B 2F FF 00 00 00')).toEqual(['12 1726', '13 50', '5 83', '47 100']);
});

test('several ECUs', () => {
  expect(summary('7E8 04 41 0C 1A F8\r7E9 04 41 0C 1A F4')).toEqual(['7E8 12 1726', '7E9 12 1725']);
  expect(summary('41 0C 1A F8\r41 0C 1A F4')).toEqual(['12 1726', '12 1725']);
});

test('frames of two ECUs that come mixed', () => {
  const text = [
    '7E8 10 0A 43 04 01 33 04 20',
    '7E9 10 0A 43 04 07 01 07 02',
    '7E9 21 07 03 07 04 00 00 00',
    '7E0 30 00 00 00 00 00 00 00',
    '7E8 21 02 00 C1 00 00 00 00',
  ].join('\r');
  expect(summary(text)).toEqual(['7E9 stored P0701,P0702,P0703,P0704', '7E8 stored P0133,P0420,P0200,U0100']);
});

describe('trouble codes', () => {
  test.each([
    ['43 01 33', 'stored P0133'],
    ['43 01 33 00 00 00 00', 'stored P0133'],
    ['43 01 33 D0 16 41 23', 'stored P0133,U1016,C0123'],
    ['43 02 01 33 04 20', 'stored P0133,P0420'],
    ['43 01 01 33 00 00 00 00', 'stored P0133'],
    ['43 00', 'stored '],
    ['43 00 00 00 00 00 00', 'stored '],
    ['47 01 92 34', 'pending B1234'],
    ['4A 01 3F FF', 'permanent P3FFF'],
    ['43 01 33 04 20 01 71\r43 03 00 00 00 00 00', 'stored P0133,P0420,P0171,P0300'],
    ['7E8 06 43 02 01 33 04 20 00', '7E8 stored P0133,P0420'],
  ])('%j', (text, expected) => expect(summary(text)).toEqual([expected]));

  test('a count above the codes that came', () => {
    expect(summary('43 03 01 33')).toEqual(['stored P0133', 'short-data']);
  });
});

describe('what is wrong with an answer', () => {
  test.each([
    ['', []],
    ['>', []],
    ['41', ['short-data']],
    ['41 0C 1A', ['short-data']],
    ['41 0D 32 0C', ['13 50', 'short-data']],
    ['41 F1 00', ['unknown-pid']],
    ['41 5C FF', ['92 ', 'out-of-bounds']],
    ['41 51 77', ['81 ', 'reserved-value']],
    ['44', ['unsupported-mode']],
    ['46 01 01', ['unsupported-mode']],
    ['7F 01 12', ['negative-response']],
    ['7E8 03 7F 01 11 00 00 00 00', ['negative-response']],
    ['hello', ['unrecognised-line']],
    ['E', ['unrecognised-line']],
    ['123 04 41 0C 1A F8', ['unknown-header']],
    ['7DF 02 01 0C 00 00 00 00 00', []],
    ['48 6B 10 41 0C 1A F8 00', ['bad-checksum']],
    ['7E8 06 41 00', ['short-data']],
    ['7E8 00 41 00', ['bad-frame']],
    ['7E8 40 41 00', ['bad-frame']],
    ['7E8 21 41 00', ['out-of-sequence']],
    ['7E8 10 14 49 02 01 31 44 34', ['incomplete']],
    ['7E8 10 14 49 02 01 31 44 34\r7E8 22 47 50 30 30 52 35 35', ['out-of-sequence']],
    ['014\r0: 49 02 01 31 44 34', ['incomplete']],
    ['1: 49 02 01 31 44 34', ['out-of-sequence']],
    ['001', ['bad-frame']],
    ['49 7F 01 02', ['unknown-pid']],
    ['49 02 01 31', ['short-data']],
  ])('%j', (text, expected) => expect(summary(text)).toEqual(expected));

  test('a negative response names its code', () => {
    expect(decodeAnswer('7E8 03 7F 01 12').errors).toEqual([
      {
        code: 'negative-response',
        detail: 'mode 01: subFunctionNotSupported (12)',
        line: '7E8 03 7F 01 12',
        ecu: '7E8',
        mode: 1,
        nrc: 0x12,
      },
    ]);
  });

  test('text above 64 KiB is not looked at', () => {
    expect(summary('4'.repeat(65_537))).toEqual(['input-too-large']);
  });

  test('errors are bounded in number and length', () => {
    const { errors } = decodeAnswer(`${'x'.repeat(1000)}\r`.repeat(60) + 'y\r'.repeat(2000));
    expect(errors).toHaveLength(101);
    expect(errors.at(-1)?.code).toBe('too-many-errors');
    for (const { detail, line } of errors) {
      expect(detail.length).toBeLessThanOrEqual(200);
      expect((line ?? '').length).toBeLessThanOrEqual(80);
    }
  });
});
