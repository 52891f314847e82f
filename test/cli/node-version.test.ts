import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tooOld } from "../../src/cli/node-version.ts";

test.each(["18.20.4", "20.20.2", "22.17.1"])("Node %s is refused by name", (version) => {
  expect(tooOld(version)).toBe(`go-frontend: needs Node 22.18 or newer; this is Node ${version}\n`);
});

test.each(["22.18.0", "22.20.0", "23.0.0", "26.10.0"])("Node %s runs the command", (version) => {
  expect(tooOld(version)).toBeUndefined();
});

test("the oldest is the one that package.json names", () => {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8");
  const { engines } = JSON.parse(text) as { readonly engines: { readonly node: string } };
  const [oldest = ""] = /[\d.]+/.exec(engines.node) ?? [];
  expect(engines.node).toBe(`>=${oldest}`);
  expect(tooOld(`${oldest}.0`)).toBeUndefined();
  expect(tooOld(`22.${Number(oldest.split(".")[1]) - 1}.9`)).toContain(`Node ${oldest} or newer`);
});
