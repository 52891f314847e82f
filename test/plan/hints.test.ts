// The help of what is wrong between a description and its source tree: whoever follows it can build.
import { expect, test } from "vitest";
import { inspect, planEach } from "../../src/plan/index.ts";
import { type Diagnostic, firstLine, isDiagnosticError } from "../../src/description/index.ts";
import { openFiles } from "../facts/memory-tree.ts";
import { follow } from "../description/follow.ts";
import { plainRequest } from "./support.ts";
import { parseText } from "../description/support.ts";

const main = "package main\n\nvar version string\n\nfunc main() { println(version) }\n";
const mod = (path: string, go = "1.26"): string => `module example.com/${path}\n\ngo ${go}\n`;

const shop = {
  "go.mod": mod("shop"),
  "cmd/orders/main.go": main,
  "cmd/worker/main.go": main,
  "internal/money/money.go": "package money\n\nvar Currency string\n",
};
const nested = { ...shop, "tools/go.mod": mod("shop/tools"), "tools/cmd/gen/main.go": main };
const below = { "services/orders/go.mod": mod("orders"), "services/orders/main.go": main };
const single = { "go.mod": mod("tool"), "main.go": main };

type Row = readonly [what: string, description: string, files: Readonly<Record<string, string>>];

const rows: readonly Row[] = [
  ["several main packages", "", shop],
  ["several, in a service", "services: { a: {} }", shop],
  [
    "several, and a key that is shared",
    "build: { strip: false }\nservices: { a: {}, b: { main: ./cmd/worker } }",
    shop,
  ],
  ["a slip", "main: ./cmd/order", shop],
  ["a slip in a service", "services: { a: { main: ./cmd/order } }", shop],
  ["a file", "main: ./cmd/orders/main.go", shop],
  ["a library", "main: ./internal/money", shop],
  ["no such directory", "main: ./xyz", shop],
  ["an import path", "main: example.com/shop/cmd/orders2", shop],
  ["another module", "main: ./tools/cmd/gen", nested],
  ["another module, in a service", "services: { a: { main: ./tools/cmd/gen } }", nested],
  ["no go.mod at the root", "", below],
  ["no go.mod there", "module: ./services", below],
  ["a module above", "module: ./cmd", single],
  ["an older release", 'go: "1.25"', { ...single, "go.mod": mod("tool", "1.26.3") }],
  ["a user that is not there", "image: { user: step }", single],
  ["a user's slip", "image: { user: nobod }", single],
  ["no users", "image: { base: scratch, user: nobody }", single],
  ["an entrypoint elsewhere", "image: { entrypoint: [/tool, serve] }", single],
  ["an entrypoint elsewhere, on a base", "image: { base: debian, entrypoint: [/tool] }", single],
  ["a variable's slip", "build: { vars: { main.verison: x } }", single],
  ["a variable by the import path", "build: { vars: { example.com/tool.version: x } }", single],
];

function problems(error: unknown): readonly Diagnostic[] {
  if (isDiagnosticError(error)) return error.diagnostics;
  throw error;
}

async function wrongWith(text: string, files: Row[2]): Promise<readonly Diagnostic[]> {
  const parsed = parseText(text);
  if (!parsed.ok) return parsed.diagnostics;
  try {
    const inspected = await inspect(parsed.located, openFiles(files), plainRequest);
    planEach(parsed.located, inspected, plainRequest);
    return inspected.warnings;
  } catch (error) {
    return problems(error);
  }
}

test.each(rows)("%s", async (_, description, files) => {
  let text = `# syntax=org/go-frontend\n${description}\n`;
  const way: string[] = [];
  for (let round = 0; round < 4; round++) {
    const [first] = await wrongWith(text, files);
    if (first === undefined) {
      expect(round).toBeGreaterThan(0);
      return;
    }
    way.push(`${firstLine(first)} | ${first.help ?? "no help"}`);
    [text = ""] = follow(text, first);
    way.push(text);
  }
  expect.fail(`the help leads nowhere:\n${way.join("\n")}`);
});
