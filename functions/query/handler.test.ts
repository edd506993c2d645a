import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replaceAlerts } from '../lib/store/contract/fixtures.ts';
import { StoreUnavailable } from '../lib/store/port.ts';
import { tripSchema } from '../lib/trips/trip.ts';
import { limits } from './parameters.ts';
import { routes } from './routes.ts';
import { drive, nowMs, openTestApi, type TestApi, trip } from './test-api.ts';

let api: TestApi;
const hourMs = 3_600_000;
/** Two trips of each vehicle that start at the same instants, so that the order needs the id. */
const starts = [nowMs - 3 * hourMs, nowMs - 2 * hourMs];

beforeAll(async () => {
  api = await openTestApi();
  const { store } = api;
  await store.append(
    ['car-1', 'car-2', 'car-3'].map((vehicle) => ({ vehicle, samples: drive(130) })),
    nowMs,
  );
  await store.append([{ vehicle: 'car-1', samples: drive(130, { device: 'gps' }) }], nowMs);
  for (const vehicle of ['car-1', 'car-2', 'car-3']) {
    await store.writeTrips(
      starts.map((startMs) => trip(vehicle, startMs, { dueMs: 5 })),
      [],
      await api.guard(vehicle),
    );
    await store.rollUp('1m', vehicle, nowMs - hourMs, nowMs);
    await store.rollUp('5m', vehicle, nowMs - hourMs, nowMs);
    await replaceAlerts(
      store,
      { vehicle, origin: 'codes', fromMs: 0, toMs: nowMs },
      [{ vehicle, timeMs: nowMs - 5_000, origin: 'codes', kind: 'code-set', detail: 'P0133' }],
      await api.guard(vehicle),
    );
    await store.putDeadLetter(
      {
        event: {
          specversion: '1.0',
          id: `e-${vehicle}`,
          source: '/ingest',
          type: 'fleet.telemetry.accepted',
          subject: vehicle,
          data: { vehicle },
          knativeerrordest: 'http://enrich',
          knativeerrorcode: '422',
          knativeerrordata: 'eA==',
        },
        destination: 'http://enrich',
        code: 422,
        reason: 'no such range',
      },
      nowMs - 1_000,
    );
  }
});
afterAll(() => api.close());

const body = async <T>(path: string, options = {}): Promise<T> => (await api.call(path, options)).body as T;

