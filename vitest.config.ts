import { defineConfig } from "vitest/config";

const minute = 60_000;

// Three projects. `unit` takes seconds: it starts nothing that is slow, and it leaves alone what a later file sees, so
// that files share their modules. `process` needs no daemon either but starts processes: the bundled frontend, the gateway
// server written in Go, compilers. `e2e` shares one rig and runs its files one after another, because they push to one
// registry and measure one daemon.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "process",
          include: ["test/**/*.process.ts"],
          testTimeout: minute,
          hookTimeout: 5 * minute,
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
