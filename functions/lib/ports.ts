import type { Authenticator } from './auth/authenticator.ts';
import type { Store } from './store/port.ts';
import type { CloudEvent } from './telemetry/events.ts';
import type { IngestLimits } from './telemetry/limits.ts';
import type { RulesFor } from './trips/rules.ts';

/** What a function may use of the world; the host passes it in. */
export interface Ports {
  store: Store;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Who may do what: the tokens of tokens.json. */
  auth: Authenticator;
  ingestLimits: IngestLimits;
  /** For what people are told to type. */
  fleetCommand: FleetCommand;
  /** Trip rules of a vehicle, from configuration. */
  rulesFor: RulesFor;
  /**
   * Hands an event to the broker. Answers whether the broker took it; else it is dropped and counted: events are hints,
   * and the sweep repairs (DESIGN §2), so a caller never fails because of it.
   */
  publish(event: CloudEvent): Promise<boolean>;
}

/** How the `fleet` command is typed, with the settings it must be given where they are not the usual. */
export interface FleetCommand {
  /** To work on the data folder (`token create`). */
  onFolder: string;
  /** To ask the server. */
  onServer: string;
}

/** The wall clock and timers, replaceable so that days can be run through in seconds. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Calls back once after `delayMs`; the function it returns cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Counters, gauges and histograms by their Prometheus names, units last; all of them are declared in platform/host/metrics.ts. */
export interface Metrics {
  count(name: string, by?: number, labels?: Record<string, string>): void;
  gauge(name: string, value: number, labels?: Record<string, string>): void;
  observe(name: string, value: number, labels?: Record<string, string>): void;
}

/** What an event handler is told beside its event. `state` is what `init` answered, gone when the function sleeps. */
export interface Context<State = undefined> {
  state: State;
  /** W3C trace context of the event or the request, where there is one; the host puts it onto what is published and logged. */
  traceparent?: string;
}

/** A function that is called with events: one folder, one Knative Service, one module of this shape. */
export interface EventFunction<State = undefined> {
  init?(ports: Ports): State | Promise<State>;
  /** Resolving with an event is a reply; a {@link Refusal} thrown says that it can never succeed. */
  handle(context: Context<State>, event: CloudEvent, ports: Ports): Promise<CloudEvent | undefined>;
  shutdown?(state: State): void | Promise<void>;
}

/** A function that is called over HTTP (`ingest`, `query`). */
export interface HttpFunction<State = undefined> {
  init?(ports: Ports): State | Promise<State>;
  handle(context: HttpContext<State>, body: Uint8Array, ports: Ports): Promise<HttpAnswer>;
  shutdown?(state: State): void | Promise<void>;
}

export interface HttpContext<State = undefined> extends Context<State> {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Lower-case names; of a name that came twice, Node's joining. */
  headers: Record<string, string | undefined>;
  /** Stands for the connection, where there is one: the same for each request on it. */
  connection?: object;
  /** The connection comes from this machine, and names it as such (`Host`): the read API asks it for no token. */
  loopback: boolean;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | AsyncIterable<string>;
}

/** An event that can never be processed: answered 422, straight to the dead-letter sink, never retried. */
export class Refusal extends Error {
  readonly status = 422;
}
