import { describe, expect, test } from 'vitest';
import { decodeAnswer } from './decode-answer.ts';

const VIN = '1D4GP00R55B123456';

/** Values by name; errors by code. */
function read(text: string): unknown[] {
  const { messages, errors } = decodeAnswer(text);
  return [
    ...messages.map((message) => (message.kind === 'info' ? [message.name, message.value] : message)),
    ...errors.map(({ code }) => code),
  ];
}

describe('the vehicle identification number', () => {
  test.each([
    ['in numbered lines', '014\r0: 49 02 01 31 44 34\r1: 47 50 30 30 52 35 35\r2: 42 31 32 33 34 35 36'],
    ['without spaces', '0902\r014\r0:490201314434\r1:47503030523535\r2:42313233343536\r\r>'],
    ['without a length line', '0: 49 02 01 31 44 34\r1: 47 50 30 30 52 35 35\r2: 42 31 32 33 34 35 36'],
    ['in CAN frames', '7E8 10 14 49 02 01 31 44 34\r7E8 21 47 50 30 30 52 35 35\r7E8 22 42 31 32 33 34 35 36'],
    [
      'in messages of older buses',
      '49 02 01 00 00 00 31\r49 02 02 44 34 47 50\r49 02 03 30 30 52 35\r49 02 04 35 42 31 32\r49 02 05 33 34 35 36',
    ],
  ])('%s', (_, text) => expect(read(text)).toEqual([['vin', VIN]]));

  test('one message missing', () => {
    expect(read('49 02 01 00 00 00 31\r49 02 03 30 30 52 35')).toEqual(['out-of-sequence', 'ambiguous']);
    expect(read('49 02 01 00 00 00 31\r49 02 02 44 34 47 50')).toEqual(['incomplete']);
  });

  test('two ECUs that cannot be told apart are refused, not mixed', () => {
    const lines = [1, 2, 3, 4, 5].flatMap((number) => [`49 02 0${number} 41 41 41 41`, `49 02 0${number} 42 42 42 42`]);
    expect(read(lines.join('\r')).every((item) => item === 'ambiguous' || item === 'out-of-sequence')).toBe(true);
    expect(
      read('014\r014\r0: 49 02 01 31 44 34\r0: 49 02 01 31 44 34\r1: 47 50 30 30 52 35 35\r1: 47 50 30 30 52 35 35'),
    ).toEqual(['ambiguous', 'out-of-sequence']);
  });

  test('characters that no VIN has', () => {
    expect(read('014\r0: 49 02 01 31 44 34\r1: 47 50 30 30 52 35 35\r2: 42 31 32 33 34 35 4F')).toEqual(['bad-text']);
  });
});

test('information types supported, with and without the message number of older buses', () => {
  expect(read('49 00 55 40 00 00')).toEqual([['supportedInfoTypes', [2, 4, 6, 8, 10]]]);
  expect(read('49 00 01 55 40 00 00')).toEqual([['supportedInfoTypes', [2, 4, 6, 8, 10]]]);
});

test('calibration identifications and verification numbers', () => {
  const id = '4A 4D 42 2A 33 36 37 36 31 35 30 30 00 00 00 00';
  expect(read(`7E8 10 13 49 04 01 ${id.slice(0, 8)}\r7E8 21 ${id.slice(9, 29)}\r7E8 22 ${id.slice(30)} 00`)).toEqual([
    ['calibrationIds', ['JMB*36761500']],
  ]);
  expect(read('49 06 01 17 91 BC 82')).toEqual([['calibrationNumbers', ['1791BC82']]]);
  expect(read('00B\r0: 49 06 02 17 91 BC\r1: 82 16 E0 62 BE 00 00')).toEqual([
    ['calibrationNumbers', ['1791BC82', '16E062BE']],
  ]);
  expect(read('49 06 01 17 91 BC 82\r49 06 01 16 E0 62 BE')).toEqual([
    ['calibrationNumbers', ['1791BC82']],
    ['calibrationNumbers', ['16E062BE']],
  ]);
});

test('the name of the ECU', () => {
  const name = '45 43 4D 00 2D 45 6E 67 69 6E 65 43 6F 6E 74 72 6F 6C 00 00'.split(' ');
  const lines = ['017', `0: 49 0A 01 ${name.slice(0, 3).join(' ')}`];
  lines.push(`1: ${name.slice(3, 10).join(' ')}`, `2: ${name.slice(10, 17).join(' ')}`);
  lines.push(`3: ${name.slice(17).join(' ')} 00 00 00 00`);
  expect(read(lines.join('\r'))).toEqual([['ecuName', 'ECM-EngineControl']]);
});

test('counters are given as they are', () => {
  expect(read('49 08 01 00 05 01 00\r49 08 02 00 06 00 07')).toEqual([['sparkTrackingCounters', [5, 256, 6, 7]]]);
  expect(read('49 01 05')).toEqual([['vinMessageCount', 5]]);
});
