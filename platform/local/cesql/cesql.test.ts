import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../functions/lib/telemetry/events.ts';
import { cesql, cesqlFilter } from './cesql.ts';
import { CesqlSyntaxError } from './syntax-error.ts';

const event: CloudEvent = {
  specversion: '1.0',
  id: '1',
  source: '/edge/car-1',
  type: 'fleet.trip.ended',
  subject: 'car-1',
  fleetshard: 2,
  late: true,
  hop: '5',
  ttl: '10',
  data: { type: 'x' },
};
const result = (expression: string) => cesql(expression)(event);
const value = (expression: string) => {
  const { value, error } = result(expression);
  return error ?? value;
};

describe('literals and attributes', () => {
  it.each([
    ["'it\\'s'", "it's"],
    ['"say \\"yes\\""', 'say "yes"'],
    ["'a\\\\b'", 'a\\\\b'],
    ["''", ''],
    ['-2147483648', -2147483648],
    ['+5', 5],
    ['--5', 5],
    ['tRuE', true],
    ['subject', 'car-1'],
    ['SUBJECT', 'car-1'],
    ['fleetshard', 2],
    ['late', true],
    ['missing', 'missingAttribute'],
    ['data', 'missingAttribute'],
    ['constructor', 'missingAttribute'],
    ['EXISTS subject AND NOT EXISTS missing', true],
    ['EXISTS data', false],
  ])('%s is %j', (expression, expected) => expect(value(expression)).toBe(expected));
});

