import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { helperModule, helperModuleText } from "../../scripts/gen-helper.ts";
import { HELPER_FILES } from "../../src/plan/helper-files.ts";

test("is what the Go sources say; else run `node scripts/gen-helper.ts`", () => {
  expect(readFileSync(helperModule, "utf8")).toBe(helperModuleText());
});

test("holds a whole Go module, sorted, without its tests", () => {
  const paths = HELPER_FILES.map((file) => file.path);
  expect(paths).toContain("go.mod");
  expect(paths).toContain("main.go");
  expect(paths).toEqual(paths.toSorted());
  expect(paths.filter((path) => path.endsWith("_test.go"))).toEqual([]);
});
