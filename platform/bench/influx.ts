import { parseArgs } from 'node:util';
import { startInfluxd } from '../../functions/lib/store/testing/influxd.ts';
import { compareWithBareWriter } from './influx-ingest.ts';
import { ingestText, rollupText } from './influx-report.ts';
import { measureRollups } from './influx-rollups.ts';
import { startLoad } from './load.ts';
import { machineText, thisMachine } from './report.ts';

/**
 * `npm run bench:influx`: ingest into a real InfluxDB beside a bare writer of 5,000-line requests, in turns; and what a
 * rollup tick costs with one and with seven days in the store. --quick gives rough figures, --days other days.
 */
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, days: { type: 'string', default: '1,7' } },
});
const plan = values.quick ? { rounds: 3, roundMs: 800, vehicles: 2 } : { rounds: 6, roundMs: 3_000, vehicles: 10 };

console.log(machineText(thisMachine(Date.now())));
const influxd = await startInfluxd();
const load = startLoad();
try {
  console.log(`\n${ingestText(await compareWithBareWriter(load, influxd, plan))}`);
  const days = values.days.split(',').map(Number);
  console.log(`\n${rollupText(await measureRollups(influxd, plan.vehicles, days))}`);
} finally {
  load.stop();
  await influxd.dispose();
}
process.channel?.unref();
