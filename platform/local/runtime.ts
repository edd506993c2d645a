import { attributeFault } from '../../functions/lib/cloudevents/attributes.ts';
import type { Clock, EventFunction, Log, Metrics, Ports } from '../../functions/lib/ports.ts';
import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import type { ActivationState } from './activation.ts';
import { Backlog, type BacklogLimits } from './backlog.ts';
import type { DeliveryCounts } from './delivery.ts';
import type { Baggage } from './envelope.ts';
import { PublishRefused, type RefusalCode } from './errors.ts';
import { HeldClock } from './held-clock.ts';
import { keyOf, type Manifests } from './manifests.ts';
import { resolveTopology, type Topology } from './topology.ts';
import { Wiring } from './wiring.ts';

export interface RuntimeOptions {
  manifests: Manifests;
  /** The module of a function, by its folder's name; called on its first start. */
  loadFunction(name: string): Promise<EventFunction<unknown>>;
  portsFor(name: string): Ports;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  limits?: Partial<RuntimeLimits>;
}

export interface RuntimeLimits {
  backlog: BacklogLimits;
  /** Tries at a time to a subscriber that sets no containerConcurrency. */
  concurrency: number;
  /** Requests at a time to one server elsewhere. */
  requests: number;
  /** Of a try to a `uri` without a timeout in the delivery spec, in ms. */
  timeoutMs: number;
  /** What `stop` waits for events under way, in ms. */
  drainMs: number;
}

export const defaultLimits: RuntimeLimits = {
  // Some minutes of a busy fleet in batches; 64 MiB is what a small machine can spare.
  backlog: { events: 10_000, bytes: 67_108_864 },
  // In one process more at a time is only more memory: the work is CPU and one store.
  concurrency: 16,
  // A socket each, which costs little while it waits: a few events that a server hangs on do not hold back the others.
  requests: 256,
  // The default of a Knative Service's timeoutSeconds.
  timeoutMs: 300_000,
  // Within the 30 s that containers and service managers give between SIGTERM and SIGKILL.
  drainMs: 10_000,
};

export interface RuntimeStatus {
  broker: 'on' | 'off';
  queue: { events: number; bytes: number };
  triggers: ({ namespace: string; name: string } & DeliveryCounts)[];
  /** The Services that events lead to, or did before a change. */
  functions: {
    namespace: string;
    name: string;
    state: ActivationState;
    coldStarts: number;
    /** Why the last start failed, where it did. */
    startFailure: string | undefined;
  }[];
  pingSources: { namespace: string; name: string; nextMs: number | undefined }[];
}

export interface Runtime {
  /**
   * Queues an event; resolves before it is delivered. The event is frozen.
   * @param broker `namespace/name`; the broker named `default` unless told
   * @throws {PublishRefused}
   */
  publish(event: CloudEvent, broker?: string, baggage?: Baggage): Promise<void>;
  /** Starts the schedules and what has a min-scale. */
  start(): Promise<void>;
  /** Waits for what is under way (bounded), then takes nothing more and puts all functions to sleep. */
  stop(): Promise<void>;
  /** Resolves when no event is queued, in delivery, or waiting for another try. */
  idle(): Promise<void>;
  /**
   * Resolves when all that is left to do waits for the clock. Whoever moves a clock by hand awaits this before each
   * step, or deliveries run into their timeouts: `clock.advance(ms, runtime.settled)`.
   */
  settled(): Promise<void>;
  /** Off, every event is refused, replies included, as when a cluster's broker is down. */
  setBrokerOff(off: boolean): void;
  status(): RuntimeStatus;
  /** What the manifests in force come to. */
  topology(): Topology;
  /**
   * Puts other manifests in force: what they leave as it was is not touched, and events under way are delivered as they
   * began. Resolves when what has a min-scale is started.
   */
  apply(manifests: Manifests): Promise<void>;
}

/** Knative Eventing and Serving in one process: what the manifests say, with the functions called directly. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { log, metrics } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const clock = new HeldClock(options.clock);
  const backlog = new Backlog(limits.backlog, metrics);
  let off = false;
  let started = false;
  let stopped = false;

  let topology = resolveTopology(options.manifests);
  const wiring = new Wiring({ ...options, clock, limits, backlog, isOff: () => off || stopped });
  wiring.apply(topology);

  const startPings = () => {
    for (const { part } of wiring.pings.values()) if (part.nextMs === undefined) part.start();
  };

  const refuse = (code: RefusalCode, detail: string): never => {
    metrics.count('fleet_broker_events_total', 1, { outcome: code });
    throw new PublishRefused(code, detail);
  };

  return {
    async publish(event, key = defaultBroker(topology), baggage) {
      const fault = attributeFault(event)?.detail;
      if (fault !== undefined) refuse('invalid_event', fault);
      const broker = wiring.brokers.get(key) ?? refuse('unknown_broker', `there is no broker ${key}`);
      if (off || stopped) refuse('broker_off', 'the broker is off');
      broker.publish(event, baggage);
    },

    async start() {
      started = true;
      await Promise.all(wiring.services.revisions.map(({ activation }) => activation.start()));
      startPings();
    },

    async apply(manifests) {
      topology = resolveTopology(manifests);
      const fresh = wiring.apply(topology);
      if (!started || stopped) return;
      startPings();
      await Promise.all(fresh.map(({ activation }) => activation.start()));
    },

    async stop() {
      for (const { part } of wiring.pings.values()) part.stop();
      await Promise.race([backlog.idle(), new Promise<void>((resolve) => clock.after(limits.drainMs, resolve))]);
      stopped = true;
      const { events } = backlog.size;
      if (events > 0) {
        metrics.count('fleet_broker_events_total', events, { outcome: 'abandoned' });
        log.warn({ events }, 'stopped before all events were delivered: the sweep repairs');
      }
      clock.close();
      await Promise.all(wiring.services.revisions.map(({ activation }) => activation.stop()));
    },

    idle: () => backlog.idle(),
    settled: () => backlog.underWay.zero(),

    setBrokerOff(value) {
      off = value;
    },

    status: () => ({
      broker: off || stopped ? 'off' : 'on',
      queue: backlog.size,
      triggers: [...wiring.deliveries.values()].map(({ namespace, name, part }) => ({
        namespace,
        name,
        ...part.counts,
      })),
      functions: wiring.services.revisions.map(({ namespace, name, activation }) => ({
        namespace,
        name,
        state: activation.state,
        coldStarts: activation.coldStarts,
        startFailure: activation.startFailure,
      })),
      pingSources: [...wiring.pings.values()].map(({ namespace, name, part }) => ({
        namespace,
        name,
        nextMs: part.nextMs,
      })),
    }),
    topology: () => topology,
  };
}

/** Where what is published in this process goes, unless told. */
function defaultBroker({ brokers }: Topology): string {
  const broker = brokers.find(({ document }) => document.metadata.name === 'default');
  return broker === undefined ? '' : keyOf(broker.document);
}
