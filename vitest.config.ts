import { defineConfig } from 'vitest/config';

/**
 * Tests by purpose. Each project is one tier: `vitest run --project simulation`.
 * Workspace packages resolve to their sources, so tests need no build
 * (integration tests start real processes and do need `npm run build`).
 */
const conditions = ['everopen-source', 'node', 'import', 'module', 'default'];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
};

export default defineConfig({
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{packages,services,apps}/*/src/**/*.test.ts', 'tests/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'simulation',
          include: ['{packages,services,apps}/*/test/**/*.simulation.test.ts'],
          testTimeout: 240_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: [
            'tests/integration/**/*.test.ts',
            '{packages,services,apps}/*/test/**/*.integration.test.ts',
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: 'foreign',
          include: ['tests/foreign/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: 'chaos',
          include: ['tests/chaos/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
