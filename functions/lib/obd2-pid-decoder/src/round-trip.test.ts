import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message, PidValue } from './answer.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeFrames } from './decode-frames.ts';
import { type AnswerInput, encodeAnswer, encodeFrames, type TextOptions } from './encode-answer.ts';
import { encodePid } from './encode-pid.ts';
import type { Field, PidRow } from './pid-row.ts';
import { PIDS } from './pid-table.ts';
import { decodeTroubleCode } from './trouble-code.ts';

type Value = PidValue['value'];

const byteHex = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(''));

/** Any value the field can hold. */
function anyValue(field: Field, row: PidRow): fc.Arbitrary<Value> {
  switch (field.kind) {
    case 'number':
      return fc.oneof(
        fc.double({ min: field.min, max: field.max, noNaN: true }),
        fc.constantFrom(field.min, field.max),
      );
    case 'flag':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...Object.values(field.words));
    case 'set':
      return fc.subarray([...field.words]);
    case 'pids':
      return fc.subarray(Array.from({ length: 32 }, (_, bit) => field.base + 1 + bit));
    case 'code':
      return fc.integer({ min: 1, max: 0xffff }).map((raw) => decodeTroubleCode(raw >> 8, raw & 0xff));
    case 'raw':
      return byteHex(field.size ?? (row.bytes === null ? 5 : row.bytes - field.at));
  }
}

const rowAndValues = fc.constantFrom(...PIDS).chain((row) =>
  fc
    .tuple(
      fc.tuple(...row.values.map((field) => anyValue(field, row))),
      fc.subarray(row.values.map((_, index) => index)),
    )
    .map(([values, chosen]) => {
      // Values that exclude each other (petrol and diesel monitors, normal and wide range) are dropped in turn.
      const given: Record<string, Value> = {};
      for (const [index, field] of row.values.entries()) {
        const value = values[index];
        const optional = field.needs.length > 0 || field.at >= (row.bytes ?? 0);
        if (value === undefined || (optional && row.bytes !== null && !chosen.includes(index))) continue;
        given[field.name] = value;
        const attempt = encodePid(row.pid, given);
        if (!attempt.ok && attempt.error.code === 'conflict') delete given[field.name];
      }
      return { row, given };
    }),
);

const textOptions: fc.Arbitrary<TextOptions> = fc.record({
  headers: fc.boolean(),
  spaces: fc.boolean(),
  ecu: fc.constantFrom('7E8', '7EF', '18DAF110'),
});

function decoded(input: AnswerInput, options: TextOptions): readonly Message[] {
  const text = encodeAnswer(input, options);
  if (!text.ok) throw new Error(`${text.error.code}: ${text.error.detail}`);
  const answer = decodeAnswer(text.value);
  expect(answer.errors).toEqual([]);
  return answer.messages;
}

function lengthOf(row: PidRow, given: Record<string, Value>): number | undefined {
  const data = encodePid(row.pid, given);
  return data.ok ? data.value.length : undefined;
}

function expectNear(row: PidRow, given: Record<string, Value>, values: readonly PidValue[]): void {
  for (const [name, value] of Object.entries(given)) {
    const field = row.values.find((one) => one.name === name);
    const actual = values.find((one) => one.name === name)?.value;
    if (field?.kind === 'number') {
      // Half a step, and what arithmetic on numbers of this size loses.
      const step = field.mul / field.div / 2 + Math.abs(Number(value)) * 1e-12;
      expect(Math.abs(Number(actual) - Number(value)), `${row.name}.${name}`).toBeLessThanOrEqual(step * (1 + 1e-9));
    } else {
      expect(actual, `${row.name}.${name}`).toEqual(value);
    }
  }
}

