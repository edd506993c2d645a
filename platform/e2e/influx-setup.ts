import type { TestProject } from 'vitest/node';
import { startInfluxd } from '../../functions/lib/store/testing/influxd.ts';

/** `npm run test:influx`: one influxd for all tests that start servers, each of which gets an organisation of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const influxd = await startInfluxd();
  // Set up before the first two test files could both find that nobody has.
  await influxd.newOrg();
  project.provide('influxd', { url: influxd.url, adminToken: influxd.adminToken });
  return () => influxd.dispose();
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent where tests run on SQLite. */
    influxd?: { url: string; adminToken: string };
  }
}
