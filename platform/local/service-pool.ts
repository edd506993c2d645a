import type { EventFunction } from '../../functions/lib/ports.ts';
import { Activation } from './activation.ts';
import { functionSubscriber } from './function-subscriber.ts';
import type { ServiceDocument } from './manifest-schema.ts';
import { keyOf } from './manifests.ts';
import { Slots } from './slots.ts';
import { type Attempt, dispatchError, type Subscriber } from './subscriber.ts';
import { serviceAddress } from './topology.ts';
import type { WiringOptions } from './wiring.ts';

/** What runs a Service as it is now; another one takes over when its manifest changes, as a new revision does. */
export interface Revision {
  namespace: string;
  name: string;
  activation: Activation<EventFunction<unknown>>;
  subscriber: Subscriber;
  /** The manifest it was made of. */
  text: string;
}

/** The functions that events lead to, or did before a change, by the keys of their Services. */
export class ServicePool {
  #revisions = new Map<string, Revision>();
  readonly #options: Pick<WiringOptions, 'loadFunction' | 'portsFor' | 'clock' | 'log' | 'metrics' | 'limits'>;

  constructor(options: WiringOptions) {
    this.#options = options;
  }

  get revisions(): Revision[] {
    return [...this.#revisions.values()];
  }

  /**
   * Takes the Services that events lead to from now on. What has not changed stays as it is, awake or asleep, also where
   * no more events lead to it: some may wait for another try. What is gone or has changed ends the work it has and falls
   * asleep.
   * @param all the Services that there are
   * @returns the new ones, which are to be started where they have a min-scale
   */
  apply(services: Iterable<ServiceDocument>, all: readonly ServiceDocument[]): Revision[] {
    const before = this.#revisions;
    this.#revisions = new Map();
    const fresh: Revision[] = [];
    for (const service of services) {
      const key = keyOf(service);
      const text = JSON.stringify(service);
      const same = before.get(key);
      if (same?.text === text) {
        this.#revisions.set(key, same);
        before.delete(key);
        continue;
      }
      const revision = this.#revisionOf(service, text);
      this.#revisions.set(key, revision);
      fresh.push(revision);
    }
    const there = new Map(all.map((service) => [keyOf(service), JSON.stringify(service)]));
    for (const [key, revision] of before) {
      if (there.get(key) === revision.text) this.#revisions.set(key, revision);
      else void revision.activation.retire();
    }
    return fresh;
  }

  /** A Service as a subscriber: looked up with every try, so that tries after a change come to the new revision. */
  subscriber({ metadata: { name, namespace } }: ServiceDocument, address: string, path: string): Subscriber {
    const key = `${namespace}/${name}`;
    const answer = (attempt: Attempt) => Promise.resolve(attempt);
    return {
      address,
      send: (envelope, timeoutMs) => {
        // The host of a function serves no other path.
        if (path !== '/') return answer({ status: 404, body: '' });
        const revision = this.#revisions.get(key);
        if (revision === undefined) return answer(dispatchError(`there is no Service ${key}`));
        return revision.subscriber.send(envelope, timeoutMs);
      },
    };
  }

  #revisionOf(service: ServiceDocument, text: string): Revision {
    const { loadFunction, portsFor, clock, log, metrics, limits } = this.#options;
    const { name, namespace } = service.metadata;
    const [functionName] = service.spec.template.spec.containers;
    const { containerConcurrency, timeoutSeconds } = service.spec.template.spec;
    const { minScale, sleepAfterMs } = service.spec.template.metadata.annotations;
    const ports = portsFor(functionName);
    const load = () => loadFunction(functionName);
    const activation = new Activation({ name, load, ports, minScale, sleepAfterMs, clock, log, metrics });
    const subscriber = functionSubscriber({
      name,
      address: serviceAddress(namespace, name),
      activation,
      ports,
      slots: new Slots(containerConcurrency === 0 ? limits.concurrency : containerConcurrency),
      timeoutMs: timeoutSeconds * 1_000,
      clock,
    });
    return { namespace, name, activation, subscriber, text };
  }
}
