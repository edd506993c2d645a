import type { IngestComparison } from './influx-ingest.ts';
import type { RollupFigures } from './influx-rollups.ts';
import type { Spread } from './statistics.ts';

/** What the project has set itself (issue 5). */
const goalRatio = 0.5;

export function ingestText({ rounds, eventsPerRequest, ours, bare, ratio, acked, stored }: IngestComparison): string {
  return [
    `InfluxDB, batches of ${eventsPerRequest} CloudEvents, ${rounds} rounds`,
    `  POST /ingest (awaited 204)       ${spread(ours, 0)} samples/s`,
    `  bare writer, 5,000 lines         ${spread(bare, 0)} samples/s`,
    `  ours/bare: ${spread(ratio, 2)}; goal ${goalRatio}: ${ratio.median >= goalRatio ? 'reached' : 'MISSED'}`,
    acked === stored
      ? `  all ${acked} acknowledged samples are in the store`
      : `  LOST: ${acked} samples were acknowledged, ${stored} are in the store`,
  ].join('\n');
}

export function rollupText({ vehicles, byDays, windows }: RollupFigures): string {
  return [
    `rollup of one changed 1-minute window of each of ${vehicles} vehicles at 1 Hz`,
    ...byDays.map(
      ({ days, tickMs, rowsRead }) =>
        `  ${days} ${days === 1 ? 'day' : 'days'} in the store: ${spread(tickMs, 0)} ms a tick; a window reads ${rowsRead} samples`,
    ),
    ...windows.map(
      ({ what, ownMs, fluxMs }) =>
        `  ${what} of one vehicle: ${spread(ownMs, 1)} ms by our own code, written; ${spread(fluxMs, 1)} ms by Flux, only read`,
    ),
  ].join('\n');
}

function spread({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
