import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Metrics } from '../../functions/lib/ports.ts';

interface Declared {
  kind: 'counter' | 'gauge';
  help: string;
  labels?: readonly string[];
}

/** Every metric there is, by its Prometheus name. */
export const declared = {
  fleet_samples_accepted_total: { kind: 'counter', help: 'Samples answered with 202' },
  fleet_samples_merged_total: {
    kind: 'counter',
    help: 'Samples merged into one of the same vehicle, device and time that said something else (SQLite only)',
  },
  fleet_requests_refused_total: {
    kind: 'counter',
    help: 'Requests of /ingest refused, by problem code',
    labels: ['code'],
  },
  fleet_events_dropped_total: {
    kind: 'counter',
    help: 'Events the broker did not take; the sweep repairs',
    labels: ['reason'],
  },
  fleet_publish_queue_events: { kind: 'gauge', help: 'Events waiting to be published' },
  fleet_receipts_pending: { kind: 'gauge', help: 'Receipts that are not processed' },
  fleet_receipts_unrolled: { kind: 'gauge', help: 'Receipts whose windows are not rolled up' },
  fleet_oldest_pending_seconds: { kind: 'gauge', help: 'Age of the oldest receipt that is not processed' },
  fleet_receipts_driven_again_total: { kind: 'counter', help: 'Stuck receipts that the sweep drove again' },
  fleet_rollup_rows_total: { kind: 'counter', help: 'Rollup rows computed', labels: ['tier'] },
  fleet_expired_rows_total: { kind: 'counter', help: 'Rows dropped by retention', labels: ['tier'] },
  fleet_seal_differences_total: {
    kind: 'counter',
    help: 'Rows that sealing found different: must stay 0',
    labels: ['kind'],
  },
  fleet_frozen_islands_total: { kind: 'counter', help: 'Islands not derived again because raw samples are gone' },
  fleet_dead_letters: { kind: 'gauge', help: 'Dead letters that were not replayed' },
  fleet_dead_letters_total: { kind: 'counter', help: 'Dead letters kept', labels: ['destination'] },
  fleet_broker_events_total: {
    kind: 'counter',
    help: 'Events at the broker, by what became of them',
    labels: ['outcome'],
  },
  fleet_broker_queue_events: { kind: 'gauge', help: 'Events queued or in delivery' },
  fleet_broker_queue_bytes: { kind: 'gauge', help: 'Estimated size of events queued or in delivery' },
  fleet_deliveries_total: { kind: 'counter', help: 'Deliveries to subscribers', labels: ['trigger', 'outcome'] },
  fleet_delivery_failures_total: {
    kind: 'counter',
    help: 'Tries that failed, by status, or timeout, unreachable, no_event',
    labels: ['trigger', 'reason'],
  },
  fleet_ingress_requests_total: { kind: 'counter', help: 'Requests of the broker ingress', labels: ['status'] },
  fleet_pings_total: { kind: 'counter', help: 'Pings sent by ping sources', labels: ['source', 'outcome'] },
  fleet_manifest_reloads_total: {
    kind: 'counter',
    help: 'Edits of the manifests taken or refused',
    labels: ['outcome'],
  },
  fleet_manifests_refused: { kind: 'gauge', help: '1 while the manifests on disk are not those in force' },
  fleet_function_active: { kind: 'gauge', help: '1 while a function is active, 0 asleep', labels: ['function'] },
  fleet_function_cold_starts_total: { kind: 'counter', help: 'Starts of a function from zero', labels: ['function'] },
  fleet_function_start_failures_total: {
    kind: 'counter',
    help: 'Starts of a function that failed',
    labels: ['function'],
  },
} as const satisfies Record<string, Declared>;

export interface MetricsHost extends Metrics {
  /** Prometheus text exposition. */
  text(): Promise<{ contentType: string; body: string }>;
}

/**
 * The metrics of this process. A name that is not declared throws, so that a misspelt one cannot vanish.
 *
 * @param refresh called before each exposition, to set gauges that are read off the store
 */
export function createMetrics(refresh: (metrics: Metrics) => Promise<void> = async () => {}): MetricsHost {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const instruments = new Map<string, Counter | Gauge>();
  for (const [name, { kind, help, labels = [] }] of Object.entries<Declared>(declared)) {
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    instruments.set(name, kind === 'counter' ? new Counter(options) : new Gauge(options));
  }
  const instrument = (name: string): Counter | Gauge => {
    const known = instruments.get(name);
    if (!known) throw new TypeError(`metric ${name} is not declared`);
    return known;
  };
  const metrics: Metrics = {
    count: (name, by = 1, labels = {}) => instrument(name).inc(labels, by),
    gauge: (name, value, labels = {}) => (instrument(name) as Gauge).set(labels, value),
  };
  return {
    ...metrics,
    async text() {
      await refresh(metrics);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
