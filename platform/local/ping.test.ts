import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import type { PingSourceDocument } from './manifest-schema.ts';
import { loadManifests } from './manifests.ts';
import { ManualClock } from './manual-clock.ts';
import { Ping } from './ping.ts';
import { brokerYaml, startMs, writeTree } from './test-runtime.ts';

const hourMs = 3_600_000;

async function aSource(spec: string): Promise<PingSourceDocument> {
  const yaml = `apiVersion: sources.knative.dev/v1
kind: PingSource
metadata: {name: tick, namespace: fleet}
spec: {${spec}, sink: {ref: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: default}}}`;
  const root = await writeTree({ 'eventing/a.yaml': `${brokerYaml()}---\n${yaml}` });
  return (await loadManifests(root, [])).pingSources[0] ?? expect.unreachable();
}

async function aPing(spec: string) {
  const clock = new ManualClock(startMs);
  const sent: CloudEvent[] = [];
  const ping = new Ping(await aSource(spec), clock, (event) => sent.push(event));
  ping.start();
  return { clock, sent, ping, times: () => sent.map(({ time }) => time) };
}

describe('schedules', () => {
  it('ring at each time, and not at the one they start at', async () => {
    const { clock, times } = await aPing('schedule: "*/5 * * * *"');
    await clock.advance(10 * 60_000);
    expect(times()).toEqual(['2026-01-01T12:05:00.000Z', '2026-01-01T12:10:00.000Z']);
  });

  it('take six fields and descriptors', async () => {
    const seconds = await aPing('schedule: "*/20 * * * * *"');
    await seconds.clock.advance(60_000);
    expect(seconds.sent).toHaveLength(3);
    const hourly = await aPing('schedule: "@hourly"');
    await hourly.clock.advance(2 * hourMs);
    expect(hourly.times()).toEqual(['2026-01-01T13:00:00.000Z', '2026-01-01T14:00:00.000Z']);
  });

  it('count in their time zone, over a change of the clocks', async () => {
    const { clock, times } = await aPing('schedule: "0 8 * * *", timezone: Europe/Madrid');
    await clock.advance(Date.UTC(2026, 2, 30) - startMs);
    expect(times().slice(-3)).toEqual([
      '2026-03-27T07:00:00.000Z',
      '2026-03-28T07:00:00.000Z',
      '2026-03-29T06:00:00.000Z',
    ]);
  });

  it('wait for months, over what a timer can count', async () => {
    const { clock, times } = await aPing('schedule: "0 0 1 12 *"');
    await clock.advance(335 * 24 * hourMs);
    expect(times()).toEqual(['2026-12-01T00:00:00.000Z']);
  });

  it('run through thirty days of five minutes', async () => {
    const { clock, sent } = await aPing('schedule: "*/5 * * * *"');
    await clock.advance(30 * 24 * hourMs, async () => {});
    expect(sent).toHaveLength(30 * 24 * 12);
  });

  it('do not make up for what passed while they were stopped', async () => {
    const { clock, sent, ping, times } = await aPing('schedule: "*/5 * * * *"');
    ping.stop();
    await clock.advance(hourMs);
    ping.start();
    await clock.advance(300_000);
    expect(sent).toHaveLength(1);
    expect(times()).toEqual(['2026-01-01T13:05:00.000Z']);
  });
});

describe('events', () => {
  const first = async (spec: string) => {
    const { clock, sent } = await aPing(`schedule: "@hourly", ${spec}`);
    await clock.advance(hourMs);
    return sent[0] ?? expect.unreachable();
  };

  it('have the type and source of Knative, the extensions asked for, and an id that the time decides', async () => {
    const spec = `contentType: application/json, data: '{"job": "sweep"}', ceOverrides: {extensions: {fleetjob: sweep}}`;
    expect(await first(spec)).toEqual({
      specversion: '1.0',
      id: `tick-${startMs + hourMs}`,
      source: '/apis/v1/namespaces/fleet/pingsources/tick',
      type: 'dev.knative.sources.ping',
      time: '2026-01-01T13:00:00.000Z',
      datacontenttype: 'application/json',
      data: { job: 'sweep' },
      fleetjob: 'sweep',
    });
    expect((await first(spec)).id).toBe((await first(spec)).id);
  });

  it('carry text, bytes, or nothing', async () => {
    const text = await first(`contentType: text/plain, data: 'a'`);
    expect(text).toMatchObject({ datacontenttype: 'text/plain', data_base64: 'YQ==' });
    expect(await first('dataBase64: YQ==')).toMatchObject({ data_base64: 'YQ==' });
    expect(await first('contentType: application/json, dataBase64: eyJhIjoxfQ==')).toMatchObject({ data: { a: 1 } });
    expect(await first('timezone: Etc/UTC')).not.toHaveProperty('data');
  });
});
