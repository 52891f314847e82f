// build.pgo: the profile is in the context, or it is said at the line that names it.
import { expect, test } from "vitest";
import { isDiagnosticError } from "../../src/description/index.ts";
import { link } from "../facts/fixtures/types.ts";
import { type Files, planFiles } from "./support.ts";

const files: Files = {
  "go.mod": "module example.com/app\n\ngo 1.26\n",
  "main.go": "package main\n\nfunc main() {}\n",
  "service.yaml": "# syntax=org/go-frontend\nbuild:\n  pgo: ./profiles/cpu.pgo\n",
};

const profileOf = async (more: Files): Promise<string | undefined> =>
  (await planFiles({ ...files, ...more })).plan.service.platforms[0]?.links[0]?.variant.profile;

async function refusal(more: Files): Promise<string> {
  try {
    return `planned with ${(await profileOf(more)) ?? "none"}`;
  } catch (error) {
    if (!isDiagnosticError(error)) throw error;
    return error.diagnostics
      .map(
        (each) =>
          `${each.file ?? ""}:${each.range?.start.line ?? 0}:${each.range?.start.column ?? 0} ${each.code} ${each.message}`,
      )
      .join("\n");
  }
}

test("a profile that is there, and one that a link leads to", async () => {
  expect(await profileOf({ "profiles/cpu.pgo": "x" })).toBe("profiles/cpu.pgo");
  expect(await profileOf({ "profiles/cpu.pgo": link("../data/new.pgo"), "data/new.pgo": "x" })).toBe(
    "data/new.pgo",
  );
  expect(await profileOf({ profiles: link("data"), "data/cpu.pgo": "x" })).toBe("data/cpu.pgo");
});

test("one that is not there, at its line", async () => {
  expect(await refusal({})).toBe(
    "service.yaml:3:8 GF046 the profile profiles/cpu.pgo is not in the build context",
  );
  expect(await refusal({ "profiles/cpu.pgo/x": "" })).toBe(
    "service.yaml:3:8 GF046 the profile profiles/cpu.pgo is a directory",
  );
  expect(await refusal({ "profiles/cpu.pgo": link("../../cpu.pgo") })).toBe(
    "service.yaml:3:8 GF003 the profile profiles/cpu.pgo lies outside the build context",
  );
});

test("default.pgo that is a link out of the context is told, as Go does without it", async () => {
  const auto = { "service.yaml": "# syntax=org/go-frontend\n", "default.pgo": link("../cpu.pgo") };
  const { inspected, plan } = await planFiles({ ...files, ...auto });
  expect(plan.service.platforms[0]?.links[0]?.variant.profile).toBeUndefined();
  expect(inspected.warnings.map(({ file, code, message }) => `${file ?? ""} ${code} ${message}`)).toEqual([
    "default.pgo GF018 default.pgo is a link to ../cpu.pgo, which lies outside the build context",
  ]);
});
