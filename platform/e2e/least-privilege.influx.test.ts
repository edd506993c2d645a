import { expect, onTestFinished, test } from 'vitest';
import { startInfluxd } from '../../functions/lib/store/testing/influxd.ts';
import { eventTypes } from '../../functions/lib/telemetry/events.ts';
import type { FunctionName } from '../host/config.ts';
import { get, post } from './client.ts';
import { ago, eventOf } from './events.ts';
import { startProgram } from './program.ts';
import { ready, Server } from './server.ts';

test('each function does its work with the token that is made for it', async () => {
  const influxd = await startInfluxd();
  onTestFinished(() => influxd.dispose());
  const org = await influxd.newOrg();
  const server = await Server.prepare();
  onTestFinished(() => server.dispose());
  const token = await server.token(['*'], ['ingest', 'read', 'admin']);
  const time = ago(3_600);
  const timeMs = Date.parse(time);
  const range = { vehicle: 'car-1', fromMs: timeMs, toMs: timeMs };

  const send = async (type: string, data: unknown) => {
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ specversion: '1.0', id: type, source: '/e2e', type, subject: 'car-1', data }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const within = async (name: FunctionName, work: () => Promise<void>) => {
    const env = { STORE: 'influx', INFLUX_URL: org.url, INFLUX_ORG: org.org, INFLUX_TOKEN: org.tokens[name] as string };
    const program = startProgram(['platform/host/main.ts'], { ...server.env, ...env, FUNCTION: name });
    onTestFinished(() => program.killAll());
    await ready(server.url, program);
    await work();
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect([metrics.status, await metrics.text()], name).toEqual([200, expect.stringContaining('process_cpu')]);
    program.kill('SIGTERM');
    expect((await program.ended).code, program.stderr()).toBe(0);
    expect(program.stderr(), name).not.toMatch(/InfluxDB answered/);
  };

  await within('ingest', async () => {
    const answer = await post(server, token, [eventOf('car-1', { time, obd: ['41 0D 32'], dtc: ['P0133'] })]);
    expect([answer.status, await answer.text()]).toEqual([202, expect.any(String)]);
  });
  await within('enrich', async () => {
    expect(await send(eventTypes.accepted, range)).toMatchObject({ status: 200 });
  });
  await within('trip-segment', async () => {
    expect(await send(eventTypes.enriched, range)).toMatchObject({ status: 202 });
    expect(await send(eventTypes.ping, { job: 'sweep' })).toMatchObject({ status: 202 });
  });
  await within('downsample', async () => {
    expect(await send(eventTypes.ping, { job: 'downsample-1m' })).toMatchObject({ status: 200 });
    expect(await send(eventTypes.ping, { job: 'downsample-5m' })).toMatchObject({ status: 200 });
    expect(await send(eventTypes.ping, { job: 'expire' })).toMatchObject({ status: 202 });
  });
  await within('quarantine', async () => {
    expect(await send('poison', {})).toMatchObject({ status: 202 });
  });
  await within('query', async () => {
    const list = async (path: string, name: string) =>
      ((await get(server, path, token)) as Record<string, unknown[]>)[name]?.length;
    expect(await list('/api/vehicles', 'vehicles')).toBe(1);
    expect(await list('/api/trips', 'trips')).toBe(1);
    expect(await list('/api/alerts', 'alerts')).toBe(1);
    expect(await list('/api/rollups?tier=1m&vehicle=car-1', 'rollups')).toBe(1);
    expect(await list('/api/rollups?tier=5m&vehicle=car-1', 'rollups')).toBe(1);
    expect(await list('/api/dead-letters', 'deadLetters')).toBe(1);
  });
});
