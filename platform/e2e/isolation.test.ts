import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Scope, scopes } from '../../functions/lib/auth/tokens.ts';
import { eventTypes } from '../../functions/lib/telemetry/events.ts';
import { deliver, get, post, publish } from './client.ts';
import { ago, batchesOf, batchMediaType, eventOf } from './events.ts';
import { eventually } from './program.ts';
import { Server } from './server.ts';
import { rolledUp, settled } from './settled.ts';

/** A token of car-1 and everything that is served, against car-2: there it may do nothing and learn nothing. */

let server: Server;
let admin: string;
/** Of car-1, by their scopes. */
const tokens = new Map<string, string>();
/** What the routes' `{id}` may be to get at car-2, each beside one of the same form that is not there. */
let ids: [there: string, notThere: string][];
/** Every route of the OpenAPI document, with every query parameter it has. */
let operations: { method: string; path: string; parameters: string[] }[];
let before: string;

/** In what car-2 reports, and nowhere else. */
const marks = { driver: 'the-driver-of-car-2', latitude: 12.345678 };

beforeAll(async () => {
  server = await Server.prepare();
  admin = await server.token(['*'], ['admin']);
  const any = await server.token(['*']);
  const wanted: Scope[][] = [['ingest'], ['read'], ['admin'], [...scopes]];
  for (const of of wanted) tokens.set(of.join('+'), await server.token(['car-1'], of));
  await server.start();
  for (const vehicle of ['car-1', 'car-2']) {
    const drive = Array.from({ length: 120 }, (_, i) => ({
      time: ago(1_800 - i),
      speedKmh: 50,
      ...(vehicle === 'car-2' && { ...marks, longitude: 9 + i * 1e-4, dtc: ['P0133'] }),
    }));
    for (const batch of batchesOf(vehicle, drive, 60)) await deliver(server, any, batch);
    await publish(server, poison(vehicle));
  }
  await settled(server);
  await rolledUp(server);
  before = await everythingOfCar2();

  const list = async (path: string, name: string) =>
    (await get<Record<string, { id: string }[]>>(server, path, admin))[name];
  const trip = (await list('/api/trips?vehicle=car-2', 'trips'))?.[0]?.id ?? '';
  const letters = await list('/api/dead-letters', 'deadLetters');
  const letter = letters?.find((one) => (one as { vehicle?: string }).vehicle === 'car-2')?.id ?? '';
  expect([trip, letter].every((id) => id.length > 4)).toBe(true);
  ids = [
    ['car-2', 'car-9'],
    [trip, otherDigit(trip)],
    [letter, otherDigit(letter)],
  ];

  const document = await get<{
    paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
  }>(server, '/openapi.json');
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [] }]) => ({
      method: method.toUpperCase(),
      path,
      parameters: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
    })),
  );
  expect(operations.length).toBeGreaterThan(10);
});
afterAll(() => server.dispose());

test('every route, asked for something of car-2, answers as if it were not there', async () => {
  for (const [which, token] of tokens) {
    for (const { method, path } of operations.filter((one) => one.path.includes('{id}'))) {
      for (const pair of ids) {
        const [there, notThere] = await Promise.all(
          pair.map((id) => ask(token, method, path.replace('{id}', encodeURIComponent(id)), id)),
        );
        const about = `${method} ${path} of ${pair[0]} with ${which}`;
        expect(there, about).toEqual(notThere);
        expect([403, 404], about).toContain(there?.status);
      }
    }
  }
});

test('every parameter that may name car-2 is refused, whether there is such a vehicle or not', async () => {
  let asked = 0;
  for (const token of tokens.values()) {
    for (const { method, path } of operations.filter(({ parameters }) => parameters.includes('vehicle'))) {
      const [there, notThere] = await Promise.all(
        ['car-2', 'car-9'].map((id) => ask(token, method, `${path}?vehicle=${id}`, id)),
      );
      expect(there).toEqual(notThere);
      expect(there?.status).toBe(403);
      asked++;
    }
  }
  expect(asked).toBeGreaterThanOrEqual(3 * tokens.size);
});

test('no list shows anything of car-2, nor do the cursors of one who sees it', async () => {
  const paths = [
    '/',
    '/metrics',
    '/api/status',
    ...operations.filter(({ path }) => !path.includes('{id}')).map(({ path }) => path),
  ];
  for (const token of tokens.values()) {
    for (const path of new Set(paths)) {
      const { status, text } = await ask(token, 'GET', path);
      expect(text, path).not.toMatch(/car-2|the-driver|12\.345678/);
      if (path === '/metrics' || path === '/api/status') expect(status, path).toBe(403);
    }
    for (const { path, parameters } of operations.filter(({ parameters }) => parameters.includes('cursor'))) {
      if (path.includes('{id}')) continue;
      expect(parameters).toContain('limit');
      const { next } = await get<{ next: string | null }>(server, `${path}?limit=1`, admin);
      expect((await ask(token, 'GET', `${path}?cursor=${next}`)).text, path).not.toMatch(/car-2|the-driver|12\.345678/);
    }
  }
});

