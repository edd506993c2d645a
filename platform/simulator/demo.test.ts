import { expect, test } from 'vitest';
import type { Log } from '../../functions/lib/ports.ts';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { runDemo } from './demo.ts';
import { createFakeClock } from './fake-clock.ts';
import { demoCars } from './fleet.ts';
import { simulateLive } from './live.ts';
import type { ReportedEvent } from './report.ts';

const startMs = Date.UTC(2026, 1, 3, 3, 30);
const historyMs = 3_600_000;
const cars = demoCars();

/** Runs the demo against a server until `untilMs` of its clock; `answer` says what the nth request gets. */
async function demoUntil(untilMs: number, answer: (request: number) => number = () => 202) {
  const clock = createFakeClock(startMs);
  const logged: string[] = [];
  const say = (_: object, message: string) => logged.push(message);
  const log: Log = { debug: say, info: say, warn: say, error: (_, message) => logged.push(`error: ${message}`) };
  const accepted: { atMs: number; events: ReportedEvent[] }[] = [];
  let requests = 0;
  const receive = async (_: Parameters<typeof fetch>[0], init?: RequestInit) => {
    const status = answer(requests++);
    if (status === 202) accepted.push({ atMs: clock.now(), events: JSON.parse(String(init?.body)) });
    if (clock.now() >= untilMs) void demo.stop();
    return new Response('{}', { status });
  };
  const signal = new AbortController().signal;
  const demo = runDemo({
    url: 'http://host',
    token: 't',
    cars,
    clock,
    log,
    historyMs,
    signal,
    fetch: receive,
    random: () => 0.5,
  });
  await demo.done;
  return { accepted, logged, requests };
}

const identity = (vehicle: string, { time, device }: ReportedSample) => `${vehicle} ${device} ${time}`;
const identities = (accepted: { events: ReportedEvent[] }[]) =>
  accepted.flatMap(({ events }) =>
    events.flatMap(({ subject = '', data }) => (data?.samples ?? []).map((sample) => identity(subject, sample))),
  );

test('posts the past at once, then the present every two seconds', async () => {
  const { accepted, logged } = await demoUntil(startMs + 60_000);
  const history = accepted.filter(({ atMs }) => atMs === startMs);
  expect(history.length).toBeGreaterThanOrEqual(6);
  expect(new Set(history.flatMap(({ events }) => events.map(({ subject }) => subject)))).toEqual(
    new Set(cars.map(({ vehicle }) => vehicle)),
  );
  const live = accepted.filter(({ atMs }) => atMs > startMs);
  expect(live.length).toBeGreaterThan(25);
  for (const { atMs, events } of live) expect(Date.parse(events[0]?.time ?? '')).toBeGreaterThan(atMs - 600_000);
  expect(logged).toEqual(['simulated cars are live']);
});

test('delivers every sample exactly once, late ones too, with ids that never repeat', async () => {
  const lastMs = startMs + 600_000;
  const { accepted } = await demoUntil(lastMs);
  const sent = identities(accepted);
  expect(new Set(sent).size).toBe(sent.length);
  const ids = accepted.flatMap(({ events }) => events.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  const expected = cars.flatMap((car) =>
    [...simulateLive(car).deliveries(startMs - historyMs, lastMs)].map((sample) => identity(car.vehicle, sample)),
  );
  const known = new Set(sent);
  expect(expected.filter((key) => !known.has(key))).toEqual([]);
});

test('a server that is down for a while gets everything afterwards', async () => {
  const untilMs = startMs + 120_000;
  const down = await demoUntil(untilMs, (request) => (request >= 8 && request < 14 ? 503 : 202));
  const up = await demoUntil(untilMs);
  const late = new Set(identities(down.accepted));
  expect(
    identities(up.accepted).filter((key) => Date.parse(key.split(' ')[2] ?? '') < untilMs - 60_000 && !late.has(key)),
  ).toEqual([]);
});

test('a refused batch is told and left out; without the right to write the demo ends', async () => {
  const refused = await demoUntil(startMs + 10_000, (request) => (request === 2 ? 422 : 202));
  expect(refused.logged).toEqual(['error: the server refused simulated samples', 'simulated cars are live']);
  expect(refused.accepted.length).toBeGreaterThan(5);
  const forbidden = await demoUntil(startMs + 10_000, () => 401);
  expect(forbidden.requests).toBe(1);
  expect(forbidden.logged).toEqual(['error: the server refused simulated samples']);
});

test('a token that is revoked is how the demo is ended, and no error', async () => {
  const cleared = await demoUntil(startMs + 10_000, (request) => (request < 5 ? 202 : 401));
  expect(cleared.logged).toEqual(['the demo cars have stopped: their token was revoked']);
});