describe('operators', () => {
  it.each([
    ['hop < ttl', true],
    ["'5' > '10'", false],
    ['5/3', 1],
    ['-5 / 3', -1],
    ['-5 % 3', -2],
    ['7-2', 5],
    ['2147483647 + 1', 'math'],
    ['1 / 0', 'math'],
    ['1 + late', 2],
    ["1 + 'one'", 'cast'],
    ["'1.5' = 1", 'cast'],
    ["subject = 'car-1'", true],
    ["subject <> 'car-2'", true],
    ['late = TRUE', true],
    ['TRUE XOR TRUE', false],
    ["subject IN ('car-2', 'car-1', missing)", true],
    ["subject NOT IN ('car-2')", true],
    ["subject IN ('car-2', missing)", 'missingAttribute'],
    ["2 IN ('a')", 'cast'],
    ['FALSE AND missing', false],
    ['TRUE OR missing', true],
    ["missing = '' OR TRUE", 'missingAttribute'],
  ])('%s is %j', (expression, expected) => expect(value(expression)).toBe(expected));

  it.each([
    // Unary before LIKE before * before + before comparison before logic.
    ['NOT late = FALSE', true],
    ["-5 LIKE '-5'", true],
    ["2 * 3 LIKE '3'", 2],
    ['1 + 2 * 3', 7],
    ['10 - 2 - 3', 5],
    ['1 + 1 = 2', true],
    // One level, to the right.
    ['FALSE AND FALSE OR TRUE', false],
    ['(FALSE AND FALSE) OR TRUE', true],
    ['TRUE OR FALSE AND FALSE', true],
    ["subject LIKE 'car%' AND type LIKE '%.ended' AND fleetshard = 2", true],
  ])('bind as the grammar says: %s is %j', (expression, expected) => expect(value(expression)).toBe(expected));

  it.each([
    ["'a\u{1f697}b' LIKE 'a_b'", true],
    ["'100%' LIKE '100\\%'", true],
    ["'1000' LIKE '100\\%'", false],
    ["'a\nb' LIKE 'a%b'", true],
    ["'a.c' LIKE 'abc'", false],
    ["'aXbXc' LIKE '%X%'", true],
    ["'' LIKE '%'", true],
    ["'' LIKE '_'", false],
    ["'abcab' LIKE '%ab'", true],
    ["missing NOT LIKE 'x'", 'missingAttribute'],
  ])('match patterns: %s is %j', (expression, expected) => expect(value(expression)).toBe(expected));

  it('match any pattern in time, and as a plain search does', () => {
    const hard = `'${'a'.repeat(2_000)}' LIKE '${'%a'.repeat(500)}b'`;
    expect(value(hard)).toBe(false);
    const letters = fc.array(fc.constantFrom('a', 'b', '%', '_'), { maxLength: 8 }).map((all) => all.join(''));
    const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map((all) => all.join(''));
    fc.assert(
      fc.property(texts, letters, (text, pattern) => {
        const expression = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`, 's');
        expect(value(`'${text}' LIKE '${pattern}'`)).toBe(expression.test(text));
      }),
    );
  });
});

describe('functions', () => {
  it.each([
    ["LENGTH('\u{1f697}é')", 2],
    ["left('abc', 2)", 'ab'],
    ["RIGHT('abc', 0)", ''],
    ["RIGHT('abc', 5)", 'abc'],
    ["SUBSTRING('abcdef', -2)", 'ef'],
    ["SUBSTRING('abcdef', 2, 2)", 'bc'],
    ["SUBSTRING('abc', 2, -1)", 'functionEvaluation'],
    ["CONCAT_WS('-', subject, fleetshard, late)", 'car-1-2-true'],
    ['BOOL(fleetshard)', true],
    ["INT('2147483648')", 'cast'],
    ['STRING(late)', 'true'],
    ["ABS('-3')", 3],
    ["UPPER('straße')", 'STRASSE'],
    ['LENGTH()', 'missingFunction'],
    ["LENGTH('a', 'b')", 'missingFunction'],
    ['NOSUCH(1)', 'missingFunction'],
    ['LENGTH(missing)', 'missingAttribute'],
    ["LEFT('abc', 'x')", 'cast'],
    ["CONSTRUCTOR('a')", 'missingFunction'],
  ])('%s is %j', (expression, expected) => expect(value(expression)).toBe(expected));
});

describe('text that is no expression', () => {
  it.each([
    ['', 'the end where an expression should be at character 1'],
    ['a =', 'the end where an expression should be at character 4'],
    ['(a', 'the end where ) should be at character 3'],
    ['a b', '"b" where end should be at character 3'],
    ["'open", 'a string without its end at character 1'],
    ['a = 2147483648', '+2147483648 is no integer of 32 bits at character 5'],
    ['a LIKE b', '"b" where string should be at character 8'],
    ['a IN ()', '")" where an expression should be at character 7'],
    ['a NOT b', '"NOT" where end should be at character 3'],
    ['EXISTS and', '"and" where an expression should be at character 8'],
    ['a_b = 1', '"a_b" where an expression should be at character 1'],
    ['a ; b', 'unexpected ";" at character 3'],
    ["a = 'x' 'y'", '"y" where end should be at character 9'],
    ['ABS(1,)', '")" where an expression should be at character 7'],
  ])('%j: %s', (expression, message) => {
    const refusal = (): unknown => {
      try {
        return cesql(expression);
      } catch (error) {
        return error;
      }
    };
    expect(refusal()).toBeInstanceOf(CesqlSyntaxError);
    expect(refusal()).toHaveProperty('message', message);
  });

  it('is bounded in length and depth', () => {
    expect(() => cesql(`'${'x'.repeat(5_000)}'`)).toThrow('more than 4096 characters');
    expect(() => cesql(`${'('.repeat(2_000)}1${')'.repeat(2_000)}`)).toThrow('nested deeper than 64');
    expect(() => cesql(`${'NOT '.repeat(1_000)}TRUE`)).toThrow('nested deeper than 64');
    expect(() => cesql(`${'TRUE AND '.repeat(400)}TRUE`)).toThrow('nested deeper than 64');
  });

  it('is all that ever throws', () => {
    const pieces = fc.constantFrom(
      'a',
      '1',
      "'x'",
      'NOT',
      'AND',
      'OR',
      '=',
      '<',
      '-',
      '+',
      '(',
      ')',
      ',',
      'IN',
      'LIKE',
      'EXISTS',
      'ABS',
      '%',
      ' ',
      "'",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (all) => {
        let evaluate: ReturnType<typeof cesql>;
        try {
          evaluate = cesql(all.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(CesqlSyntaxError);
          return;
        }
        expect(['string', 'number', 'boolean']).toContain(typeof evaluate(event).value);
      }),
      { numRuns: 500 },
    );
  });
});

describe('as a filter', () => {
  it.each([
    ["subject = 'car-1'", true],
    ["subject = 'car-2'", false],
    ['missing OR TRUE', false],
    ['NOT missing', false],
    ['1', false],
    ["'true'", false],
    ['NOT 10', false],
  ])('%s is %j', (expression, expected) => expect(cesqlFilter(expression)(event)).toBe(expected));
});
