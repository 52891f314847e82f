// Paths of a tree: what joining, cutting and comparing them gives at their edges. Nothing leaves the root.
import { expect, test } from "vitest";
import {
  ancestors,
  baseName,
  canExist,
  childPath,
  extension,
  isLossy,
  isTest,
  isWithin,
  joinPath,
  parentPath,
  prefixes,
  relativeTo,
  sorted,
} from "../../src/facts/paths.ts";

test.each([
  [".", ".", "."],
  ["", "a", "a"],
  [".", "a/b", "a/b"],
  ["a", ".", "a"],
  ["a", "./b//c/", "a/b/c"],
  ["a/b", "../c", "a/c"],
  ["a", "..", "."],
  ["a", "../..", undefined],
  [".", "..", undefined],
  [".", "a/../..", undefined],
  ["a", "/b", undefined],
  ["a", "/", undefined],
])("%j and %j joined are %j", (dir, path, joined) => {
  expect(joinPath(dir, path)).toBe(joined);
});

test("a path is cut between its elements", () => {
  expect([childPath(".", "a"), childPath("a/b", "c")]).toEqual(["a", "a/b/c"]);
  expect(["a/b/c", "a", "."].map(parentPath)).toEqual(["a/b", ".", "."]);
  expect(["a/b/c.go", "c.go"].map(baseName)).toEqual(["c.go", "c.go"]);
  expect(["a/b/c", "a", "."].map(prefixes)).toEqual([["a", "a/b", "a/b/c"], ["a"], []]);
  expect(["a/b/c", "a", "."].map(ancestors)).toEqual([["a", "a/b"], [], []]);
});

test("an extension begins at the last dot, which may be the first letter", () => {
  expect(["a.b.go", ".go", "go", "a."].map(extension)).toEqual([".go", ".go", "", "."]);
});

test("a path is within a directory when it is it or lies below it", () => {
  const within = (path: string, dir: string): boolean => isWithin(path, dir);
  expect([within("a", "."), within("a/b", "a"), within("a", "a"), within(".", ".")]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([within("ab", "a"), within("a", "a/b"), within(".", "a")]).toEqual([false, false, false]);
  expect([relativeTo("a/b/c", "a"), relativeTo("a", "a"), relativeTo("a/b", ".")]).toEqual([
    "b/c",
    ".",
    "a/b",
  ]);
});

test("files of go test, and names that are not UTF-8, are known by their name", () => {
  expect(["a_test.go", "a_test.go.txt", "test.go"].map(isTest)).toEqual([true, false, false]);
  expect(["a\ufffdb", "ab"].map(isLossy)).toEqual([true, false]);
});

test("what no file system can hold is not asked for", () => {
  const name = (bytes: number): string => "a".repeat(bytes);
  const deep = (letters: number): string => "a/".repeat(letters / 2 - 1) + "aa";
  expect(["a", name(85), name(86), name(255), `${name(255)}/${name(255)}`].map(canExist)).toEqual(
    Array.from({ length: 5 }, () => true),
  );
  expect([name(256), `a/${name(256)}`, `${name(256)}/a`, "é".repeat(128), "a\0b"].map(canExist)).toEqual(
    Array.from({ length: 5 }, () => false),
  );
  expect([deep(3072), `${deep(3072)}a`].map(canExist)).toEqual([true, false]);
});

test("order is that of bytes", () => {
  expect(sorted(["b", "a/b", "a", "B", "a"])).toEqual(["B", "a", "a", "a/b", "b"]);
});
