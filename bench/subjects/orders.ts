import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Subject } from "../types.ts";
import { benchFolder, replaceIn } from "../workspace.ts";

/** examples/orders, the demo's service. */
export const orders: Subject = {
  name: "orders",
  description: "examples/orders of this repository",
  module: "example.com/orders",
  main: "cmd/orders",
  modules: true,
  write: async (folder) => cpSync(join(benchFolder, "..", "examples", "orders"), folder, { recursive: true }),
  edits: {
    main: (folder, salt) =>
      replaceIn(
        join(folder, "cmd/orders/main.go"),
        "func main() {",
        `var edit = "${salt}"\n\nfunc main() {\n\t_ = edit`,
      ),
  },
};
