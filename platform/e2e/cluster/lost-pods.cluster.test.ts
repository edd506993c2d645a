import { expect, test } from 'vitest';
import { ping, publish, samples, status, trips } from '../client.ts';
import { kubectl } from '../kubectl.ts';
import { eventually } from '../program.ts';
import { settled } from '../settled.ts';
import { type Fleet, openFleet, patienceMs } from './fleet.ts';
import { type Load, startLoad } from './load.ts';
import { poison } from './poison.ts';

const functions = ['ingest', 'enrich', 'trip-segment', 'downsample', 'quarantine', 'query'];
const brokerParts = [
  'eventing.knative.dev/brokerRole=ingress',
  'eventing.knative.dev/brokerRole=filter',
  'messaging.knative.dev/role=dispatcher',
].map((selector) => ['knative-eventing', selector] as const);

test.each([
  ...functions.map((name) => ['fleet', `serving.knative.dev/service=${name}`] as const),
  ...brokerParts.map((part) => part),
])(
  'a pod of %s %s is killed under load, and nothing acknowledged is lost',
  { timeout: 4 * patienceMs },
  async (namespace, selector) => {
    const fleet = await openFleet();
    const load = startLoad(fleet, 2, 100);
    // Whatever sleeps is woken: by a tick, by a reader, by what nobody can process.
    await ping(fleet, 'downsample-1m');
    await publish(fleet, { ...poison, id: `poison-${Date.now().toString(36)}` });
    await status(fleet);
    await eventually('load', async () => load.acknowledged() > 20 || undefined, { withinMs: patienceMs });
    await kill(namespace, selector);
    await holds(fleet, load);
  },
);

test('the pod of InfluxDB is killed under load: 503 meanwhile, and nothing acknowledged is lost', {
  timeout: 4 * patienceMs,
}, async () => {
  const fleet = await openFleet();
  const load = startLoad(fleet, 2, 100);
  await eventually('load', async () => load.acknowledged() > 20 || undefined, { withinMs: patienceMs });
  await kill('fleet', 'app.kubernetes.io/name=influxdb');
  await holds(fleet, load);
  expect([...load.statuses.keys()]).toEqual(expect.arrayContaining([202, 503]));
});

/** At once, without a word to the process. Waits for one that is awake, for else nothing would have been tried. */
async function kill(namespace: string, selector: string): Promise<void> {
  const pods = ['-n', namespace, '-l', selector];
  const isThere = async () => (await kubectl(['get', 'pods', ...pods, '-o', 'name'])) !== '' || undefined;
  await eventually(`a pod of ${selector}`, isThere, { withinMs: patienceMs, everyMs: 500 });
  await kubectl(['delete', 'pod', ...pods, '--grace-period=0', '--force', '--wait=false']);
}

/** A receipt younger than 30 s is still on its way, and no sweep drives it again, ms. */
const sweepEveryMs = 45_000;

/** Everything is acknowledged in the end, is in the store, and is one trip; no receipt stays pending. */
async function holds(fleet: Fleet, load: Load): Promise<void> {
  await load.done;
  for (let sweeps = 0; ; sweeps++) {
    const isSettled = await settled(fleet, sweepEveryMs).then(
      () => true,
      () => false,
    );
    if (isSettled) break;
    expect(sweeps, 'sweeps in vain').toBeLessThan(8);
    await ping(fleet, 'sweep').catch(() => {});
  }
  for (const vehicle of load.vehicles) {
    const times = (await samples(fleet, vehicle)).map(({ time }) => time);
    expect(times).toEqual(load.drive.map(({ time }) => time));
    expect(await trips(fleet, vehicle)).toHaveLength(1);
  }
}
