// Arguments of the client that nothing reads, as `check`, `--check` and a build tell them.
import { describe, expect, test } from "vitest";
import { firstLine } from "../../src/description/index.ts";
import { planFiles, tool } from "./support.ts";
import { parseText } from "../description/support.ts";

async function warnings(buildArgs: Readonly<Record<string, string>>, args = "{ version: dev }") {
  const files = { ...tool, "service.yaml": `# syntax=org/go-frontend\nargs: ${args}\n` };
  return (await planFiles(files, { buildArgs })).inspected.warnings;
}

test("one that is declared nowhere is told with the name that was meant", async () => {
  const found = await warnings({ verison: "1" });
  expect(found.map(firstLine)).toEqual([
    "service.yaml:2:7: GF033 warning: build argument verison is declared nowhere and has no effect",
  ]);
  expect(found[0]?.help).toBe("did you mean version?");
});

test("those that are read are no strangers", async () => {
  const read = ["version", "GOPROXY", "GOSUMDB", "SOURCE_DATE_EPOCH", "BUILDKIT_INLINE_CACHE", "http_proxy"];
  expect(await warnings(Object.fromEntries([...read, "NO_PROXY"].map((name) => [name, "x"])))).toEqual([]);
});

describe("the help can be followed", () => {
  test("a declaration is a description, and declares it", async () => {
    const [found] = await warnings({ commit: "1" });
    const written = /`(args: [^`]*)`/.exec(found?.help ?? "")?.[1];
    expect(written).toBe('args: { commit: "" }');
    expect(parseText(written ?? "").ok).toBe(true);
    expect(await warnings({ commit: "1" }, '{ commit: "" }')).toEqual([]);
  });

  test.each([
    ["GOFLAGS", "flags of the build are the keys of `build:`, like `build: { tags: […] }`"],
    ["TARGETARCH", "the client names the target with `--platform`, and `${target.arch}` tells it"],
    ["my-arg", "leave it out: an argument that can be declared has a name of letters, digits and `_`"],
  ])("%s is not to be declared", async (name, help) => {
    expect((await warnings({ [name]: "1" })).map((each) => each.help)).toEqual([help]);
  });
});
