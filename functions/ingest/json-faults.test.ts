import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { countBytes, maxJsonDepth, parsedFault, unparsedFault } from './json-faults.ts';

const faultOf = (text: string) => parsedFault(Buffer.from(text), text, JSON.parse(text));
const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;

describe('the faults that JSON.parse lets through', () => {
  it.each([
    ['a name twice', '{"a":1,"b":2,"a":1}', 'it has a name twice in one object, at position 13'],
    ['a name twice, once escaped', String.raw`{"a":1,"\u0061":2}`, 'it has a name twice in one object, at position 7'],
    [
      'a name twice, where its value is a string',
      '{"a":"x","a":"y"}',
      'it has a name twice in one object, at position 9',
    ],
    ['__proto__', '{"__proto__":{}}', 'it has the name __proto__, at position 1'],
    ['__proto__, escaped', String.raw`{"a":[{"\u005f_proto__":1}]}`, 'it has the name __proto__, at position 7'],
    ['a level too many', `[${nested(maxJsonDepth)}]`, `it nests deeper than ${maxJsonDepth}, at position 92`],
  ])('%s', (_, text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it.each([
    ['as deep as may be', nested(maxJsonDepth)],
    ['the same name in several objects', '[{"a":1},{"a":{"a":"a"}}]'],
    ['quotes and escapes in strings', String.raw`{"a":"\"a\":","b":"\\","c":"\\\"","":"\u005f_proto__"}`],
    ['__proto__ as a value', '{"a":"__proto__","b":["__proto__"]}'],
    ['braces in strings', `{"a":"${'[{'.repeat(100)}","b":[]}`],
    ['no name at all', '[[],[[]],{},"a",1,null]'],
  ])('are not in what has %s', (_, text) => {
    expect(faultOf(text)).toBeUndefined();
  });

  test('are those that a plain recursive parser finds', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(faultOf(text) !== undefined).toBe(oracle(text));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('what is large and deep is refused unparsed', () => {
  it('when it nests', () => {
    expect(unparsedFault(Buffer.from('['.repeat(70_000)))).toMatch(/deeper/);
    expect(unparsedFault(Buffer.from('{"a":['.repeat(40_000)))).toMatch(/deeper/);
  });
  it('not when it is only long', () => {
    expect(unparsedFault(Buffer.from(`[${'{},'.repeat(70_000)}{}]`))).toBeUndefined();
    expect(unparsedFault(Buffer.from(`"${'['.repeat(70_000)}"`))).toBeUndefined();
    expect(unparsedFault(Buffer.from('['.repeat(1_000)))).toBeUndefined();
  });
});

test('bytes are counted at any length and offset', () => {
  const bytes = fc.uint8Array({ minLength: 0, maxLength: 3_000 }).map((some) => some.map((byte) => interesting(byte)));
  fc.assert(
    fc.property(bytes, fc.nat(7), fc.constantFrom(0x22, 0x7b, 0x00, 0xff), (all, skip, byte) => {
      const part = all.subarray(skip);
      expect(countBytes(part, byte)).toBe(part.filter((one) => one === byte).length);
      expect(countBytes(part, byte | 0x20, 0x20)).toBe(part.filter((one) => (one | 0x20) === (byte | 0x20)).length);
    }),
  );
  expect(countBytes(new Uint8Array(4_000).fill(0x22), 0x22)).toBe(4_000);
});

const interesting = (byte: number) => [0x22, 0x5b, 0x7b, 0xa2, 0x21, 0x23, 0x00, 0xff][byte % 9] ?? byte;

/** JSON texts of few names, so that some come twice, with spaces and escapes. */
const name = fc.constantFrom('a', 'b', 'ä', '\\u0061', '__proto__', '\\u005f_proto__', '', 'a b', '\\"', ':{[');
const leaf = fc.oneof(
  fc.constantFrom('1', '-0.5e3', 'true', 'null', '""', '"a"', '"\\\\"', '"\\","', '"{\\"a\\":1}"', '"é\\ud800"'),
  fc.string().map((text) => JSON.stringify(text)),
);
const space = fc.constantFrom('', ' ', '\n\t');
const { texts } = fc.letrec<{ texts: string }>((tie) => ({
  texts: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.tuple(space, fc.array(tie('texts'), { maxLength: 4 })).map(([gap, items]) => `[${items.join(`,${gap}`)}${gap}]`),
    fc
      .tuple(space, fc.array(fc.tuple(name, tie('texts')), { maxLength: 4 }))
      .map(([gap, members]) => `{${gap}${members.map(([key, value]) => `"${key}"${gap}:${value}`).join(',')}}`),
    fc.tuple(tie('texts'), fc.integer({ min: 28, max: 34 })).map(([text, n]) => '['.repeat(n) + text + ']'.repeat(n)),
  ),
}));

/** Whether a JSON text has a fault, by recursive descent over its tokens. */
function oracle(text: string): boolean {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g) ?? [];
  let at = 0;
  const value = (depth: number): boolean => {
    const token = tokens[at++];
    if (token !== '[' && token !== '{') return false;
    const close = token === '[' ? ']' : '}';
    const names: string[] = [];
    let faulty = depth > maxJsonDepth;
    while (tokens[at] !== close) {
      if (tokens[at] === ',') at++;
      if (token === '{') {
        names.push(JSON.parse(tokens[at] ?? ''));
        at += 2;
      }
      if (value(depth + 1)) faulty = true;
    }
    at++;
    return faulty || names.includes('__proto__') || new Set(names).size < names.length;
  };
  return value(1);
}
