import { expect, test } from 'vitest';
import { deliver, status } from './client.ts';
import { batchesOf } from './events.ts';
import { recordedDrive } from './drives.ts';
import { startServer } from './server.ts';
test('x', { timeout: 120_000 }, async () => {
  const server = await startServer();
  const token = await server.token(['*']);
  const b = batchesOf('v', recordedDrive('town'), 1);
  const t0 = Date.now();
  let sent = 0;
  const done = (async () => { for (const x of b) { await deliver(server, token, x); sent++; } })();
  for (let i = 0; i < 40; i++) {
    const s = await status(server);
    const m = await (await fetch(server.url + '/metrics')).text();
    console.log(Date.now() - t0, sent, s.receipts.pending, s.deadLetters, /fleet_broker_queue_events (\d+)/.exec(m)?.[1], (m.match(/fleet_deliveries_total.*/g) ?? []).join(' ').replaceAll('fleet_deliveries_total', ''), /process_cpu_seconds_total (.*)/.exec(m)?.[1]);
    if (sent === b.length && s.receipts.pending === 0) break;
    await new Promise((r) => setTimeout(r, 1000));
  }
  await done;
  console.log(server.log().slice(0, 2000));
});
