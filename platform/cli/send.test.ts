import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chunkLimits, chunksOf } from './chunks.ts';
import { exitCodes } from './exit.ts';
import { parseReports, type Report } from './report-file.ts';
import { type Answer, deadUrl, run, type Seen, serve } from './test-world.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'send-'));
});
afterAll(() => rm(folder, { recursive: true }));

const startMs = Date.UTC(2026, 0, 1);
const sample = (second: number) => ({ time: new Date(startMs + second * 1_000).toISOString(), speedKmh: second % 100 });
const event = (second: number) => ({
  specversion: '1.0',
  id: `e-${second}`,
  source: '/edge/car-1',
  type: 'fleet.telemetry.reported',
  subject: 'car-1',
  data: sample(second),
});
const events = (count: number) => Array.from({ length: count }, (_, i) => event(i));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function sending(argv: string[], answers: (seen: Seen, at: number) => Answer = () => ({ status: 202 })) {
  let at = 0;
  const server = await serve((seen) => answers(seen, at++));
  try {
    return { ...(await run(['send', ...argv, '--url', server.url, '--token', 'a.b'])), seen: server.seen };
  } finally {
    await server.close();
  }
}

describe('what a file may hold', () => {
  const batch = 'application/cloudevents-batch+json';
  test.each([
    ['a batch', events(3), batch, events(3)],
    ['one event', event(1), batch, [event(1)]],
    [
      'lines of events',
      `${events(3)
        .map((one) => JSON.stringify(one))
        .join('\n')}\n`,
      batch,
      events(3),
    ],
    [
      'lines of batches',
      `${JSON.stringify(events(2))}\r\n\n${JSON.stringify(events(1))}`,
      batch,
      [...events(2), ...events(1)],
    ],
    ['plain JSON', { vehicle: 'car-1', ...sample(1) }, 'application/json', { vehicle: 'car-1', samples: [sample(1)] }],
    ['plain samples', { samples: [sample(1), sample(2)] }, 'application/json', { samples: [sample(1), sample(2)] }],
    [
      'lines of plain JSON',
      [sample(1), sample(2)].map((one) => JSON.stringify({ vehicle: 'car-1', ...one })).join('\n'),
      'application/json',
      { vehicle: 'car-1', samples: [sample(1), sample(2)] },
    ],
  ])('%s is sent', async (name, content, contentType, body) => {
    const { code, out, seen } = await sending([await file(name, content)]);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^\d samples accepted\n$/) });
    expect(seen).toMatchObject([{ method: 'POST', path: '/ingest', authorization: 'Bearer a.b', contentType }]);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(body);
  });

  test.each([
    ['nothing', '', exitCodes.data],
    ['an empty batch', '[]', exitCodes.data],
    ['a broken line', `${JSON.stringify(event(1))}\n{"`, exitCodes.data],
    ['numbers', '[1,2]', exitCodes.data],
    ['a vehicle that is no text', '{"vehicle":1}', exitCodes.data],
  ])('%s is not sent', async (name, content, exitCode) => {
    const { code, err, seen } = await sending([await file(name, content)]);
    expect({ code, seen }).toEqual({ code: exitCode, seen: [] });
    expect(err).toContain(name);
  });

  test('a missing file is named', async () => {
    const { code, err } = await sending([join(folder, 'missing.json')]);
    expect(code).toBe(exitCodes.noInput);
    expect(err).toContain('missing.json');
  });

  test('- is standard input', async () => {
    const server = await serve(() => ({ status: 202 }));
    const { code } = await run(['send', '-', '--url', server.url], {}, { read: async () => JSON.stringify(events(2)) });
    await server.close();
    expect({ code, requests: server.seen.length }).toEqual({ code: 0, requests: 1 });
  });
});

