import { expect, onTestFinished, test } from 'vitest';
import { eventTypes } from '../../functions/lib/telemetry/events.ts';
import { deliver } from './client.ts';
import { ago, eventOf } from './events.ts';
import { type Program, startProgram } from './program.ts';
import { ready, Server } from './server.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('a function is served alone, as a container is on a cluster', async () => {
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  const token = await server.token(['car-1']);
  const time = ago(60);
  const timeMs = Date.parse(time);
  const range = { vehicle: 'car-1', fromMs: timeMs, toMs: timeMs };

  const ingest = await startFunction(server, 'ingest');
  await deliver(server, token, [eventOf('car-1', { time, obd: ['41 0D 32'] })]);
  expect((await fetch(`${server.url}/api/vehicles`)).status).toBe(404);
  expect((await fetch(`${server.url}/`, { method: 'POST' })).status).toBe(404);
  await stop(ingest);

  const enrich = await startFunction(server, 'enrich');
  const attributes = { specversion: '1.0', id: '1', source: '/e2e', type: eventTypes.accepted, subject: 'car-1' };
  const binary = await fetch(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])),
    },
    body: JSON.stringify(range),
  });
  const enriched = { ...range, samples: [{ timeMs, device: 'main', obd: ['41 0D 32'], speedKmh: 50 }] };
  expect(binary.status).toBe(200);
  expect(binary.headers.get('ce-type')).toBe(eventTypes.enriched);
  expect(binary.headers.get('ce-subject')).toBe('car-1');
  expect(await binary.json()).toEqual(enriched);

  const structured = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({ ...attributes, traceparent, data: range }),
  });
  expect([structured.status, await structured.json()]).toEqual([200, enriched]);
  expect(structured.headers.get('ce-traceparent')).toBe(traceparent);

  const refused = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({ ...attributes, traceparent, data: 'rubbish' }),
  });
  expect(refused.status).toBe(422);
  const line =
    enrich
      .stderr()
      .split('\n')
      .find((one) => one.includes('event failed')) ?? '{}';
  expect(JSON.parse(line)).toMatchObject({ function: 'enrich', event: '1', traceId: traceparent.slice(3, 35) });
  expect((await fetch(server.url, { method: 'POST', body: 'no event' })).status).toBe(400);
  expect((await fetch(`${server.url}/health/liveness`)).status).toBe(200);
  for (const path of ['/ingest', '/api/trips', '/elsewhere']) {
    expect((await fetch(server.url + path)).status, path).toBe(404);
  }
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/^process_resident_memory_bytes\{function="enrich"\} \d+$/m);
  expect(metrics).toMatch(/^fleet_function_duration_seconds_count\{function="enrich"\} 3$/m);
  expect(metrics).toMatch(/^fleet_function_active\{function="enrich"\} 1$/m);
  await stop(enrich);
});

/** What a Knative Service's container runs. */
async function startFunction(server: Server, name: string): Promise<Program> {
  const program = startProgram(['platform/entry.js', 'start'], { ...server.env, FUNCTION: name });
  onTestFinished(() => program.killAll());
  await ready(server.url, program);
  return program;
}

async function stop(program: Program): Promise<void> {
  program.kill('SIGTERM');
  expect((await program.ended).code, program.stderr()).toBe(0);
}
