import { configDefaults, defineConfig } from 'vitest/config';

/** Tests that need a real InfluxDB are a suite of their own: `npm run test:influx`. */
const onInflux = '**/*.influx.test.ts';
/** And these, which run on SQLite as well. */
const onBoth = ['invariance', 'kill', 'real-drive', 'function'].map((name) => `platform/e2e/${name}.test.ts`);

export default defineConfig(({ mode }) => ({
  test: {
    include:
      mode === 'influx'
        ? [onInflux, ...onBoth]
        : ['functions/**/*.test.ts', 'platform/**/*.test.ts', 'grafana/**/*.test.ts'],
    exclude: mode === 'influx' ? configDefaults.exclude : [...configDefaults.exclude, onInflux],
    globalSetup: mode === 'influx' ? ['platform/e2e/influx-setup.ts'] : [],
    // Two cores are the smallest machine the project is built for; processes started by tests need one of them.
    maxWorkers: 2,
    // Brokers and triggers of a cluster take their time to be ready; a store behind HTTP takes some for each call.
    testTimeout: mode === 'influx' || process.env.TARGET === 'cluster' ? 180_000 : 30_000,
    hookTimeout: mode === 'influx' ? 180_000 : 30_000,
  },
}));
