import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { problemCodes } from '../../functions/lib/problem.ts';
import { eventTypes } from '../../functions/lib/telemetry/events.ts';
import { root } from './program.ts';

/** Requests to `/ingest` as data: fixtures/invalid and fixtures/valid, each with the answer that it must get. */

/** Tokens that a case may present: of car-1, of any vehicle, for reading only, revoked. */
export const tokenNames = ['car-1', 'any', 'reader', 'revoked'] as const;
export type Tokens = Record<(typeof tokenNames)[number], string>;

const repeated = z
  .strictObject({ repeat: z.string(), times: z.int().positive() })
  .transform(({ repeat, times }) => repeat.repeat(times));
const part = z.union([z.string(), repeated, z.strictObject({ hex: z.string().regex(/^([0-9A-F]{2})*$/) })]);

const caseSchema = z.strictObject({
  name: z.string(),
  method: z.string().default('POST'),
  path: z.string().default('/ingest'),
  token: z.enum(tokenNames).default('car-1'),
  /** Over those that the body brings; null takes one away, a list sends one several times. */
  headers: z.record(z.string(), z.union([z.string(), repeated, z.array(z.string()), z.null()])).default({}),
  /** The body is one of these: attributes over a good event's (null stays null), with those of `without` taken away, */
  event: z.record(z.string(), z.unknown()).optional(),
  without: z.array(z.string()).default([]),
  /** the same in headers, its data in the body, */
  binary: z.record(z.string(), z.string()).optional(),
  /** a batch of such events, */
  batch: z.array(z.record(z.string(), z.unknown())).optional(),
  /** JSON without an envelope, */
  plain: z.unknown().optional(),
  /** or bytes. */
  body: z.array(part).optional(),
  /** What is done to the body, in this order. */
  steps: z
    .array(
      z.union([
        z.literal('gzip'),
        z.strictObject({ append: z.string() }),
        z.strictObject({ drop: z.int() }),
        z.strictObject({ times: z.int() }),
      ]),
    )
    .default([]),
  chunked: z.boolean().default(false),
  /** Stands for the whole request. */
  raw: z.array(part).optional(),
  status: z.int(),
  /** Of the problem. */
  code: z.enum(problemCodes).optional(),
  /** Samples that are accepted. */
  accepted: z.int().optional(),
  /** What the answer's headers, its detail and its list of errors must have in them. */
  answer: z.record(z.string(), z.string()).default({}),
  detail: z.string().optional(),
  errors: z.array(z.record(z.string(), z.unknown())).optional(),
});
export type Case = z.infer<typeof caseSchema>;

/** The cases of a folder of fixtures, by file. Throws for one that is written wrongly. */
export function readCases(folder: 'invalid' | 'valid'): [group: string, cases: Case[]][] {
  const path = join(root, 'fixtures', folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [
      `${folder}/${file}`,
      z.array(caseSchema).parse(JSON.parse(readFileSync(join(path, file), 'utf8'))),
    ]);
}

/** The request of a case, byte by byte. `timeMs` makes its samples different from those of other cases. */
export function requestOf(one: Case, tokens: Tokens, host: string, timeMs: number): Buffer {
  const fill = filler({ ...tokens, token: tokens[one.token], host }, timeMs, Date.now());
  if (one.raw) return Buffer.concat(one.raw.map((piece) => bytesOf(piece, fill)));
  const { type, body: plain, attributes } = contentOf(one, fill);
  const body = one.steps.reduce<Buffer>(changed, plain);
  const headers: Record<string, string | string[] | null> = {
    Host: host,
    Authorization: `Bearer ${tokens[one.token]}`,
    'Content-Type': type,
    ...attributes,
    ...(one.chunked ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(body.length) }),
    ...one.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    (values === null ? [] : [values].flat()).map((value) => `${name}: ${fill(value)}\r\n`),
  );
  const head = Buffer.from(`${one.method} ${fill(one.path)} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return Buffer.concat([head, one.chunked ? chunked(body) : body]);
}

interface Content {
  type: string | null;
  body: Buffer;
  attributes?: Record<string, string | null>;
}

function contentOf({ event, without, binary, batch, plain, body }: Case, fill: (text: string) => string): Content {
  const json = (value: unknown) => Buffer.from(fill(JSON.stringify(value)));
  const eventOf = (over: object, removed: readonly string[] = []) =>
    Object.fromEntries(Object.entries({ ...goodEvent, ...over }).filter(([name]) => !removed.includes(name)));
  if (event) return { type: 'application/cloudevents+json', body: json(eventOf(event, without)) };
  if (batch) {
    // An item that is no object stands as it is, under `item`.
    const items = batch.map((over) => ('item' in over ? over.item : eventOf(over)));
    return { type: 'application/cloudevents-batch+json', body: json(items) };
  }
  if (binary) {
    const { data, ...attributes } = eventOf(binary, without);
    const headers = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]),
    );
    return { type: 'application/json', body: json(data), attributes: headers };
  }
  if (body) return { type: 'application/json', body: Buffer.concat(body.map((piece) => bytesOf(piece, fill))) };
  return plain === undefined ? { type: null, body: Buffer.alloc(0) } : { type: 'application/json', body: json(plain) };
}

const goodEvent = {
  specversion: '1.0',
  id: '1',
  source: '/edge/car-1',
  type: eventTypes.reported,
  subject: 'car-1',
  data: { time: '{second}Z', speedKmh: 50 },
};

function changed(body: Buffer, step: Case['steps'][number]): Buffer {
  if (step === 'gzip') return gzipSync(body);
  if ('append' in step) return Buffer.concat([body, Buffer.from(step.append)]);
  if ('drop' in step) return body.subarray(0, -step.drop);
  return Buffer.concat(Array.from({ length: step.times }, () => body));
}

function chunked(body: Buffer): Buffer {
  const pieces: (string | Buffer)[] = [];
  for (let at = 0; at < body.length; at += 10_000) {
    const piece = body.subarray(at, at + 10_000);
    pieces.push(`${piece.length.toString(16)}\r\n`, piece, '\r\n');
  }
  return Buffer.concat(
    [...pieces, '0\r\n\r\n'].map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
  );
}

function bytesOf(piece: z.infer<typeof part>, fill: (text: string) => string): Buffer {
  return typeof piece === 'string' ? Buffer.from(fill(piece)) : Buffer.from(piece.hex, 'hex');
}

/** `{second}` is the case's own time without its offset, `{minute}` without its seconds; `{now-90}` is so many s from now. */
function filler(words: Record<string, string>, caseMs: number, nowMs: number): (text: string) => string {
  const second = new Date(caseMs).toISOString().slice(0, 19);
  const all: Record<string, string> = { ...words, second, minute: second.slice(0, 16) };
  return (text) =>
    text.replace(/\{(?:now([+-]\d+)|([\w-]+))\}/g, (found, seconds, word) =>
      seconds === undefined ? (all[word] ?? found) : new Date(nowMs + Number(seconds) * 1_000).toISOString(),
    );
}