describe('answers', () => {
  test('vehicles come with their latest values, state and when they were last seen', async () => {
    const { vehicles, next } = await body<{ vehicles: object[]; next: null }>('/api/vehicles');
    expect(next).toBeNull();
    expect(vehicles).toHaveLength(3);
    const lastSeenAt = new Date(nowMs - 10_000).toISOString();
    expect(vehicles[1]).toEqual({
      id: 'car-2',
      state: 'moving',
      lastSeenAt,
      latest: { time: lastSeenAt, device: 'main', speedKmh: 50, engineRpm: 1_929 },
      position: null,
    });
    expect(await body('/api/vehicles/car-2')).toEqual(vehicles[1]);
  });

  test('samples carry ISO times and none of our own names', async () => {
    const { samples } = await body<{ samples: Record<string, unknown>[] }>('/api/vehicles/car-2/samples');
    expect(samples).toHaveLength(130);
    expect(samples.at(-1)).toEqual({
      time: new Date(nowMs - 10_000).toISOString(),
      device: 'main',
      speedKmh: 50,
      engineRpm: 1_929,
    });
  });

  test('samples of a range end inclusively, whatever the offset they are asked with', async () => {
    const from = '2026-03-10T12:59:45%2B01:00';
    const path = (time: string) => `/api/vehicles/car-2/samples?from=${time}&to=2026-03-10T11:59:50Z`;
    for (const time of [from, '2026-03-10T12:59:45+01:00', '2026-03-10T11:59:45Z']) {
      expect((await body<{ samples: [] }>(path(time))).samples).toHaveLength(6);
    }
  });

  test('trips have exactly the fields of their schema, latest first', async () => {
    const { trips } = await body<{ trips: { id: string; startedAt: string }[] }>('/api/trips');
    expect(trips).toHaveLength(6);
    for (const one of trips) expect(Object.keys(one).sort()).toEqual(Object.keys(tripSchema.shape).sort());
    expect(trips.map(({ startedAt }) => startedAt)).toEqual(
      trips
        .map(({ startedAt }) => startedAt)
        .sort()
        .reverse(),
    );
    expect(await body(`/api/trips/${trips[0]?.id}`)).toEqual(trips[0]);
    expect(await body(`/api/trips/${encodeURIComponent(trips[0]?.id ?? '')}`)).toEqual(trips[0]);
  });

  test('trips can be asked for by vehicle and time', async () => {
    const from = new Date(nowMs - 2.5 * hourMs).toISOString();
    const { trips } = await body<{ trips: unknown[] }>(`/api/trips?vehicle=car-1&from=${from}`);
    expect(trips).toHaveLength(1);
    expect((await body<{ trips: [] }>('/api/trips?vehicle=car-9')).trips).toEqual([]);
  });

  test('rollups count every sample once, in both tiers', async () => {
    for (const tier of ['1m', '5m']) {
      const { rollups } = await body<{ rollups: { tier: string; count: number }[] }>(
        `/api/rollups?tier=${tier}&vehicle=car-1`,
      );
      expect(rollups.reduce((sum, { count }) => sum + count, 0)).toBe(260);
      expect(rollups.every((row) => row.tier === tier)).toBe(true);
    }
  });

  test('alerts name vehicle, time, kind and code', async () => {
    const { alerts } = await body<{ alerts: unknown[] }>('/api/alerts?vehicle=car-1');
    const time = new Date(nowMs - 5_000).toISOString();
    expect(alerts).toEqual([{ vehicle: 'car-1', time, kind: 'code-set', detail: 'P0133' }]);
  });

  test('the status counts what is pending', async () => {
    const at = new Date(nowMs).toISOString();
    const receipts = { pending: 4, oldestPendingAt: at, rollup: 4, oldestRollupAt: at };
    expect(await body('/api/status')).toMatchObject({ now: at, receipts, deadLetters: 3 });
  });

  test('HEAD is GET without a body, and OPTIONS names the methods', async () => {
    expect(await api.call('/api/vehicles', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    const options = await api.call('/api/vehicles/car-1', { method: 'OPTIONS' });
    expect(options).toMatchObject({ status: 204, headers: { allow: 'GET, DELETE, HEAD, OPTIONS' } });
  });
});

describe('cursors', () => {
  const lists = [
    ['/api/vehicles?', 'vehicles'],
    ['/api/vehicles/car-1/samples?', 'samples'],
    ['/api/trips?', 'trips'],
    ['/api/trips?vehicle=car-1&', 'trips'],
    ['/api/rollups?tier=1m&', 'rollups'],
    ['/api/rollups?tier=5m&vehicle=car-1&', 'rollups'],
  ] as const;
  const tokens = { all: ['*'], two: ['car-3', 'car-1'] };

  test.each(
    lists.flatMap(([path, name]) =>
      Object.entries(tokens).flatMap(([who, of]) => [1, 2, 7].map((n) => [path, name, who, of, n] as const)),
    ),
  )(
    'walking %s (%s) as %s, %o in pages of %i, shows the whole set once, in order',
    async (path, name, _, of, limit) => {
      const token = api.token('read', ...of);
      const whole = (await body<Record<string, unknown[]>>(`${path}limit=1000`, { token }))[name] ?? [];
      const walked: unknown[] = [];
      let cursor: string | null = null;
      do {
        const page: Record<string, unknown> = await body(`${path}limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`, {
          token,
        });
        const rows = page[name] as unknown[];
        expect(rows.length).toBeLessThanOrEqual(limit);
        walked.push(...rows);
        cursor = page.next as string | null;
      } while (cursor !== null);
      expect(whole.length).toBeGreaterThan(0);
      expect(walked).toEqual(whole);
    },
  );

  test('a page that ends exactly with the last row has no next', async () => {
    expect(await body('/api/trips?limit=6')).toMatchObject({ next: null });
    expect(await body('/api/vehicles/car-2/samples?limit=130')).toMatchObject({ next: null });
  });

  test('a cursor that is none is refused', async () => {
    for (const cursor of ['x', 'W10', Buffer.from('[1,{}]').toString('base64url')]) {
      expect((await api.call(`/api/trips?cursor=${cursor}`)).status).toBe(400);
    }
  });
});

describe('who may see what', () => {
  test('on loopback reading needs no token; elsewhere every path but the document does', async () => {
    for (const { path, scope } of routes) {
      const elsewhere = await api.call(path.replace('{id}', 'car-1'), { loopback: false });
      expect(elsewhere.status).toBe(path.endsWith('replay') ? 405 : 401);
      if (scope === 'admin' && !path.endsWith('replay') && path !== '/api/vehicles/{id}') {
        expect((await api.call(path.replace('{id}', 'car-1'))).status).toBe(401);
      }
    }
    const { status, headers } = await api.call('/api/vehicles', { loopback: false });
    expect({ status, challenge: headers['www-authenticate'] }).toEqual({ status: 401, challenge: 'Bearer' });
    expect((await api.call('/openapi.json', { loopback: false })).status).toBe(200);
  });

  test('a token of one vehicle sees nothing of another, by any path', async () => {
    const options = { token: api.token('read', 'car-1'), loopback: false };
    const other = `/api/trips/${trip('car-2', starts[0] ?? 0).id}`;
    for (const path of [
      '/api/vehicles',
      '/api/trips',
      '/api/rollups',
      '/api/alerts',
      '/api/vehicles/car-1',
      '/api/vehicles/car-1/samples',
      '/',
    ]) {
      const text = await api.text(path, options);
      expect(text).toContain(path.endsWith('samples') ? '"samples":[{' : 'car-1');
      expect(text).not.toMatch(/car-[23]/);
    }
    for (const path of [
      '/api/vehicles/car-2',
      '/api/vehicles/car-2/samples',
      '/api/trips?vehicle=car-2',
      '/api/rollups?vehicle=car-2',
      '/api/alerts?vehicle=car-2',
      '/api/status',
    ]) {
      const { status, body: answer } = await api.call(path, options);
      expect({ path, status, type: (answer as { type: string }).type }).toEqual({
        path,
        status: 403,
        type: 'urn:fleet-telemetry:problem:forbidden',
      });
    }
    const [there, notThere] = [
      await api.call(other, options),
      await api.call(other.replace('car-2', 'car-9'), options),
    ];
    expect([there.status, notThere.status]).toEqual([404, 404]);
    const [known, unknown] = [
      await api.call('/api/vehicles/car-2', options),
      await api.call('/api/vehicles/car-9', options),
    ];
    expect([known.status, unknown.status]).toEqual([403, 403]);
  });

  test('a token of several vehicles sees theirs, merged in order', async () => {
    const { trips } = await body<{ trips: { vehicle: string }[] }>('/api/trips', {
      token: api.token('read', 'car-3', 'car-1'),
    });
    expect(trips.map(({ vehicle }) => vehicle)).toEqual(['car-3', 'car-1', 'car-3', 'car-1']);
  });

  test('a token for any vehicle, and an admin one, read everything', async () => {
    for (const scope of ['read', 'admin'] as const) {
      const options = { token: api.token(scope, '*'), loopback: false };
      expect((await body<{ trips: [] }>('/api/trips', options)).trips).toHaveLength(6);
      expect((await api.call('/api/status', options)).status).toBe(200);
    }
  });

  test('a token that lacks the scope, or is unknown, is refused, on loopback too', async () => {
    const ingest = await api.call('/api/vehicles', { token: api.token('ingest', '*') });
    expect(ingest).toMatchObject({ status: 403, body: { type: 'urn:fleet-telemetry:problem:insufficient-scope' } });
    expect((await api.call('/api/vehicles', { token: 'abc.def' })).status).toBe(401);
    expect((await api.call('/api/dead-letters', { token: api.token('read', '*') })).status).toBe(403);
    expect((await api.call('/api/vehicles', { authorization: 'Bearer a, Bearer b' })).status).toBe(400);
  });
});

describe('dead letters', () => {
  test('an admin lists them, looks at one and replays it without what the broker added', async () => {
    const token = api.token('admin', '*');
    const { deadLetters } = await body<{ deadLetters: { id: string; vehicle: string }[] }>('/api/dead-letters', {
      token,
    });
    expect(deadLetters.map(({ vehicle }) => vehicle).sort()).toEqual(['car-1', 'car-2', 'car-3']);
    const id = deadLetters.find(({ vehicle }) => vehicle === 'car-2')?.id;
    expect(await body(`/api/dead-letters/${id}`, { token })).toMatchObject({
      id,
      eventId: 'e-car-2',
      code: 422,
      reason: 'no such range',
      replayedAt: null,
      event: { data: { vehicle: 'car-2' } },
    });
    const replayed = await api.call(`/api/dead-letters/${id}/replay`, { method: 'POST', token });
    expect(replayed).toMatchObject({ status: 202, body: { replayed: id } });
    expect(api.published).toEqual([
      {
        specversion: '1.0',
        id: 'e-car-2',
        source: '/ingest',
        type: 'fleet.telemetry.accepted',
        subject: 'car-2',
        data: { vehicle: 'car-2' },
      },
    ]);
    expect((await body<{ deadLetters: [] }>('/api/dead-letters', { token })).deadLetters).toHaveLength(2);
    const all = await body<{ deadLetters: { id: string; replayedAt: string }[] }>('/api/dead-letters?replayed=true', {
      token,
    });
    expect(all.deadLetters.find((letter) => letter.id === id)?.replayedAt).toBe(new Date(nowMs).toISOString());
  });

  test('one that the broker does not take stays in the list', async () => {
    const token = api.token('admin', 'car-3');
    const list = () => body<{ deadLetters: { id: string }[] }>('/api/dead-letters', { token });
    const [letter] = (await list()).deadLetters;
    const options = { method: 'POST', token, publish: async () => false };
    expect((await api.call(`/api/dead-letters/${letter?.id}/replay`, options)).status).toBe(503);
    expect((await list()).deadLetters).toEqual([letter]);
  });

  test('an admin of one vehicle sees and replays only its own', async () => {
    const all = await body<{ deadLetters: { id: string; vehicle: string }[] }>('/api/dead-letters', {
      token: api.token('admin', '*'),
    });
    const token = api.token('admin', 'car-1');
    const own = await body<{ deadLetters: { vehicle: string }[] }>('/api/dead-letters', { token });
    expect(own.deadLetters.map(({ vehicle }) => vehicle)).toEqual(['car-1']);
    const other = all.deadLetters.find(({ vehicle }) => vehicle === 'car-3')?.id;
    expect((await api.call(`/api/dead-letters/${other}`, { token })).status).toBe(404);
    expect((await api.call(`/api/dead-letters/${other}/replay`, { method: 'POST', token })).status).toBe(404);
  });
});

describe('erasing', () => {
  test('a vehicle and all it left are gone; doing it again changes nothing', async () => {
    const token = api.token('admin', '*');
    await api.store.append([{ vehicle: 'demo-x', samples: drive(3) }], nowMs);
    const erase = () => api.call('/api/vehicles/demo-x', { method: 'DELETE', token });
    expect(await erase()).toMatchObject({ status: 200, body: { erased: 'demo-x', samples: 3 } });
    expect((await api.call('/api/vehicles/demo-x')).status).toBe(404);
    expect((await erase()).status).toBe(200);
  });

  test('leaves a tombstone and tells of it, unless asked not to', async () => {
    const token = api.token('admin', '*');
    await api.store.append([{ vehicle: 'car-x', samples: drive(1) }], nowMs);
    const erase = (query = '') => api.call(`/api/vehicles/car-x${query}`, { method: 'DELETE', token });
    const until = new Date(nowMs).toISOString();
    expect((await erase()).body).toEqual({ erased: 'car-x', samples: 1, refusedUntil: until });
    expect(await api.store.listErasures()).toContainEqual({ vehicle: 'car-x', untilMs: nowMs });
    expect(api.published.at(-1)).toMatchObject({
      type: 'fleet.vehicle.erased',
      subject: 'car-x',
      partitionkey: 'car-x',
      data: { vehicle: 'car-x', untilMs: nowMs },
    });
    expect((await erase('?tombstone=false')).body).toEqual({ erased: 'car-x', samples: 0, refusedUntil: null });
    expect((await api.store.listErasures()).map(({ vehicle }) => vehicle)).not.toContain('car-x');
    expect((await erase('?tombstone=no')).status).toBe(400);
    const odd = await api.call(`/api/vehicles/${encodeURIComponent('a b')}`, { method: 'DELETE', token });
    expect(odd.status).toBe(400);
  });

  test('of a vehicle that never was is refused, and leaves no tombstone', async () => {
    const token = api.token('admin', '*');
    const answer = await api.call('/api/vehicles/nope', { method: 'DELETE', token });
    expect(answer).toMatchObject({ status: 404, body: { detail: 'there is no vehicle nope' } });
    expect((await api.store.listErasures()).map(({ vehicle }) => vehicle)).not.toContain('nope');
  });

  test('only an admin of the vehicle erases it', async () => {
    const erase = (options: object) => api.call('/api/vehicles/car-3', { method: 'DELETE', ...options });
    expect((await erase({})).status).toBe(401);
    expect((await erase({ token: api.token('read', '*') })).status).toBe(403);
    expect((await erase({ token: api.token('admin', 'car-1') })).status).toBe(403);
    expect((await api.call('/api/vehicles/car-3')).status).toBe(200);
  });
});

describe('refusals', () => {
  test.each([
    ['/api/trips?form=2026-01-01T00:00:00Z', 'form'],
    ['/api/trips?from=yesterday', 'from'],
    ['/api/trips?from=2026-01-01', 'from'],
    ['/api/trips?from=2026-02-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['/api/trips?vehicle=a%20b', 'vehicle'],
    ['/api/trips?vehicle=car-1&vehicle=car-2', 'vehicle'],
    [`/api/trips?limit=${limits.trips.most + 1}`, 'limit'],
    ['/api/vehicles/car-1/samples?limit=0', 'limit'],
    ['/api/rollups?tier=2m', 'tier'],
    ['/api/status?x=1', 'x'],
  ])('%s is refused and names the parameter %s', async (path, name) => {
    const { status, headers, body: answer } = await api.call(path);
    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(answer).toMatchObject({
      type: 'urn:fleet-telemetry:problem:invalid-request',
      errors: [{ pointer: `/query/${name}` }],
    });
  });

  test.each(['many', '0', '1.5', '1001'])('a limit of %s is answered with what it may be', async (limit) => {
    const detail = 'must be a whole number from 1 to 1000';
    expect(await api.call(`/api/trips?limit=${limit}`)).toMatchObject({ body: { errors: [{ detail }] } });
  });

  test('unknown paths and methods', async () => {
    for (const path of [
      '/api',
      '/api/',
      '/api/trips/',
      '/api/trips/a/b',
      '/api/nothing',
      '/__proto__',
      '/constructor',
    ]) {
      expect((await api.call(path)).status).toBe(404);
    }
    expect((await api.call('/api/trips/nothing')).status).toBe(404);
    expect((await api.call('/api/vehicles/%FF')).status).toBe(400);
    const wrong = await api.call('/api/trips', { method: 'PUT' });
    expect(wrong).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } });
  });

  test('a store that is down is 503 with Retry-After, for streamed lists too', async () => {
    const fail = () => {
      throw new StoreUnavailable('disk full', { retryAfterS: 9 });
    };
    const store = new Proxy(api.store, { get: () => fail });
    for (const path of ['/api/vehicles', '/api/vehicles/car-1/samples', '/api/rollups', '/api/trips', '/']) {
      const { status, headers, body: answer } = await api.call(path, { store });
      expect({ path, status, after: headers['retry-after'] }).toEqual({ path, status: 503, after: '9' });
      expect(JSON.stringify(answer)).not.toContain('disk full');
    }
  });

  test('a failure of our own is 500 without its message', async () => {
    const store = new Proxy(api.store, { get: () => () => Promise.reject(new Error('secret detail')) });
    const { status, body: answer } = await api.call('/api/trips', { store });
    expect(status).toBe(500);
    expect(JSON.stringify(answer)).not.toContain('secret');
  });
});
