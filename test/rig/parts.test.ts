import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mountsBelow } from "../../rig/mounts.ts";
import { rigFolder, rigPaths } from "../../rig/paths.ts";
import { shellExports } from "../../rig/shell-env.ts";
import { externalBuilder } from "../../rig/external.ts";
import { toolRecipes } from "../../rig/versions.ts";

describe("rigPaths", () => {
  test("keeps a socket's path within what the kernel takes", () => {
    expect(rigPaths("a", "/c").socket).toBe("/c/rig/a/buildkitd.sock");
    const deep = `/${"d".repeat(120)}`;
    expect(rigPaths("a", deep).socket.length).toBeLessThan(108);
    expect(rigPaths("a", deep).socket).not.toBe(rigPaths("b", deep).socket);
  });

  test.each(["", "..", "a/b", "A", ".x"])("refuses the name %j", (name) => {
    expect(() => rigPaths(name)).toThrow(/is not usable/);
  });
});

test("mountsBelow finds mounts of one folder only, the latest first", () => {
  const line = (path: string): string => `36 35 98:0 / ${path} rw,noatime shared:1 - ext4 /dev/root rw\n`;
  const text = ["/", "/s/a", "/s/a/root/x", "/s/ab", String.raw`/s/a/with\040space`].map(line).join("");
  expect(mountsBelow("/s/a", text)).toEqual(["/s/a/with space", "/s/a/root/x", "/s/a"]);
});

test("shellExports survives a shell", () => {
  const value = `a 'b' "c" $HOME \`id\` \\ \n end`;
  const out = execFileSync("sh", ["-c", `${shellExports({ RIG_TEST: value })}printf %s "$RIG_TEST"`], {
    encoding: "utf8",
  });
  expect(out).toBe(value);
});

test("shellExports puts folders before the shell's PATH, and none that npm has added to this process's", () => {
  const script = (path: string): string =>
    execFileSync("/bin/sh", ["-c", `${shellExports({ PATH: path }, "/npm's/bin:/bin")}printf %s "$PATH"`], {
      encoding: "utf8",
      env: { PATH: "/the shell's:/bin" },
    });
  expect(script("/rig/bin:/npm's/bin:/bin")).toBe("/rig/bin:/the shell's:/bin");
  expect(script("/rig/bin:/elsewhere")).toBe("/rig/bin:/elsewhere");
});

describe("tool recipes", () => {
  test.each(Object.entries(toolRecipes))(
    "%s is built at the version its go.mod pins",
    (_, { module, pin, stamp }) => {
      const text = readFileSync(join(rigFolder, "tools", module, "go.mod"), "utf8");
      expect(text.split("\n").some((line) => line.trim().startsWith(`${pin[0]} ${pin[1]}`))).toBe(true);
      expect(stamp.endsWith(`=${pin[1]}`)).toBe(true);
    },
  );
});

describe("externalBuilder", () => {
  test("takes addresses, BUILDKIT_HOST and `rig` without asking anybody", async () => {
    expect(await externalBuilder("tcp://h:1234", {})).toEqual({
      kind: "buildkit",
      buildkitHost: "tcp://h:1234",
    });
    expect(await externalBuilder(undefined, { BUILDKIT_HOST: "unix:///x" })).toEqual({
      kind: "buildkit",
      buildkitHost: "unix:///x",
    });
    expect(await externalBuilder("rig", { BUILDKIT_HOST: "unix:///x" })).toBeUndefined();
  });

  test("says so when a named builder is not there", async () => {
    await expect(externalBuilder("no-such-builder-of-ours", {})).rejects.toThrow(/knows no builder/);
  });
});