describe('requests', () => {
  test('a large batch is cut into requests of at most 500 events, in order', async () => {
    const { out, seen } = await sending([await file('large.json', events(1_234)), '--json']);
    const bodies = seen.map(({ body }) => JSON.parse(body) as unknown[]);
    expect(bodies.map(({ length }) => length)).toEqual([500, 500, 234]);
    expect(bodies.flat()).toEqual(events(1_234));
    expect(JSON.parse(out)).toEqual({ accepted: 1_234, requests: 3 });
  });

  test('any reports come out whole, in order, and within the limits', () => {
    const plain = fc.record({
      kind: fc.constant('plain'),
      vehicle: fc.constantFrom('a', 'b', undefined),
      samples: fc.array(fc.nat(3).map(sample)),
    });
    const envelope = fc.record({
      kind: fc.constant('event'),
      event: fc.integer({ min: 1, max: 700_000 }).map((n) => ({ ...event(n), pad: 'é'.repeat(n / 2) })),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, envelope), { maxLength: 8 }), (reports) => {
        const chunks = [...chunksOf(reports as unknown as Report[])];
        for (const { text } of chunks) expect(Buffer.byteLength(text)).toBeLessThan(1_048_576);
        const flat = chunks.flatMap(({ text }) => {
          const body = JSON.parse(text);
          return Array.isArray(body) ? body : body.samples.map((one: object) => ({ vehicle: body.vehicle, ...one }));
        });
        const wanted = reports.flatMap((report): object[] =>
          'event' in report ? [report.event] : report.samples.map((one) => ({ vehicle: report.vehicle, ...one })),
        );
        expect(flat).toEqual(JSON.parse(JSON.stringify(wanted)));
      }),
      { numRuns: 30 },
    );
  });

  test('events of many samples count by their samples', () => {
    const many = { ...event(1), data: { samples: Array.from({ length: 3_000 }, (_, i) => sample(i)) } };
    const chunks = [...chunksOf(parseReports(JSON.stringify([many, many, many]), 'x'))];
    expect(chunks.every(({ samples }) => samples <= chunkLimits.samples)).toBe(true);
    expect(chunks).toHaveLength(3);
  });

  test('an event that fits into no request is refused before anything is sent', async () => {
    const { code, seen } = await sending([
      await file('huge.json', [event(1), { ...event(2), pad: 'x'.repeat(1_100_000) }]),
    ]);
    expect({ code, seen }).toEqual({ code: exitCodes.data, seen: [] });
  });

  test('a busy server is waited for as long as it says', async () => {
    const answers = [
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503, headers: { 'retry-after': '9999' } },
      { status: 202 },
    ];
    const { code, waits, seen } = await sending([await file('busy.json', events(1))], (_, at) => answers[at] as Answer);
    expect({ code, waits, requests: seen.length }).toEqual({ code: 0, waits: [7_000, 60_000], requests: 3 });
  });

  test('a server that stays busy is given up on', async () => {
    const { code, waits } = await sending([await file('stuck.json', events(1))], () => ({ status: 503 }));
    expect({ code, waits: waits.length }).toEqual({ code: exitCodes.temporary, waits: 7 });
  });

  test('a refusal is not repeated, and names the items by their place in the file', async () => {
    const body = JSON.stringify({
      detail: 'bad samples',
      errors: [{ index: 3, pointer: '/data/speedKmh', detail: 'must be at most 400' }],
    });
    const { code, err, seen } = await sending([await file('bad.json', events(600))], (_, at) =>
      at === 0 ? { status: 202 } : { status: 422, body },
    );
    expect({ code, requests: seen.length }).toEqual({ code: exitCodes.data, requests: 2 });
    expect(err).toContain('500 of 600 samples were accepted');
    expect(err).toContain('item 503/data/speedKmh: must be at most 400');
  });

  test('a fault of many items is said once, with how many there are', async () => {
    const errors = [
      ...Array.from({ length: 40 }, (_, index) => ({ index, pointer: '/subject', detail: 'not bound to car-1' })),
      ...[0, 1].map((i) => ({ index: 41, pointer: `/data/samples/${i}/rpm`, detail: 'must be at least 0' })),
      { index: 42, pointer: '/data/speedKmh', detail: 'must be at most 400' },
    ];
    const body = JSON.stringify({ detail: 'no', errors });
    const { err } = await sending([await file('same.json', events(43))], () => ({ status: 403, body }));
    expect(err.split('\n')).toEqual([
      'fleet: no',
      '  item 0/subject: not bound to car-1 (40 of these)',
      '  item 41/data/samples/0/rpm: must be at least 0 (2 of these)',
      '  item 42/data/speedKmh: must be at most 400',
      '',
    ]);
  });

  test('a refused token and a server that is down have exit codes of their own', async () => {
    const path = await file('one.json', events(1));
    expect((await sending([path], () => ({ status: 401 }))).code).toBe(exitCodes.auth);
    expect((await run(['send', path, '--url', await deadUrl()])).code).toBe(exitCodes.unavailable);
  });

  test('progress is shown only on a terminal, and on stderr', async () => {
    const server = await serve(() => ({ status: 202 }));
    const path = await file('progress.json', events(600));
    const shown = await run(['send', path, '--url', server.url], {}, { progress: true });
    await server.close();
    expect(shown.err).toBe('\r500 of 600 samples\r600 of 600 samples\n');
    expect(shown.out).toBe('600 samples accepted\n');
  });
});

describe('shifting', () => {
  const nowMs = Date.UTC(2026, 5, 1, 12, 0, 0, 400);
  const now = () => nowMs;

  test.each([
    [['--shift'], 3_600_000],
    [['--shift', '2d'], 172_800_000],
  ])('%o puts the last sample so long ago', async (argv, agoMs) => {
    const server = await serve(() => ({ status: 202 }));
    await run(['send', await file('shift.json', events(10)), '--url', server.url, ...argv], {}, { now });
    await server.close();
    const times = (JSON.parse(server.seen[0]?.body ?? '') as { data: { time: string } }[]).map(({ data }) =>
      Date.parse(data.time),
    );
    expect(nowMs - (times.at(-1) ?? 0)).toBeGreaterThanOrEqual(agoMs);
    expect(nowMs - (times.at(-1) ?? 0)).toBeLessThan(agoMs + 1_000);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(9_000);
  });

  test('plain reports are shifted as well', async () => {
    const server = await serve(() => ({ status: 202 }));
    const path = await file('plain.json', { vehicle: 'car-1', samples: [sample(0), sample(5)] });
    await run(['send', path, '--url', server.url, '--shift'], {}, { now });
    await server.close();
    const { vehicle, samples } = JSON.parse(server.seen[0]?.body ?? '');
    expect(vehicle).toBe('car-1');
    expect(samples.map(({ time }: { time: string }) => time)).toEqual([
      '2026-06-01T10:59:55.000Z',
      '2026-06-01T11:00:00.000Z',
    ]);
  });

  test('shift prints a batch that can be sent by other means', async () => {
    const { code, out, err } = await run(['shift', await file('print.json', events(3)), '--ago', '30m'], {}, { now });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const shifted = JSON.parse(out) as ReturnType<typeof events>;
    expect(shifted.at(-1)?.data).toEqual({ time: '2026-06-01T11:30:00.000Z', speedKmh: 2 });
    expect(shifted.map(({ subject }) => subject)).toEqual(['car-1', 'car-1', 'car-1']);
  });

  test('what has no times cannot be shifted', async () => {
    const { code } = await run(['shift', await file('timeless.json', [{ ...event(1), data: { speedKmh: 1 } }])]);
    expect(code).toBe(exitCodes.data);
  });
});
