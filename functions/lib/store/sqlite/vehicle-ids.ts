import type { Connection } from './statements.ts';

/** The id of a vehicle, which is made known by asking. */
export type VehicleIds = (name: string) => number;

/** Bounds the memory of a fleet with ever new names; a miss costs one indexed look-up. */
const maxCached = 50_000;

export interface VehicleTable {
  idOf: VehicleIds;
  find(name: string): number | undefined;
  /** Empties the cache: after erasing, and after a rolled-back transaction, whose ids are not there. */
  forget(): void;
}

export function vehicleTable({ sql }: Connection): VehicleTable {
  const cache = new Map<string, number>();

  function find(name: string): number | undefined {
    const known = cache.get(name);
    if (known !== undefined) return known;
    const id = sql('SELECT id FROM vehicle WHERE name = ?').get(name)?.id as number | undefined;
    if (id !== undefined) remember(name, id);
    return id;
  }

  function remember(name: string, id: number): void {
    if (cache.size >= maxCached) cache.clear();
    cache.set(name, id);
  }

  return {
    find,
    idOf(name) {
      const known = find(name);
      if (known !== undefined) return known;
      const id = Number(sql('INSERT INTO vehicle (name) VALUES (?)').run(name).lastInsertRowid);
      remember(name, id);
      return id;
    },
    forget: () => cache.clear(),
  };
}

/** What a guard compares (port.ts, Guard): counts of writes, under an id that no other vehicle has or will have. */
export interface Version {
  id: number;
  samples: number;
  trips: number;
  codes: number;
}

export function versionOf({ sql }: Connection, vehicle: string): Version {
  const row = sql(
    'SELECT id, version AS samples, tripsVersion AS trips, codesVersion AS codes FROM vehicle WHERE name = ?',
  );
  return (row.get(vehicle) as Version | undefined) ?? { id: 0, samples: 0, trips: 0, codes: 0 };
}

export function formatVersion({ id, samples, trips, codes }: Version): string {
  return [id, samples, trips, codes].join('.');
}

export function parseVersion(text: string): Version {
  const [id = 0, samples = 0, trips = 0, codes = 0] = text.split('.').map(Number);
  return { id, samples, trips, codes };
}
