import { expect, test } from 'vitest';
import { openTokenFile } from '../../functions/lib/auth/token-file.ts';
import { createToken, type Scope } from '../../functions/lib/auth/tokens.ts';
import type { Log } from '../../functions/lib/ports.ts';
import { eventTypes } from '../../functions/lib/telemetry/events.ts';
import { tokenFile } from '../host/data-folder.ts';
import { get, ping, post, publish } from './client.ts';
import { anEditedLaptop } from './clients/edited-laptop.ts';
import { aSubscriber } from './conformance/subscriber.ts';
import { recordedDrive } from './drives.ts';
import { batchesOf } from './events.ts';
import { eventually } from './program.ts';
import { settled } from './settled.ts';

const traceparentOf = (digit: string) => `00-${digit.repeat(32)}-${'1'.repeat(16)}-01`;

/** The laptop, with a server elsewhere that is told of every event of the fleet, and a log that is kept. */
async function aTracedLaptop() {
  const subscriber = await aSubscriber({ name: 'local', subscriberHost: '127.0.0.1' });
  const laptop = await anEditedLaptop();
  await laptop.edit(
    'eventing/trigger-enrich.yaml',
    (text) => `${text}---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: everything, namespace: fleet}
spec:
  broker: default
  filters: [{prefix: {type: fleet.}}]
  subscriber: {uri: "${subscriber.uri}"}
`,
  );
  const lines: { message: string; traceId?: string; event?: string }[] = [];
  const write = (fields: object, message: string) => void lines.push({ ...fields, message });
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const { port, internalPort } = await laptop.start(log);
  const token = async (vehicle: string, scope: Scope) => {
    const { token, record } = createToken({ scopes: [scope], vehicles: [vehicle], nowMs: Date.now() });
    await openTokenFile(tokenFile(laptop.dataDir), { now: Date.now }).add(record);
    return token;
  };
  const server = {
    url: `http://127.0.0.1:${port}`,
    internalUrl: `http://127.0.0.1:${internalPort}`,
    log: () => JSON.stringify(lines.slice(-10)),
  };
  return { server, token, subscriber, lines };
}

test('a trace goes from POST /ingest through all hops to subscribers elsewhere', async () => {
  const { server, token, subscriber } = await aTracedLaptop();
  const ingest = await token('car-1', 'ingest');
  const traceparent = traceparentOf('a');
  for (const batch of batchesOf('car-1', recordedDrive('town'), 600)) {
    expect((await post(server, ingest, batch, { traceparent })).status).toBe(202);
  }
  await settled(server);
  const told = (type: string) => subscriber.received.filter(({ headers }) => headers['ce-type'] === type);
  const { accepted, enriched, tripStarted, tripEnded, rollupCompleted } = eventTypes;
  for (const type of [accepted, enriched, tripStarted, tripEnded]) {
    await eventually(type, async () => told(type)[0]);
  }
  for (const { headers } of subscriber.received) {
    expect([headers['ce-traceparent'], headers.traceparent], String(headers['ce-type'])).toEqual([
      traceparent,
      traceparent,
    ]);
  }

  // What a tick does is of the tick's trace, whoever sent the samples.
  await ping(server, 'downsample-1m', { traceparent: traceparentOf('b') });
  const [completed] = await eventually(rollupCompleted, async () =>
    told(rollupCompleted).length > 0 ? told(rollupCompleted) : undefined,
  );
  expect(completed?.headers['ce-traceparent']).toBe(traceparentOf('b'));
});

test('poison keeps its trace, in the log too', async () => {
  const { server, token, lines } = await aTracedLaptop();
  const traceparent = traceparentOf('c');
  const poison = { specversion: '1.0', id: 'poison-1', source: '/e2e', type: eventTypes.accepted } as const;
  await publish(server, { ...poison, traceparent, data: 'junk' });
  const line = await eventually('the line', async () => lines.find(({ message }) => message === 'dead letter'));
  expect(line).toMatchObject({ event: 'poison-1', traceId: 'c'.repeat(32) });
  const admin = await token('*', 'admin');
  const { deadLetters } = await get<{ deadLetters: { id: string }[] }>(server, '/api/dead-letters', admin);
  const letter = await get(server, `/api/dead-letters/${deadLetters[0]?.id}`, admin);
  expect(letter).toMatchObject({ event: { traceparent } });
});

test('a traceparent that is none is ignored', async () => {
  const { server, token, subscriber } = await aTracedLaptop();
  const ingest = await token('car-1', 'ingest');
  const [batch = []] = batchesOf('car-1', recordedDrive('town'), 10);
  for (const traceparent of ['rubbish', traceparentOf('0')]) {
    expect((await post(server, ingest, batch, { traceparent })).status).toBe(202);
  }
  await settled(server);
  for (const { headers } of await subscriber.atLeast(4)) {
    expect([headers['ce-traceparent'], headers.traceparent]).toEqual([undefined, undefined]);
  }
});