describe('nothing can be written for car-2', () => {
  const own = (i: number) => eventOf('car-1', { time: ago(600 + i), speedKmh: 7 });
  const other = () => eventOf('car-2', { time: ago(600), speedKmh: 7 });

  test('at any place of a batch', async () => {
    const token = tokens.get('ingest') ?? '';
    for (let place = 0; place < 12; place++) {
      const batch = Array.from({ length: 12 }, (_, i) => (i === place ? other() : own(i)));
      const answer = await post(server, token, batch);
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ errors: [{ index: place, pointer: '/subject' }] });
    }
    const all = await post(server, token, [other(), own(1), other()]);
    expect(await all.json()).toMatchObject({ errors: [{ index: 0 }, { index: 2 }] });
  });

  test('in any mode, under any spelling, with any scope', async () => {
    const json = { 'content-type': 'application/json' };
    const { data, ...attributes } = other();
    const inHeaders = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]),
    );
    const tries: [headers: Record<string, string>, body: unknown][] = [
      [{ 'content-type': 'application/cloudevents+json' }, other()],
      [{ 'content-type': batchMediaType }, [other()]],
      [{ ...json, ...inHeaders }, data],
      [{ ...json, ...inHeaders, 'ce-subject': '%63ar-2' }, data],
      [json, { vehicle: 'car-2', ...(data as object) }],
      [json, { vehicle: 'car-2', samples: [data] }],
      [
        { 'content-type': 'application/cloudevents+json' },
        { ...other(), subject: 'car-1', data: { vehicle: 'car-2', ...(data as object) } },
      ],
      [{ 'content-type': 'application/cloudevents+json' }, { ...other(), partitionkey: 'car-2', fleetshard: '0' }],
    ];
    for (const token of tokens.values()) {
      for (const [headers, body] of tries) {
        const answer = await fetch(`${server.url}/ingest`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, ...headers },
          body: JSON.stringify(body),
        });
        expect([403, 422]).toContain(answer.status);
      }
    }
  });

  afterAll(async () => {
    const text = JSON.stringify(await get(server, '/api/vehicles/car-1/samples?limit=1000', admin));
    expect(text).not.toContain('"speedKmh":7');
  });
});

afterAll(async () => {
  await settled(server);
  expect(await everythingOfCar2()).toBe(before);
});

interface Answer {
  status: number;
  /** With what was asked for taken out of it. */
  text: string;
}

async function ask(token: string, method: string, path: string, id?: string): Promise<Answer> {
  const answer = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(method === 'POST' && { body: '{}' }),
  });
  const text = await answer.text();
  const plain = id === undefined ? text : text.replaceAll(encodeURIComponent(id), '…').replaceAll(id, '…');
  return { status: answer.status, text: plain };
}

async function everythingOfCar2(): Promise<string> {
  const paths = [
    '/api/vehicles/car-2',
    '/api/vehicles/car-2/samples?limit=1000',
    '/api/trips?vehicle=car-2',
    '/api/rollups?vehicle=car-2&tier=1m',
    '/api/rollups?vehicle=car-2&tier=5m',
    '/api/alerts?vehicle=car-2',
  ];
  const answers = await Promise.all(paths.map((path) => get<Record<string, unknown>>(server, path, admin)));
  for (const answer of answers) expect(JSON.stringify(answer).length).toBeGreaterThan(100);
  const letters = await eventually('the dead letters', async () => {
    const { deadLetters } = await get<{ deadLetters: { vehicle: string }[] }>(server, '/api/dead-letters', admin);
    return deadLetters.length === 2 ? deadLetters : undefined;
  });
  // How the car is doing depends on the time of asking.
  return JSON.stringify([answers, letters.filter(({ vehicle }) => vehicle === 'car-2')]).replaceAll(
    /"state":"\w+"/g,
    '',
  );
}

const poison = (vehicle: string) => ({
  specversion: '1.0' as const,
  id: `poison-${vehicle}`,
  source: '/e2e',
  type: eventTypes.accepted,
  subject: vehicle,
  datacontenttype: 'application/json',
  data: { vehicle: 'no vehicle' },
});

/** The same with another last digit or letter. */
function otherDigit(id: string): string {
  return id.slice(0, -1) + (id.endsWith('0') ? '1' : '0');
}
