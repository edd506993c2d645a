import { expect, test } from 'vitest';
import { eventTypes } from '../../functions/lib/telemetry/events.ts';
import { publish } from './client.ts';
import { eventually } from './program.ts';
import { startServer } from './server.ts';

test('what the broker refuses, and what becomes of poison, is counted in /metrics', async () => {
  const server = await startServer();
  const ingress = `${server.internalUrl}/fleet/default`;
  expect((await fetch(ingress)).status).toBe(405);
  expect((await fetch(ingress, { method: 'POST', body: 'no event' })).status).toBe(400);
  const poison = { specversion: '1.0', id: 'poison', source: '/e2e', type: eventTypes.accepted, data: 'junk' } as const;
  await publish(server, poison);
  await publish(server, { ...poison, type: 'nobody.listens' });

  const expected = [
    'fleet_ingress_requests_total{status="405"} 1',
    'fleet_ingress_requests_total{status="400"} 1',
    'fleet_ingress_requests_total{status="202"} 2',
    'fleet_broker_events_total{outcome="unmatched"} 1',
    'fleet_delivery_failures_total{trigger="enrich",reason="422"} 1',
    'fleet_deliveries_total{trigger="enrich",outcome="dead_lettered"} 1',
    'fleet_dead_letters 1',
  ];
  let lines: string[] = [];
  const explain = () => `missing: ${expected.filter((line) => !lines.includes(line)).join(', ')}`;
  await eventually(
    'every count',
    async () => {
      lines = (await (await fetch(`${server.url}/metrics`)).text()).split('\n');
      return expected.every((line) => lines.includes(line)) || undefined;
    },
    { explain },
  );
});
