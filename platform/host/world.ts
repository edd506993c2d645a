import { createAuthenticator } from '../../functions/lib/auth/authenticator.ts';
import { openTokenFile, TokenFileError } from '../../functions/lib/auth/token-file.ts';
import type { Clock, Log, Ports } from '../../functions/lib/ports.ts';
import type { Store } from '../../functions/lib/store/port.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { fleetCommand } from './fleet-command.ts';
import { createMetrics, type MetricsHost } from './metrics.ts';
import { createPublisher, type Publisher, type Send } from './publisher.ts';
import { gaugeStore, openStore } from './store.ts';

/** Everything outside of the functions, opened once for a process. */
export interface World {
  ports: Ports;
  store: Store;
  metrics: MetricsHost;
  publisher: Publisher;
}

/**
 * Opens the store, the tokens and the metrics. Throws ConfigError.
 *
 * @param send how an event gets to the broker; undefined where there is none
 * @param onFatal called when the store can no longer be trusted; the process must end
 */
export async function openWorld(
  config: Config,
  clock: Clock,
  log: Log,
  send: Send | undefined,
  onFatal: (error: Error) => void,
): Promise<World> {
  const metrics = createMetrics((gauges) => gaugeStore(config, store, clock.now(), gauges), config.function);
  const onMerged = (samples: number) => metrics.count('fleet_samples_merged_total', samples);
  const store: Store = await openStore(config, log, onFatal, onMerged);
  const publisher = createPublisher(send, clock, metrics);
  const { publish } = publisher;
  const { rulesFor, ingestLimits } = config;
  const auth = createAuthenticator(openTokens(config, clock, log));
  const command = fleetCommand(config);
  const ports = { store, clock, log, metrics, auth, rulesFor, ingestLimits, fleetCommand: command, publish };
  return { ports, store, metrics, publisher };
}

function openTokens(config: Config, clock: Clock, log: Log) {
  try {
    return openTokenFile(config.tokensFile, {
      now: () => clock.now(),
      onError: (error) =>
        log.error({ error: error.message }, 'tokens.json cannot be read; the last good one stays in force'),
    });
  } catch (cause) {
    if (cause instanceof TokenFileError) throw new ConfigError(cause.message, { cause });
    throw cause;
  }
}
