// Every example's descriptions are valid and fit their source tree; what they build is tested end to end.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { detectModule, findMains, folderTree, resolveMain, openTree } from "../src/facts/index.ts";
import { parseDescription, servicesOf } from "../src/description/index.ts";

const examples = join(dirname(fileURLToPath(import.meta.url)), "..", "examples");
const folders = readdirSync(examples, { withFileTypes: true })
  // A frontend of its own, which test/e2e/gateway-example.e2e.ts runs; and services of others, without their sources.
  .filter((entry) => entry.isDirectory() && !["frontend-40-lines", "services"].includes(entry.name))
  .map((entry) => entry.name);

describe.each(folders)("examples/%s", (folder) => {
  const root = join(examples, folder);
  const descriptions = readdirSync(root).filter((name) => name.endsWith(".yaml") || name === "Dockerfile");

  test("has a description", () => {
    expect(descriptions).not.toEqual([]);
  });

  test.each(descriptions)("%s is valid and every main package is there", async (filename) => {
    const bytes = readFileSync(join(root, filename));
    expect(bytes.toString().split("\n", 1)).toEqual(["# syntax=org/go-frontend"]);
    const parsed = parseDescription({ filename, bytes });
    expect(parsed).toMatchObject({ ok: true, warnings: [] });
    if (!parsed.ok) return;

    const tree = openTree(folderTree(root));
    for (const { module, main } of servicesOf(parsed.located).flatMap(({ binaries }) => binaries)) {
      const detected = await detectModule(tree, module);
      expect(detected).toMatchObject({ ok: true, diagnostics: [] });
      if (!detected.ok) return;
      const chosen =
        main === undefined
          ? await findMains(tree, detected.module)
          : await resolveMain(tree, detected.module, main);
      expect(chosen).toMatchObject({ diagnostics: [] });
    }
  });
});
