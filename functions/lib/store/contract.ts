import { describe } from 'vitest';
import { alertContract } from './contract/alerts.ts';
import { deadLetterContract } from './contract/dead-letters.ts';
import { erasureContract } from './contract/erasures.ts';
import { expiryContract } from './contract/expiry.ts';
import type { OpenStore } from './contract/fixtures.ts';
import { guardContract } from './contract/guards.ts';
import { receiptContract } from './contract/receipts.ts';
import { rollupContract } from './contract/rollups.ts';
import { sampleContract } from './contract/samples.ts';
import { tripContract } from './contract/trips.ts';
import { vehicleContract } from './contract/vehicles.ts';

/**
 * What every adapter of the store must do.
 *
 * @param open an empty store; called once for each part of the suite
 */
export function storeContract(name: string, open: OpenStore, dropping = expiryContract): void {
  describe(`${name} as a store`, () => {
    sampleContract(open);
    receiptContract(open);
    guardContract(open);
    tripContract(open);
    rollupContract(open);
    alertContract(open);
    deadLetterContract(open);
    vehicleContract(open);
    erasureContract(open);
    dropping(open);
  });
}
