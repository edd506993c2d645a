import { configDefaults, defineConfig } from 'vitest/config';

/** Suites of their own, by the mode that runs them. */
const suites: Record<string, string> = {
  /** Needs a real InfluxDB: `npm run test:influx`. */
  influx: '**/*.influx.test.ts',
  /** Needs kubectl: `npm run test:manifests`. */
  manifests: '**/*.manifests.test.ts',
  /** Needs the fleet on a cluster: `npm run test:cluster`. */
  cluster: '**/*.cluster.test.ts',
};
const setups: Record<string, string[]> = {
  influx: ['platform/e2e/influx-setup.ts'],
  cluster: ['platform/e2e/cluster/setup.ts'],
};
/** And these, which run on SQLite as well as on InfluxDB. */
const onBoth = ['invariance', 'real-drive', 'function'].map((name) => `platform/e2e/${name}.test.ts`);

export default defineConfig(({ mode }) => ({
  test: {
    include: suites[mode]
      ? [suites[mode], ...(mode === 'influx' ? onBoth : [])]
      : ['functions/**/*.test.ts', 'platform/**/*.test.ts', 'grafana/**/*.test.ts'],
    exclude: suites[mode] ? configDefaults.exclude : [...configDefaults.exclude, ...Object.values(suites)],
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
