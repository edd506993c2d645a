import { bad, count, steps } from '../looks/look.ts';
import { board } from '../parts/board.ts';
import { note, promLines, promTiles } from '../parts/prom-panels.ts';
import { by, called, metric, own, perS, positive, quantile, rise, total } from '../parts/promql.ts';
import { jobVariable, prometheusVariable } from '../parts/variables.ts';

const empty = 'No metrics: nothing is scraped in this range';
const aSecond = { unit: 'cps', decimals: 1, empty };
/** A rise over a range is worked out from scrapes, and so about a whole number. */
const mustBeZero = steps('green', [0.5, 'red']);

/** What a reader of a dashboard does next. */
const traces = `Log lines of what a client sent with a \`traceparent\` have its trace, \`00-<traceId>-…\`, in the field \`traceId\`; so have dead letters, in the event.

\`\`\`sh
kubectl logs -n fleet -l serving.knative.dev/service -c user-container --prefix --tail=-1 | grep '"traceId":"0af7651916cd43dd8448eb211c80319c"'
\`\`\``;

/** 9: the processes and what the broker does, which only /metrics tells. */
export const functions = () =>
  board({
    uid: 'functions',
    title: 'Functions',
    description:
      'Requests, events, deliveries and processes, off /metrics of every function by Prometheus. Empty where there is no Prometheus: all other dashboards do without. Broker, deliveries and cold starts are the laptop’s; a cluster has Knative’s own metrics for them.',
    from: 'now-1h',
    refresh: '30s',
    source: prometheusVariable(),
    variables: [jobVariable()],
    rows: [
      {
        panels: [
          promTiles({
            title: 'Must be 0',
            description:
              'Dead letters that were not replayed, and in the range: rows that sealing found different, starts that failed. Edits of the manifests that were refused are in force nowhere.',
            queries: [
              total('Dead letters', metric('fleet_dead_letters'), 'max'),
              total('Sealing differences', rise('fleet_seal_differences_total', '$__range')),
              total('Failed starts', rise('fleet_function_start_failures_total', '$__range')),
              total('Manifests refused', metric('fleet_manifests_refused'), 'max'),
            ],
            ...{ empty, span: 10, ...count, steps: mustBeZero },
          }),
          promTiles({
            title: 'Receipts',
            description: 'Receipts that are not enriched or not in trips yet, and those that wait for the next rollup.',
            queries: [
              total('Pending', metric('fleet_receipts_pending'), 'max'),
              total('Not rolled up', metric('fleet_receipts_unrolled'), 'max'),
            ],
            ...{ empty, span: 5, ...count, steps: bad(100, 1_000) },
          }),
          promTiles({
            title: 'Oldest pending',
            description: 'Age of the oldest receipt that is not processed; the sweep takes it up after 5 minutes.',
            queries: [total('Oldest', metric('fleet_oldest_pending_seconds'), 'max')],
            ...{ empty, span: 3, unit: 's', decimals: 0, steps: bad(300, 900) },
          }),
          promTiles({
            title: 'Queues',
            description: 'Events that wait to be published (at most 1,000 a process), and in the laptop’s broker.',
            queries: [
              total('To be published', metric('fleet_publish_queue_events')),
              total('At the broker', metric('fleet_broker_queue_events')),
            ],
            ...{ empty, span: 6, ...count, steps: bad(100, 900) },
          }),
        ],
      },
      {
        title: 'Requests',
        panels: [
          promLines({
            title: 'Samples accepted',
            description: 'Samples a second that were answered with 202.',
            queries: [total('Accepted', perS('fleet_samples_accepted_total'))],
            ...{ ...aSecond, span: 8 },
          }),
          promLines({
            title: 'Requests refused',
            description: 'Requests of POST /ingest a second that were refused, by the code of the problem.',
            queries: [positive(by(['code'], perS('fleet_requests_refused_total')))],
            ...{ unit: 'reqps', empty: 'No request was refused', span: 8 },
          }),
          promLines({
            title: 'Answers of POST /ingest',
            description: 'Time from the headers of a request to its answer, by the class of its status.',
            queries: [
              quantile(0.5, 'fleet_ingest_duration_seconds', 'status'),
              quantile(0.99, 'fleet_ingest_duration_seconds', 'status'),
            ],
            ...{ unit: 's', empty, span: 8 },
          }),
        ],
      },
      {
        title: 'Events',
        panels: [
          promLines({
            title: 'Events at the broker',
            description: 'Events a second at the laptop’s broker, by what became of them.',
            queries: [by(['outcome'], perS('fleet_broker_events_total'))],
            ...{ ...aSecond, span: 8 },
          }),
          promLines({
            title: 'Deliveries',
            description: 'Deliveries of the laptop’s broker a second, by trigger and outcome.',
            queries: [by(['trigger', 'outcome'], perS('fleet_deliveries_total'))],
            ...{ ...aSecond, empty: 'No deliveries in this range', span: 8 },
          }),
          promLines({
            title: 'Failed tries',
            description:
              'Tries of a delivery that failed, a second, by trigger and status or reason. Most succeed later.',
            queries: [by(['trigger', 'reason'], perS('fleet_delivery_failures_total'))],
            ...{ ...aSecond, empty: 'No try failed', span: 8 },
          }),
        ],
      },
      {
        panels: [
          promLines({
            title: 'Time for an event',
            description: 'How long each function took for an event, be it in vain: the median, and one in a hundred.',
            queries: [
              quantile(0.5, 'fleet_function_duration_seconds', 'function'),
              quantile(0.99, 'fleet_function_duration_seconds', 'function'),
            ],
            ...{ unit: 's', empty: 'No event was handled in this range', span: 8 },
          }),
          promLines({
            title: 'Events not published',
            description:
              'Events a second that no broker took. They are hints, and the sweep repairs what their loss costs.',
            queries: [by(['reason'], perS('fleet_events_dropped_total'))],
            ...{ ...aSecond, span: 8 },
          }),
          promLines({
            title: 'Dead letters',
            description: 'Dead letters that were kept, a second, by where the event was to go.',
            queries: [by(['destination'], perS('fleet_dead_letters_total'))],
            ...{ ...aSecond, empty: 'No dead letter', span: 8 },
          }),
        ],
      },
      {
        title: 'Jobs',
        panels: [
          promLines({
            title: 'Waiting receipts',
            description: 'Receipts that are not processed, and those that are not rolled up.',
            queries: [
              total('Pending', metric('fleet_receipts_pending'), 'max'),
              total('Not rolled up', metric('fleet_receipts_unrolled'), 'max'),
            ],
            ...{ ...count, empty, span: 8 },
          }),
          promLines({
            title: 'Rows rolled up and expired',
            description: 'Rollup rows computed and rows dropped by retention in each interval, by tier.',
            queries: [
              called('rolled up', by(['tier'], rise('fleet_rollup_rows_total'))),
              called('expired', by(['tier'], rise('fleet_expired_rows_total'))),
            ],
            ...{ ...count, empty, span: 8 },
          }),
          promLines({
            title: 'Sealing differences',
            description: 'Rows that sealing a day found different, which they must never be, by kind.',
            queries: [by(['kind'], rise('fleet_seal_differences_total'))],
            ...{ ...count, empty, span: 8 },
          }),
        ],
      },
      {
        title: 'Processes',
        panels: [
          promLines({
            title: 'Active',
            description:
              'Instances of each function that are awake. What sleeps on a cluster has no process, and no line.',
            queries: [by(['function'], metric('fleet_function_active'))],
            ...{ ...count, empty, span: 6 },
          }),
          promLines({
            title: 'Cold starts',
            description:
              'Starts of a function from zero in each interval. On a cluster every start is a process of its own: see Active.',
            queries: [by(['function'], rise('fleet_function_cold_starts_total'))],
            ...{ ...count, empty, span: 6 },
          }),
          promLines({
            title: 'CPU',
            description:
              'CPU seconds a second of the processes, by function; on the laptop one process is all of them.',
            queries: [by(['function'], own(perS('process_cpu_seconds_total')))],
            ...{ unit: 'percentunit', decimals: 0, empty, span: 6 },
          }),
          promLines({
            title: 'Memory',
            description: 'Resident memory of the largest process of each function; its limit on a cluster is 384 MiB.',
            queries: [by(['function'], own(metric('process_resident_memory_bytes')), 'max')],
            ...{ unit: 'bytes', decimals: 0, empty, span: 6 },
          }),
        ],
      },
      { title: 'Traces', panels: [note('Find a trace', 'How to find the log lines of a trace.', traces)] },
    ],
  });
