// Thirty modules that only a proxy of the tests has, and a service that imports all of them.
import type { Files } from "../e2e/support/project.ts";
import { type Modules, sumLines } from "../support/module-proxy.ts";

const COUNT = 30;

/** @param mark makes the modules others: what one build has kept of them is of no use to another */
export function thirtyModules(mark: string): { readonly modules: Modules; readonly service: Files } {
  const paths = Array.from({ length: COUNT }, (_, index) => `m${index}.${mark}.example.test/lib`);
  const modules: Modules = Object.fromEntries(
    paths.map((path, index) => [
      `${path}@v1.0.0`,
      {
        "go.mod": `module ${path}\n\ngo 1.21\n`,
        "lib.go": `package lib\n\nconst Number = ${index}\n`,
      },
    ]),
  );
  const names = paths.map((path, index) => `\tm${index} "${path}"`);
  return {
    modules,
    service: {
      "go.mod": `module example.test/${mark}\n\ngo 1.26\n\nrequire (\n${paths.map((path) => `\t${path} v1.0.0\n`).join("")})\n`,
      "go.sum": sumLines(modules),
      "main.go": `package main\n\nimport (\n${names.join("\n")}\n)\n\nfunc main() { println(${paths.map((_, index) => `m${index}.Number`).join("+")}) }\n`,
    },
  };
}
/** What that service prints. */
export const SUM = String((COUNT * (COUNT - 1)) / 2);
