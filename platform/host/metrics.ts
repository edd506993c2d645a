import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../../functions/lib/ports.ts';
import { problems } from '../../functions/lib/problem.ts';
import { functionNames } from './config.ts';

interface Declared {
  kind: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels?: readonly string[];
  /** Values of the only label that there are from the start, as 0: Prometheus sees no rise in what begins with a 1. */
  known?: readonly string[];
  /** Upper bounds, in the unit of the name. */
  buckets?: readonly number[];
}

/** From a hop to a derivation that reads days; twelve series for each function. */
const durationBucketsS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

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
    known: Object.keys(problems),
  },
  fleet_ingest_duration_seconds: {
    kind: 'histogram',
    help: 'Time from the headers of a POST /ingest to its answer, the arrival of its body included',
    labels: ['status'],
    known: ['2xx', '4xx', '5xx'],
    buckets: durationBucketsS,
  },
  fleet_events_dropped_total: {
    kind: 'counter',
    help: 'Events the broker did not take; the sweep repairs',
    labels: ['reason'],
    known: ['no-broker', 'queue-full', 'refused'],
  },
  fleet_publish_queue_events: { kind: 'gauge', help: 'Events waiting to be published' },
  fleet_receipts_pending: { kind: 'gauge', help: 'Receipts that are not processed' },
  fleet_receipts_unrolled: { kind: 'gauge', help: 'Receipts whose windows are not rolled up' },
  fleet_oldest_pending_seconds: { kind: 'gauge', help: 'Age of the oldest receipt that is not processed' },
  fleet_receipts_driven_again_total: { kind: 'counter', help: 'Stuck receipts that the sweep drove again' },
  fleet_rollup_rows_total: { kind: 'counter', help: 'Rollup rows computed', labels: ['tier'], known: ['1m', '5m'] },
  fleet_expired_rows_total: {
    kind: 'counter',
    help: 'Rows dropped by retention',
    labels: ['tier'],
    known: ['raw', '1m'],
  },
  fleet_seal_differences_total: {
    kind: 'counter',
    help: 'Rows that sealing found different: must stay 0',
    labels: ['kind'],
    known: ['trips', 'rollups'],
  },
  fleet_frozen_islands_total: { kind: 'counter', help: 'Islands not derived again because raw samples are gone' },
  fleet_dead_letters: { kind: 'gauge', help: 'Dead letters that were not replayed' },
  fleet_dead_letters_total: { kind: 'counter', help: 'Dead letters kept', labels: ['destination'] },
  fleet_broker_events_total: {
    kind: 'counter',
    help: 'Events at the broker, by what became of them',
    labels: ['outcome'],
    known: ['accepted', 'unmatched', 'hops_used_up', 'queue_full', 'invalid_event', 'broker_off', 'abandoned'],
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
    known: ['applied', 'refused'],
  },
  fleet_manifests_refused: { kind: 'gauge', help: '1 while the manifests on disk are not those in force' },
  fleet_function_active: { kind: 'gauge', help: '1 while a function is active, 0 asleep', labels: ['function'] },
  fleet_function_cold_starts_total: { kind: 'counter', help: 'Starts of a function from zero', labels: ['function'] },
  fleet_function_start_failures_total: {
    kind: 'counter',
    help: 'Starts of a function that failed',
    labels: ['function'],
    known: functionNames,
  },
  fleet_function_duration_seconds: {
    kind: 'histogram',
    help: 'Time that a function took for an event, be it in vain',
    labels: ['function'],
    buckets: durationBucketsS,
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
 * @param functionName of a process that is one function alone: the label `function` of all that has none of its own
 */
export function createMetrics(
  refresh: (metrics: Metrics) => Promise<void> = async () => {},
  functionName?: string,
): MetricsHost {
  const registry = new Registry();
  if (functionName !== undefined) registry.setDefaultLabels({ function: functionName });
  collectDefaultMetrics({ register: registry });
  const instruments = new Map<string, Counter | Gauge | Histogram>();
  for (const [name, one] of Object.entries<Declared>(declared))
    instruments.set(name, instrumentOf(name, one, registry));
  const instrument = <Kind extends Counter | Gauge | Histogram>(name: string): Kind => {
    const known = instruments.get(name);
    if (!known) throw new TypeError(`metric ${name} is not declared`);
    return known as Kind;
  };
  const metrics: Metrics = {
    count: (name, by = 1, labels = {}) => instrument<Counter>(name).inc(labels, by),
    gauge: (name, value, labels = {}) => instrument<Gauge>(name).set(labels, value),
    observe: (name, value, labels = {}) => instrument<Histogram>(name).observe(labels, value),
  };
  return {
    ...metrics,
    async text() {
      await refresh(metrics);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function instrumentOf(
  name: string,
  { kind, help, labels = [], known = [], buckets = [] }: Declared,
  registry: Registry,
): Counter | Gauge | Histogram {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  const [label = ''] = labels;
  if (kind === 'histogram') {
    const made = new Histogram({ ...options, buckets: [...buckets] });
    for (const value of known) made.zero({ [label]: value });
    return made;
  }
  const made = kind === 'counter' ? new Counter(options) : new Gauge(options);
  for (const value of known) made.inc({ [label]: value }, 0);
  return made;
}
