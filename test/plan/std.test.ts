// The packages of the standard library that are compiled ahead: few kinds, so that projects share them.
import { describe, expect, test } from "vitest";
import { stdSet } from "../../src/plan/std.ts";

describe("the set", () => {
  test("is small for a program that asks for little", () => {
    const set = stdSet(["fmt", "os"], false, 26);
    expect(set.name).toBe("small");
    expect(set.packages).toContain("fmt");
    expect(set.packages).not.toContain("net/http");
  });

  test("is the services' for one package more, or as soon as modules take part", () => {
    expect(stdSet(["fmt", "net/http"], false, 26).name).toBe("service");
    expect(stdSet(["fmt"], true, 26).name).toBe("service");
  });

  test("does not depend on what exactly is imported", () => {
    const one = stdSet(["net/http"], true, 26);
    const other = stdSet(["database/sql", "crypto/tls", "os/exec"], true, 26);
    expect(one.packages).toEqual(other.packages);
  });

  test("holds packages by name and by closure, and not those nobody compiled", () => {
    const set = stdSet(["net/http"], true, 26);
    const asked = ["net/http", "crypto/aes", "io", "unsafe", "go/ast", "image/png", "testing", "plugin"];
    expect(asked.filter(set.has)).toEqual(["net/http", "crypto/aes", "io", "unsafe"]);
  });

  test("is sorted and without repetition", () => {
    for (const set of [stdSet([], false, 26), stdSet([], true, 26)]) {
      expect(set.packages).toEqual([...new Set(set.packages)].toSorted());
    }
  });
});

describe("older releases lack packages", () => {
  test.each([
    [20, ["cmp", "log/slog", "maps", "slices", "math/rand/v2", "iter", "unique"]],
    [21, ["math/rand/v2", "iter", "unique"]],
    [22, ["iter", "unique"]],
    [23, []],
  ])("Go 1.%i", (minor, missing) => {
    const all = stdSet([], true, 26).packages;
    expect(all.filter((path) => !stdSet([], true, minor).packages.includes(path)).toSorted()).toEqual(
      missing.toSorted(),
    );
  });
});
