import type { Clock, Log, Metrics, Ports } from '../../functions/lib/ports.ts';

/** What this file needs of a function, be it called with events or over HTTP. */
export interface Lifecycle {
  init?(ports: Ports): unknown;
  shutdown?(state: unknown): void | Promise<void>;
}

export interface ActivationOptions<Fn> {
  name: string;
  load(): Promise<Fn>;
  ports: Ports;
  /** Idle time until the function falls asleep (autoscaling.knative.dev/window, and scale-to-zero-pod-retention-period). */
  sleepAfterMs: number;
  /** From 1 on it never sleeps (autoscaling.knative.dev/min-scale). */
  minScale: number;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

export type ActivationState = 'asleep' | 'starting' | 'active' | 'stopping';

interface Instance<Fn> {
  fn: Fn;
  /** What `init` answered; dropped with the instance. */
  state: unknown;
}

/** A function that is started by its first event and falls asleep after an idle window, as a Knative Service does. */
export class Activation<Fn extends Lifecycle> {
  coldStarts = 0;
  /** Why it is not active, where its last start failed. */
  startFailure: string | undefined;
  /** Tasks, and what will lead to one. */
  #inFlight = 0;
  #retired = false;
  #lastUsedMs = 0;
  #state: ActivationState = 'asleep';
  #instance: Instance<Fn> | undefined;
  /** The start or the stop under way, which all who come meanwhile wait for. */
  #change: Promise<unknown> | undefined;
  #cancelTimer: () => void = () => {};
  readonly #options: ActivationOptions<Fn>;

  constructor(options: ActivationOptions<Fn>) {
    this.#options = options;
  }

  get state(): ActivationState {
    return this.#state;
  }

  /**
   * Runs a task with the function and its state, starting it first where needed.
   * @throws what `load`, `init` or the task throws; a failed start is tried again by the next task
   */
  async run<T>(task: (fn: Fn, state: unknown) => Promise<T>): Promise<T> {
    this.#inFlight += 1;
    try {
      const { fn, state } = this.#instance ?? (await this.#wake());
      return await task(fn, state);
    } finally {
      this.#end();
    }
  }

  /** Does not sleep until `work` is done, which leads to a task, maybe after a wait. */
  async keep<T>(work: () => Promise<T>): Promise<T> {
    this.#inFlight += 1;
    try {
      return await work();
    } finally {
      this.#end();
    }
  }

  /** Its Service has changed or is gone: it falls asleep with the last task that still came to it, min-scale or not. */
  async retire(): Promise<void> {
    // From now on the gauge is that of another one, if there is one.
    this.#gauge(0);
    this.#retired = true;
    await this.#leave();
  }

  /** With a min-scale it is started before the first event. */
  async start(): Promise<void> {
    if (this.#options.minScale > 0) await this.run(async () => {});
  }

  /** Puts it to sleep now, whatever is under way. */
  async stop(): Promise<void> {
    await this.#change?.catch(() => {});
    await this.#sleep();
  }

  #end(): void {
    this.#inFlight -= 1;
    this.#lastUsedMs = this.#options.clock.now();
    if (this.#retired) void this.#leave();
  }

  async #leave(): Promise<void> {
    await this.#change?.catch(() => {});
    if (this.#inFlight > 0 || this.#instance === undefined) return;
    this.#change = this.#sleep().finally(() => {
      this.#change = undefined;
    });
    await this.#change;
  }

  async #wake(): Promise<Instance<Fn>> {
    // A stop that was under way leads to a new start.
    while (this.#instance === undefined || this.#state !== 'active') {
      this.#change ??= this.#start().finally(() => {
        this.#change = undefined;
      });
      await this.#change;
    }
    return this.#instance;
  }

  async #start(): Promise<void> {
    const { name, load, ports, clock, log, metrics } = this.#options;
    const startedMs = clock.now();
    this.#setState('starting');
    try {
      const fn = await load();
      this.#instance = { fn, state: await fn.init?.(ports) };
      this.startFailure = undefined;
    } catch (error) {
      this.#setState('asleep');
      this.startFailure = error instanceof Error ? error.message : String(error);
      metrics.count('fleet_function_start_failures_total', 1, { function: name });
      log.error({ function: name, err: error }, 'function failed to start');
      throw error;
    }
    this.coldStarts += 1;
    metrics.count('fleet_function_cold_starts_total', 1, { function: name });
    this.#setState('active');
    this.#lastUsedMs = clock.now();
    log.debug({ function: name, startMs: clock.now() - startedMs }, 'function started');
    this.#arm(this.#options.sleepAfterMs);
  }

  /** One timer that looks again, instead of one set anew with every event. */
  #arm(delayMs: number): void {
    const { clock, minScale, sleepAfterMs } = this.#options;
    if (minScale > 0) return;
    this.#cancelTimer = clock.after(delayMs, () => {
      const idleMs = this.#inFlight > 0 ? 0 : Math.max(0, clock.now() - this.#lastUsedMs);
      if (idleMs < sleepAfterMs) return this.#arm(sleepAfterMs - idleMs);
      this.#change = this.#sleep().finally(() => {
        this.#change = undefined;
      });
    });
  }

  async #sleep(): Promise<void> {
    const instance = this.#instance;
    if (instance === undefined) return;
    const { name, log } = this.#options;
    this.#cancelTimer();
    this.#instance = undefined;
    this.#setState('stopping');
    try {
      await instance.fn.shutdown?.(instance.state);
    } catch (error) {
      log.error({ function: name, err: error }, 'function failed to shut down');
    }
    this.#setState('asleep');
    log.debug({ function: name }, 'function asleep');
  }

  #setState(state: ActivationState): void {
    this.#state = state;
    if (!this.#retired) this.#gauge(state === 'active' ? 1 : 0);
  }

  #gauge(active: number): void {
    this.#options.metrics.gauge('fleet_function_active', active, { function: this.#options.name });
  }
}
