import type { Clock } from '../../functions/lib/ports.ts';
import { runDemo } from '../simulator/demo.ts';
import { createDemoToken } from '../simulator/demo-token.ts';
import { demoCars } from '../simulator/fleet.ts';
import { openTokens } from './admin.ts';
import { send, textOf } from './api.ts';
import type { ServerOptions } from './options.ts';
import { progressLog } from './progress-log.ts';
import { baseUrl } from './settings.ts';
import type { World } from './world.ts';

/** Drives the demo cars until SIGINT or SIGTERM. Its token is its own, and is revoked at the end. */
export async function startDemo(world: World, options: ServerOptions): Promise<void> {
  const base = baseUrl(options.url, world);
  textOf(await send(world, base, { path: '/openapi.json' }));
  const cars = demoCars();
  const given = options.token ?? (world.env.FLEET_TOKEN || undefined);
  const own =
    given === undefined
      ? await addToken(
          world,
          cars.map(({ vehicle }) => vehicle),
        )
      : undefined;
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  // Not `once`: the terminal and our parent both send SIGINT, and the second one must not end us before the token is revoked.
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const log = progressLog(world);
    log.info({}, `${cars.length} demo cars drive against ${base.origin}; stop with Ctrl+C`);
    const { done } = runDemo({
      url: base.href,
      token: given ?? own?.token ?? '',
      cars,
      clock: clockOf(world),
      log,
      signal: stop.signal,
      fetch: world.fetch,
      random: Math.random,
    });
    await done;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    if (own) await openTokens(world).revoke(own.id);
  }
}

async function addToken(world: World, vehicles: string[]): Promise<{ id: string; token: string }> {
  const { token, record } = createDemoToken(vehicles, world.now());
  await openTokens(world).add(record);
  return { id: record.id, token };
}

function clockOf({ now }: World): Clock {
  return {
    now,
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  };
}
