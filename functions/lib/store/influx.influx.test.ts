import { afterAll, beforeAll } from 'vitest';
import type { OpenedStore } from './contract/fixtures.ts';
import { retentionContract } from './contract/retention.ts';
import { storeContract } from './contract.ts';
import { openInfluxStore } from './influx.ts';
import { type Influxd, startInfluxd } from './testing/influxd.ts';

let influxd: Influxd;
beforeAll(async () => {
  influxd = await startInfluxd();
});
afterAll(() => influxd?.dispose());

async function open(): Promise<OpenedStore> {
  const settings = await influxd.newOrg();
  // Of one process there is nothing to wait for.
  const openStore = () => openInfluxStore({ ...settings, settleMs: 0 });
  let store = await openStore();
  return {
    store,
    async reopen() {
      await store.close();
      store = await openStore();
      return store;
    },
    close: () => store.close(),
  };
}

storeContract('influx', open, retentionContract);
