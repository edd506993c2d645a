import { configDefaults, defineConfig } from 'vitest/config';

/** Suites of their own, by the mode that runs them. */
const suites: Record<string, string> = {
  /** Needs a real InfluxDB: `npm run test:influx`. */
  influx: '**/*.influx.test.ts',
  /** Needs Prometheus: `npm run test:prometheus`. */
  prometheus: '**/*.prometheus.test.ts',
  /** Needs kubectl: `npm run test:manifests`. */
  manifests: '**/*.manifests.test.ts',
  /** Needs the fleet on a cluster: `npm run test:cluster`. */
  cluster: '**/*.cluster.test.ts',
};
const setups: Record<string, string[]> = {
  influx: ['platform/e2e/influx-setup.ts'],
  cluster: ['platform/e2e/cluster/setup.ts'],
};
/** What measures time, after all others and with the machine to itself. */
const timed = ['platform/e2e/start.test.ts'];
/** And these, which run on SQLite as well as on InfluxDB. */
const onBoth = ['invariance', 'real-drive', 'function'].map((name) => `platform/e2e/${name}.test.ts`);

const all = ['functions/**/*.test.ts', 'platform/**/*.test.ts', 'grafana/**/*.test.ts'];
const others = [...configDefaults.exclude, ...Object.values(suites)];

export default defineConfig(({ mode }) => ({
  test: {
    ...(suites[mode]
      ? { include: [suites[mode], ...(mode === 'influx' ? onBoth : [])] }
      : {
          projects: [
            {
              extends: true,
              test: { name: 'together', include: all, exclude: [...others, ...timed], sequence: { groupOrder: 0 } },
            },
            { extends: true, test: { name: 'timed', include: timed, sequence: { groupOrder: 1 } } },
          ],
        }),
    globalSetup: setups[mode] ?? [],
    // There is one cluster.
    fileParallelism: mode !== 'cluster',
    // Two cores are the smallest machine the project is built for; processes started by tests need one of them.
    maxWorkers: 2,
    // Brokers and triggers of a cluster take their time to be ready; a store behind HTTP takes some for each call.
    testTimeout: mode === 'influx' ? 600_000 : suites[mode] || process.env.TARGET === 'cluster' ? 180_000 : 30_000,
    hookTimeout: suites[mode] ? 180_000 : 30_000,
  },
}));
