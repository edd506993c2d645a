import { defineConfig } from 'vitest/config';

/** `npm run test:api`: minutes long and in need of Python, so that it is a suite of its own. */
export default defineConfig({
  test: { include: ['platform/e2e/api/**/*.api.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
});
