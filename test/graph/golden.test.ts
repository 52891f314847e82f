// Every example as a plan and as a graph, kept in git and read in review. After a change that is meant:
//
//   npx vitest run --project unit test/graph/golden --update
//
// A plan is kept as its steps, module files and stubs as lines. A graph is kept as the digest of each of its vertices
// by name, per target and platform: a digest that moves is a key that moves, for every user at once.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { platform as onPlatform, viewDefinition } from "../../src/llb/index.ts";
import type { Step, Target } from "../../src/plan/index.ts";
import { formatPlatform } from "../../src/description/index.ts";
import { buildOf, exampleDescriptions, graphOf, keysOf, planExample } from "../plan/support.ts";

const golden = fileURLToPath(new URL("../golden/", import.meta.url));

const descriptions = exampleDescriptions().map((example) => ({
  ...example,
  snapshot: `${example.name}.${example.file.replace(/\.yaml$/, "")}.json`,
}));

/** Targets with symbols and a debugger are the same steps with other flags; symbols.test.ts says which. */
const ships = ({ output }: Target): boolean => output === "image" || output === "binary";

const request = { revision: { commit: "0123456789abcdef0123456789abcdef01234567" } };

/** Texts of files as lines and places as `line:column`, so that a change reads well. */
function readable(key: string, value: unknown): unknown {
  if (key === "text" && typeof value === "string") return value.split("\n");
  if (key === "range" && isRange(value)) {
    const { start, end } = value;
    return `${start.line}:${start.column}-${end.line}:${end.column}`;
  }
  return value;
}

/** Without the source of our program, which is kept in git as it is. */
function withoutSource(step: Step): Step {
  return step.id === "helper source" && step.kind === "files" ? { ...step, actions: [] } : step;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

function isRange(value: unknown): value is { readonly start: Place; readonly end: Place } {
  return typeof value === "object" && value !== null && "start" in value && "end" in value;
}

describe.each(descriptions)("examples/$name/$file", ({ snapshot, ...example }) => {
  test("has the plan that is kept", async () => {
    const plans = Object.fromEntries(
      [...(await planExample(example, request, ships))].map(([name, planned]) => {
        const { steps, results } = buildOf(planned);
        return [name, { results, steps: steps.map(withoutSource) }];
      }),
    );
    await expect(`${JSON.stringify(plans, readable, 1)}\n`).toMatchFileSnapshot(
      join(golden, "plan", snapshot),
    );
  });

  test("has the vertices that are kept", async () => {
    const graphs: Record<string, unknown> = {};
    for (const [name, planned] of await planExample(example, request, ships)) {
      for (const { state, platform } of graphOf(planned).platforms) {
        const { ops } = viewDefinition(state.marshal(onPlatform(platform)));
        graphs[`${name} ${formatPlatform(platform)}`] = keysOf(ops);
      }
    }
    await expect(`${JSON.stringify(graphs, undefined, 1)}\n`).toMatchFileSnapshot(
      join(golden, "graph", snapshot),
    );
  });
});

test("nothing is kept of examples that are no more", () => {
  const wanted = descriptions.map(({ snapshot }) => snapshot).toSorted();
  expect(readdirSync(join(golden, "plan")).toSorted()).toEqual(wanted);
  expect(readdirSync(join(golden, "graph")).toSorted()).toEqual(wanted);
});
