import fc from 'fast-check';
import { afterAll, beforeAll } from 'vitest';
import { columns } from '../../telemetry/columns.ts';
import type { Sample, SampleFields } from '../../telemetry/sample.ts';
import type { Alert, AlertRange, Guard, Guards, Receipt, Store } from '../port.ts';

/** A store to test: `reopen` closes it and opens the same data again, `close` also removes the data. */
export interface OpenedStore {
  store: Store;
  reopen(): Promise<Store>;
  close(): Promise<void>;
}

export type OpenStore = () => Promise<OpenedStore>;

export const minuteMs = 60_000;
export const dayLengthMs = 86_400_000;

/** Midnight yesterday, UTC: recent, because a store may refuse what is beyond its retention, and a whole day of it past. */
export const yesterdayMs = Math.floor(Date.now() / dayLengthMs) * dayLengthMs - dayLengthMs;
export const noonMs = yesterdayMs + dayLengthMs / 2;
/** When the tests' requests were received. */
export const receivedMs = noonMs + 60 * minuteMs;

/** One store for the tests of a describe block; each test has vehicles of its own. */
export function useStore(open: OpenStore): { readonly store: Store; reopen(): Promise<void> } {
  let opened: OpenedStore;
  let store: Store;
  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(() => opened.close());
  return {
    get store() {
      return store;
    },
    async reopen() {
      store = await opened.reopen();
    },
  };
}

let vehicles = 0;
/** A vehicle that no other test has; later ones sort after earlier ones. */
export function newVehicle(): string {
  return `car-${String(++vehicles).padStart(6, '0')}`;
}

export function sampleAt(timeMs: number, fields: SampleFields = { speedKmh: 50 }, device = 'main'): Sample {
  return { timeMs, device, ...fields };
}

export async function pagesOf<T>(pages: AsyncIterable<T[]>): Promise<T[][]> {
  const all: T[][] = [];
  for await (const page of pages) all.push(page);
  return all;
}

export async function collect<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  return (await pagesOf(pages)).flat();
}

/** A guard that holds until samples of the vehicle are written. */
export async function guardOf(store: Store, vehicle: string): Promise<Guard> {
  return { vehicle, version: await store.readVersion(vehicle), of: 'samples' };
}

export function readAll(store: Store, vehicle: string, pageSize?: number): Promise<Sample[]> {
  return collect(store.readSamples(vehicle, 0, Number.MAX_SAFE_INTEGER, pageSize));
}

export function receiptsOf(store: Store, vehicle: string): Promise<Receipt[]> {
  return store.listReceipts({ vehicle, limit: 1_000 });
}

/** Any text that JSON can carry, quotes and other scripts included. */
const text = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' });

const anyValueOf = {
  // Adding 0 turns -0 into 0: no store tells them apart.
  number: fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => value + 0),
  flag: fc.boolean(),
  text,
  list: fc.array(text, { maxLength: 3 }),
} as const;

/** Fields of a sample: a few of all there are, with values of their kinds. */
export const anyFields: fc.Arbitrary<SampleFields> = fc
  .subarray([...columns], { maxLength: 6 })
  .chain((some) => fc.record(Object.fromEntries(some.map(({ name, kind }) => [name, anyValueOf[kind]])))) as never;

/** Alerts of a pass, written without any sample. */
export function replaceAlerts(store: Store, range: AlertRange, alerts: readonly Alert[], guard: Guards) {
  return store.amend({ vehicle: range.vehicle, samples: [] }, [], guard, receivedMs, { range, alerts });
}
