import { describe, expect, test } from "vitest";
import { BUILTINS, expand, OWN_PATH } from "../../src/description/index.ts";

const values: Readonly<Record<string, string>> = {
  version: "1.2",
  "git.commit": "abc",
  empty: "",
  tricky: "${version} $$ $(x)",
};
const lookup = (name: string): string | undefined => (Object.hasOwn(values, name) ? values[name] : undefined);

describe("expand", () => {
  test.each([
    ["", ""],
    ["plain", "plain"],
    ["${version}", "1.2"],
    ["v${version}+${git.commit}${empty}!", "v1.2+abc!"],
    ["$$", "$"],
    ["$${version}", "${version}"],
    ["$$$${version}$$", "$${version}$"],
    // What a variable holds is never looked at again.
    ["${tricky}", "${version} $$ $(x)"],
    ["}{", "}{"],
  ])("%s", (template, value) => {
    expect(expand(template, lookup)).toEqual({ ok: true, value });
  });

  test.each([
    ["${versoin}", 0, 10, 'unknown variable "versoin"', "did you mean `${version}`?"],
    [
      "a ${nope}",
      2,
      7,
      'unknown variable "nope"',
      'declare it: `args: { nope: "default" }`, or write `$$` for a dollar sign',
    ],
    [
      "$HOME",
      0,
      5,
      "a dollar sign must start a variable like `${name}`",
      'declare it: `args: { HOME: "default" }`, and write `${HOME}`; a dollar sign is written `$$`',
    ],
    [
      "v$version",
      1,
      8,
      "a dollar sign must start a variable like `${name}`",
      "write `${version}`, or `$$` for a dollar sign",
    ],
    [
      "/opt:$PATH",
      5,
      5,
      "a dollar sign must start a variable like `${name}`",
      `the container's variables are not known here; write the value out: "/opt:${OWN_PATH}"`,
    ],
    [
      "${PATH}:/opt",
      0,
      7,
      'unknown variable "PATH"',
      `the container's variables are not known here; write the value out: "${OWN_PATH}:/opt"`,
    ],
    ["5$", 1, 1, "a dollar sign must start a variable like `${name}`", "write `$$` for a dollar sign"],
    [
      "a$(x y)b",
      1,
      6,
      "a dollar sign must start a variable like `${name}`",
      'no command is run: declare `args: { name: "default" }`, write `${name}`, and build with `--build-arg name=…`',
    ],
    [
      "x${version",
      1,
      9,
      "a variable is not closed: `}` is missing",
      "write `${version}`, or `$$` for a dollar sign",
    ],
  ])("%s is a fault", (template, offset, length, message, help) => {
    expect(expand(template, lookup, Object.keys(values))).toEqual({
      ok: false,
      problems: [{ offset, length, message, help }],
    });
  });

  test.each(["${}", "${ version }", "${version:-x}", "${a..b}", "${1a}", "${a-b}", "${${version}}"])(
    "%s is no name",
    (template) => {
      const result = expand(template, lookup);
      expect(result.ok).toBe(false);
      expect(!result.ok && result.problems[0]?.message).toContain("is not the name of a variable");
    },
  );

  test("all faults at once", () => {
    const result = expand("${a} $ ${b}", lookup);
    expect(!result.ok && result.problems.map((one) => one.offset).toSorted((a, b) => a - b)).toEqual([
      0, 5, 7,
    ]);
  });

  test("names of Object.prototype are unknown", () => {
    expect(expand("${constructor}", lookup).ok).toBe(false);
    expect(expand("${toString}", lookup).ok).toBe(false);
  });
});

test("what may stand in a template without being declared", () => {
  expect(Object.keys(BUILTINS)).toContain("git.commit");
});
