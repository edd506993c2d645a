import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: one server at a time, because faults need the machine to themselves. */
export default defineConfig({
  test: {
    include: ['platform/e2e/faults/**/*.fault.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
