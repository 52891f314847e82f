import { defineConfig } from "vitest/config";

// The unit tests that `npm run mutation` names, which all share one process.
export default defineConfig({
  test: {
    include: (process.env["GO_FRONTEND_MUTATION_TESTS"] ?? "").split(" "),
    isolate: false,
    testTimeout: 30_000,
  },
});
