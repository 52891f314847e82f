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
        // In the binary too, else the linker leaves it out and the same image is pushed again.
        `func main() {\n\tif len(os.Args) > 1000 {\n\t\tprintln("${salt}")\n\t}`,
      ),
  },
};
