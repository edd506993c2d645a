import fc from 'fast-check';
import { expect, it } from 'vitest';
import { syntaxFault } from './json-syntax.ts';

function faultOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return syntaxFault(text, error as Error);
  }
}

it.each([
  ['{"speedKmh":NaN}', 'at position 12: JSON has no NaN'],
  ['{"a":"NaN","b":[Infinity]}', 'at position 16: JSON has no Infinity'],
  ['{"a":-Infinity}', 'at position 6: JSON has no Infinity'],
  ['vehicle=car-1', 'at position 0'],
  ['"at position 7" at position 9', 'at position 16'],
  ['look at position 7', 'at position 0'],
  ['{"a":1,"b":nil}', 'at position 11'],
  ['{"a":1 "b":2}', 'at position 7'],
  ['{"a":1}}', 'at position 7'],
  ['[1,]', 'a value is missing'],
  ['{"a":}', 'a value is missing'],
  ['', 'it ends too early'],
  ['[1,', 'it ends too early'],
])('of %s it says where, or what', (text, fault) => {
  expect(faultOf(text)).toBe(fault);
});

it('says nothing of the text', () => {
  const words = /^at position \d+(?:: JSON has no (?:NaN|Infinity))?$|^it ends too early$|^a value is missing$/;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((text) => `${text.slice(0, -2)}nil`),
      ),
      (text) => {
        expect(faultOf(text) ?? 'a value is missing').toMatch(words);
      },
    ),
  );
});
