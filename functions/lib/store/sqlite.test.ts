import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from './contract.ts';
import { openSqliteStore } from './sqlite.ts';

storeContract('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  const open = () => openSqliteStore({ path: join(folder, 'fleet.db'), paceMs: 0 });
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