test('every PID: encoded values come back within half a step', () => {
  fc.assert(
    fc.property(rowAndValues, fc.constantFrom(1, 2), textOptions, ({ row, given }, mode, options) => {
      const pids = [{ pid: row.pid, values: given }];
      const [message] = decoded(mode === 1 ? { mode: 1, pids } : { mode: 2, frame: 3, pids }, options);
      if (message?.kind !== 'values') throw new Error('no values');
      expect(message.pid).toBe(row.pid);
      expect(message.ecu).toBe(options.headers ? options.ecu : undefined);
      expectNear(row, given, message.values);
    }),
    { numRuns: 3000 },
  );
});

test('decoded values can be encoded again to the same bytes', () => {
  fc.assert(
    fc.property(rowAndValues, ({ row, given }) => {
      const first = encodePid(row.pid, given);
      if (!first.ok) throw new Error(first.error.detail);
      const frames = encodeFrames({ mode: 1, pids: [{ pid: row.pid, values: given }] });
      if (!frames.ok) throw new Error(frames.error.detail);
      const [message] = decodeFrames(frames.value).messages;
      if (message?.kind !== 'values') throw new Error('no values');
      const again = encodePid(row.pid, Object.fromEntries(message.values.map(({ name, value }) => [name, value])));
      expect(again).toEqual(first);
    }),
    { numRuns: 2000 },
  );
});

test('up to six PIDs in one answer', () => {
  const several = fc.array(
    rowAndValues.filter(({ row, given }) => lengthOf(row, given) === row.bytes),
    { minLength: 2, maxLength: 6 },
  );
  fc.assert(
    fc.property(several, fc.constantFrom('7E8', '18DAF1FE'), (parts, ecu) => {
      const pids = parts.map(({ row, given }) => ({ pid: row.pid, values: given }));
      const frames = encodeFrames({ mode: 1, pids }, ecu);
      if (!frames.ok) throw new Error(frames.error.detail);
      const { messages } = decodeFrames(frames.value);
      expect(messages.map((message) => (message.kind === 'values' ? message.pid : -1))).toEqual(
        parts.map(({ row }) => row.pid),
      );
      for (const [index, message] of messages.entries()) {
        const part = parts[index];
        if (part !== undefined && message.kind === 'values') expectNear(part.row, part.given, message.values);
      }
    }),
  );
});

test('trouble codes', () => {
  const codes = fc.uniqueArray(
    fc.integer({ min: 1, max: 0xffff }).map((raw) => decodeTroubleCode(raw >> 8, raw & 0xff)),
    { maxLength: 255 },
  );
  fc.assert(
    fc.property(fc.constantFrom(3 as const, 7 as const, 10 as const), codes, textOptions, (mode, list, options) => {
      expect(decoded({ mode, codes: list }, options)).toMatchObject([{ kind: 'codes', mode, codes: list }]);
    }),
  );
});

test('vehicle information', () => {
  const word = (maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...'ABCZ019-* '), maxLength }).map((text) => text.trimEnd());
  const info = fc.oneof(
    fc.record({
      pid: fc.constant(2),
      value: fc.string({ unit: fc.constantFrom(...'AHJNPRZ059'), minLength: 17, maxLength: 17 }),
    }),
    fc.record({ pid: fc.constant(4), value: fc.array(word(16), { minLength: 1, maxLength: 5 }) }),
    fc.record({ pid: fc.constant(6), value: fc.array(byteHex(4), { minLength: 1, maxLength: 5 }) }),
    fc.record({ pid: fc.constant(0x0a), value: word(20) }),
    fc.record({ pid: fc.constantFrom(8, 0x0b), value: fc.array(fc.nat(0xffff), { minLength: 16, maxLength: 40 }) }),
    fc.record({ pid: fc.constantFrom(1, 3, 5, 7, 9), value: fc.nat(255) }),
    fc.record({ pid: fc.constant(0), value: fc.subarray([1, 2, 4, 6, 10, 17, 32]) }),
  );
  fc.assert(
    fc.property(info, textOptions, ({ pid, value }, options) => {
      expect(decoded({ mode: 9, pid, value }, options)).toMatchObject([{ kind: 'info', pid, value }]);
    }),
  );
});
