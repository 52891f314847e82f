import { defineConfig } from "vitest/config";

const minute = 60_000;

// Two projects: `unit` needs no daemon and takes seconds, `e2e` shares one rig and runs its files one after
// another, because they push to one registry and measure one daemon.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.e2e.ts"],
          globalSetup: ["test/e2e/setup.ts"],
          fileParallelism: false,
          testTimeout: 15 * minute,
          hookTimeout: 15 * minute,
          teardownTimeout: 2 * minute,
        },
      },
    ],
  },
});
