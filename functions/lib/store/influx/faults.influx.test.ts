import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { newVehicle, noonMs, readAll, receiptsOf, sampleAt } from '../contract/fixtures.ts';
import { openInfluxStore } from '../influx.ts';
import { StoreUnavailable } from '../port.ts';
import { type Influxd, startInfluxd } from '../testing/influxd.ts';

/** What stands between the store and InfluxDB, and does this to the next writes. */
type Fault = { status: number; retryAfterS: number } | 'reset-after' | 'reset-before';

let influxd: Influxd;
beforeAll(async () => {
  influxd = await startInfluxd();
});
afterAll(() => influxd?.dispose());

async function faulty() {
  const faults: Fault[] = [];
  let writes = 0;
  const proxy = createServer((incoming, outgoing) => {
    const isWrite = incoming.url?.startsWith('/api/v2/write') ?? false;
    if (isWrite) writes++;
    const fault = isWrite ? faults.shift() : undefined;
    if (fault === 'reset-before') return incoming.socket.destroy();
    if (typeof fault === 'object') {
      outgoing.writeHead(fault.status, { 'retry-after': String(fault.retryAfterS) }).end();
      return;
    }
    const { method, headers, url } = incoming;
    const onward = request(`${influxd.url}${url}`, { method, headers }, (answer) => {
      if (fault === 'reset-after') return incoming.socket.destroy();
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const org = await influxd.newOrg();
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const store = await openInfluxStore({ ...org, url, settleMs: 0 });
  onTestFinished(async () => {
    await store.close();
    proxy.closeAllConnections();
    proxy.close();
  });
  const vehicle = newVehicle();
  const append = (step = 0) => store.append([{ vehicle, samples: [sampleAt(noonMs + step)] }], noonMs);
  return { store, faults, vehicle, append, writes: () => writes };
}

it.each([429, 503])('is left alone for as long as it asks with %i', async (status) => {
  const { append, faults, writes, store, vehicle } = await faulty();
  await append();
  faults.push({ status, retryAfterS: 2 });
  await expect(append(1)).rejects.toMatchObject({ retryAfterS: 2 });
  const before = writes();
  await expect(append(2)).rejects.toThrow(StoreUnavailable);
  expect(writes()).toBe(before);
  // A query may be asked all the while.
  expect(await readAll(store, vehicle)).toHaveLength(1);
  await sleep(2_050);
  await append(3);
  expect(await readAll(store, vehicle)).toHaveLength(2);
});

it.each(['reset-after', 'reset-before'] as const)(
  'is written to once more when the connection breaks (%s), and has it once',
  async (fault) => {
    const { append, faults, store, vehicle } = await faulty();
    faults.push(fault);
    await append();
    expect(await readAll(store, vehicle)).toHaveLength(1);
    expect(await receiptsOf(store, vehicle)).toHaveLength(1);
    faults.push(fault, fault);
    await expect(append(1)).rejects.toThrow(/cannot be reached/);
    await append(1);
    expect(await readAll(store, vehicle)).toHaveLength(2);
  },
);

it('keeps the good rows of a request, once, and refuses the append with the bad one', async () => {
  const { store, append } = await faulty();
  await append();
  const [good, bad, late] = [newVehicle(), newVehicle(), newVehicle()];
  const appends = [
    [{ vehicle: good, samples: [sampleAt(noonMs)] }],
    // Beyond retention: InfluxDB drops the row and keeps the others of the request.
    [{ vehicle: bad, samples: [sampleAt(noonMs - 30 * 86_400_000)] }],
    [{ vehicle: late, samples: [sampleAt(noonMs), sampleAt(noonMs + 1)] }],
  ];
  const outcomes = await Promise.allSettled(appends.map((groups) => store.append(groups, noonMs)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((outcomes[1] as PromiseRejectedResult).reason.message).toMatch(/422.*retention/);
  expect(await readAll(store, good)).toHaveLength(1);
  expect(await readAll(store, late)).toHaveLength(2);
  expect(await readAll(store, bad)).toEqual([]);
});

it('takes nothing of another type than the schema says', async () => {
  const { store, vehicle } = await faulty();
  const samples = [{ ...sampleAt(noonMs), speedKmh: 'fast' as unknown as number }];
  await expect(store.append([{ vehicle, samples }], noonMs)).rejects.toThrow(/speedKmh/);
  expect(await readAll(store, vehicle)).toEqual([]);
});
