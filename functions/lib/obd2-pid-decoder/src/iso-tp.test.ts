import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAnswer } from './decode-answer.ts';
import { toHex } from './hex.ts';
import { IsoTpReassembler, splitIsoTp } from './iso-tp.ts';
import { Sink } from './sink.ts';

interface Tagged {
  ecu: string;
  data: Uint8Array;
}

function reassemble(frames: readonly Tagged[]): { messages: [string, Uint8Array][]; sink: Sink } {
  const messages: [string, Uint8Array][] = [];
  const sink = new Sink();
  const isoTp = new IsoTpReassembler((ecu, bytes) => messages.push([ecu, bytes]));
  for (const { ecu, data } of frames) isoTp.add(ecu, data, sink);
  isoTp.finish(sink);
  return { messages, sink };
}

/** Both lists in their own order, mixed as `picks` says. */
function interleave<T>(a: readonly T[], b: readonly T[], picks: readonly boolean[]): T[] {
  const [left, right] = [[...a], [...b]];
  const mixed: T[] = [];
  for (const pick of picks) mixed.push(...(pick ? left.splice(0, 1) : right.splice(0, 1)));
  return [...mixed, ...left, ...right];
}

const payload = fc.uint8Array({ minLength: 1, maxLength: 300 });

test('two ECUs, any payloads, any interleaving', () => {
  fc.assert(
    fc.property(payload, payload, fc.array(fc.boolean(), { maxLength: 90 }), (a, b, picks) => {
      const tag = (ecu: string, bytes: Uint8Array): Tagged[] => splitIsoTp(bytes).map((data) => ({ ecu, data }));
      const { messages, sink } = reassemble(interleave(tag('7E8', a), tag('7E9', b), picks));
      expect(sink.errors).toEqual([]);
      expect(Object.fromEntries(messages)).toEqual({ '7E8': a, '7E9': b });
    }),
    { numRuns: 500 },
  );
});

test('the longest message', () => {
  const bytes = Uint8Array.from({ length: 4095 }, (_, index) => index & 0xff);
  const { messages } = reassemble(splitIsoTp(bytes).map((data) => ({ ecu: '7E8', data })));
  expect(messages).toEqual([['7E8', bytes]]);
});

test('a lost frame never gives a wrong message', () => {
  const long = fc.uint8Array({ minLength: 8, maxLength: 105 });
  fc.assert(
    fc.property(long, fc.nat(), (bytes, pick) => {
      const frames = splitIsoTp(bytes).map((data) => ({ ecu: '7E8', data }));
      frames.splice(pick % frames.length, 1);
      const { messages, sink } = reassemble(frames);
      expect(messages).toEqual([]);
      expect(sink.errors.length).toBeGreaterThan(0);
    }),
  );
});

test('two ECUs in text, any interleaving', () => {
  const codes = fc.uint8Array({ minLength: 20, maxLength: 40 });
  fc.assert(
    fc.property(codes, fc.array(fc.boolean(), { maxLength: 20 }), (raw, picks) => {
      const bytes = Uint8Array.from([0x49, 0x04, 2, ...raw.map((byte) => 0x41 + (byte % 26))]);
      const lines = (ecu: string) => splitIsoTp(bytes).map((data) => `${ecu} ${toHex(data, ' ')}`);
      const { messages, errors } = decodeAnswer(interleave(lines('7E8'), lines('18 DA F1 28'), picks).join('\r'));
      expect(errors).toEqual([]);
      expect(messages.map(({ ecu }) => ecu).sort()).toEqual(['18DAF128', '7E8']);
    }),
  );
});
