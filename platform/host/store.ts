import type { Log, Metrics } from '../../functions/lib/ports.ts';
import { accessOf } from '../../functions/lib/store/influx/access.ts';
import type { Store } from '../../functions/lib/store/port.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { storeFile } from './data-folder.ts';

/** Whoever runs every function may do what the read API may: everything. */
const everyone = 'query';

/**
 * Opens the store that the configuration names. Throws ConfigError.
 *
 * @param onMerged told of samples that were found to be there already with another value (SQLite only)
 */
export async function openStore(
  config: Config,
  log: Log,
  onFatal: (error: Error) => void,
  onMerged: (samples: number) => void,
): Promise<Store> {
  if (!config.influx) {
    const { openSqliteStore } = await import('../../functions/lib/store/sqlite.ts');
    return openSqliteStore({ path: storeFile(config.dataDir), onFatal, onMerged }).catch((cause: Error) => {
      throw new ConfigError(`FLEET_DATA: ${cause.message}`, { cause });
    });
  }
  const { openInfluxStore } = await import('../../functions/lib/store/influx.ts');
  const user = config.function ?? everyone;
  const onTrouble = ({ message }: Error) => log.warn({ error: message }, 'the store is in trouble');
  return openInfluxStore({ ...config.influx, user, onTrouble }).catch((cause: Error) => {
    throw new ConfigError(`STORE=influx: ${cause.message}`, { cause });
  });
}

/** Sets the gauges that are read off the store, as far as this process may read it. */
export async function gaugeStore(config: Config, store: Store, nowMs: number, { gauge }: Metrics): Promise<void> {
  const buckets = config.influx ? accessOf[config.function ?? everyone]?.read : undefined;
  if (!buckets || buckets.includes('telemetry_raw')) {
    const receipts = await store.countReceipts();
    gauge('fleet_receipts_pending', receipts.pending);
    gauge('fleet_receipts_unrolled', receipts.rollup);
    const { oldestPendingMs } = receipts;
    gauge('fleet_oldest_pending_seconds', oldestPendingMs === null ? 0 : (nowMs - oldestPendingMs) / 1000);
  }
  if (!buckets || buckets.includes('fleet')) gauge('fleet_dead_letters', await store.countDeadLetters());
}
