import { expect, onTestFinished, test } from 'vitest';
import { startInfluxd } from '../../functions/lib/store/testing/influxd.ts';
import { post, samples } from './client.ts';
import { recordedDrive } from './drives.ts';
import { batchesOf } from './events.ts';
import { patience } from './influx-settings.ts';
import { sleep } from './program.ts';
import { Server } from './server.ts';

const vehicles = ['car-1', 'car-2', 'car-3', 'car-4'];
const kills = 3;

test('a killed InfluxDB loses nothing that was acknowledged, and ingest answers 503 meanwhile', {
  timeout: 60_000 * patience,
}, async () => {
  const influxd = await startInfluxd();
  onTestFinished(() => influxd.dispose());
  const settings = await influxd.newOrg();
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  const env = {
    STORE: 'influx',
    INFLUX_URL: settings.url,
    INFLUX_ORG: settings.org,
    INFLUX_TOKEN: settings.tokens.query as string,
  };
  await server.start({ env });
  const token = await server.token(['*']);
  const drive = recordedDrive('town');

  const statuses = new Map<number, number>();
  let acknowledged = 0;
  let statusesDown: Set<number> | undefined;
  /** Sends the drive batch by batch, each until it is acknowledged: an edge client. */
  const send = async (vehicle: string) => {
    for (const batch of batchesOf(vehicle, drive, 5)) {
      for (let taken = false; !taken; ) {
        const answer = await post(server, token, batch);
        await answer.body?.cancel();
        taken = answer.status === 202;
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        statusesDown?.add(answer.status);
        if (taken) acknowledged++;
        else {
          expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
          await sleep(50);
        }
      }
    }
  };
  const load = Promise.all(vehicles.map(send));

  for (let kill = 1; kill <= kills; kill++) {
    const wanted = acknowledged + 30;
    while (acknowledged < wanted) await sleep(5);
    await influxd.kill9();
    // What was under way when it died has its answer by then.
    await sleep(300);
    statusesDown = new Set();
    while (statusesDown.size === 0) await sleep(20);
    expect([...statusesDown]).toEqual([503]);
    statusesDown = undefined;
    await influxd.start();
  }
  await load;

  expect([...statuses.keys()].sort()).toEqual([202, 503]);
  // Each once, whatever has been derived of it by now; what was not is left to the sweep (kill.test.ts).
  for (const vehicle of vehicles) {
    const times = (await samples(server, vehicle)).map(({ time }) => time);
    expect(times).toEqual(drive.map(({ time }) => time));
  }
});
