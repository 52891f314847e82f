import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { applyHunks, readPatch } from "../../src/facts/index.ts";

const PLENTY = 1_000_000;

/** What a patch of one file makes of a text, or what is wrong with it. */
function patched(patch: string, text: string, work = { left: PLENTY }): string {
  const read = readPatch(patch);
  if (!read.ok) return `${read.problem.line}: ${read.problem.message}`;
  const [file] = read.value;
  const made = applyHunks(text, file?.hunks ?? [], work);
  return made.ok ? made.value : `${made.problem.line}: ${made.problem.message}`;
}

/** What git says is the difference between two texts. */
function gitDiff(before: string, after: string, ...args: readonly string[]): string {
  const dir = mkdtempSync(join(tmpdir(), "patch-"));
  try {
    writeFileSync(join(dir, "a"), before);
    writeFileSync(join(dir, "b"), after);
    execFileSync("git", ["diff", "--no-index", ...args, "a", "b"], { cwd: dir, stdio: "pipe" });
    return "";
  } catch (error) {
    return String((error as { readonly stdout: Buffer }).stdout);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const numbers = (count: number): string =>
  Array.from({ length: count }, (_, at) => `line ${at + 1}\n`).join("");

describe("what git writes is read as git means it:", () => {
  test.each<[string, string, string]>([
    [
      "a line changed, one added, one removed",
      numbers(30),
      numbers(30).replace("line 3\n", "three\n").replace("line 20\n", ""),
    ],
    ["at both ends", numbers(5), `first\n${numbers(5)}last\n`],
    ["a file that gets a last line break", "a\nb", "a\nb\n"],
    ["a file that loses it", "a\nb\n", "a\nb"],
    ["neither has one", "a\nb", "a\nc"],
    ["line breaks of Windows", "a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n"],
    ["from nothing", "", "a\nb\n"],
    ["to nothing", "a\nb\n", ""],
    ["empty lines", "\n\n\na\n\n", "\n\n\nb\n\n\n"],
  ])("%s", (_, before, after) => {
    for (const context of ["-U3", "-U0", "-U10"]) {
      expect(patched(gitDiff(before, after, context), before)).toBe(after);
    }
  });

  test("names, renames, new and removed files", () => {
    const patch = `From 0123 Mon Sep 17 00:00:00 2001
Subject: [PATCH] all of it

---
 two files
diff --git a/old.go b/new.go
similarity index 90%
rename from old.go
rename to new.go
index 1..2 100644
--- a/old.go
+++ b/new.go
@@ -1 +1 @@
-a
+b
diff --git a/moved.go b/cmd/moved.go
similarity index 100%
rename from moved.go
rename to cmd/moved.go
diff --git a/added.go b/added.go
new file mode 100644
--- /dev/null
+++ b/added.go
@@ -0,0 +1 @@
+package x
diff --git a/gone.go b/gone.go
deleted file mode 100644
--- a/gone.go
+++ /dev/null
@@ -1 +0,0 @@
-package x
--- plain.go\t2026-01-01
+++ plain.go\t2026-01-02
@@ -1 +1 @@
-a
+b
-- 
2.47.3
`;
    const read = readPatch(patch);
    const names = read.ok ? read.value.map(({ from, to, hunks }) => [from, to, hunks.length]) : read.problem;
    expect(names).toEqual([
      ["old.go", "new.go", 1],
      ["moved.go", "cmd/moved.go", 0],
      [undefined, "added.go", 1],
      ["gone.go", undefined, 1],
      ["plain.go", "plain.go", 1],
    ]);
  });
});

const hunk = (head: string, body: string): string => `--- a/x\n+++ b/x\n@@ ${head} @@\n${body}`;

describe("the place of a hunk", () => {
  const patch = gitDiff(numbers(30), numbers(30).replace("line 20\n", "twenty\n"));

  test("may have moved, and moves those behind it", () => {
    const moved = `${"more\n".repeat(7)}${numbers(30)}`;
    expect(patched(patch, moved)).toBe(moved.replace("line 20\n", "twenty\n"));
    const two = gitDiff(
      numbers(60),
      numbers(60).replace("line 10\n", "ten\n").replace("line 50\n", "fifty\n"),
    );
    const later = `more\n${numbers(60)}`;
    expect(patched(two, later)).toBe(later.replace("line 10\n", "ten\n").replace("line 50\n", "fifty\n"));
  });

  test("is the nearest where there are several", () => {
    const text = "a\nx\na\nx\na\nx\n";
    expect(patched(hunk("-3,1 +3,1", "-a\n+b\n"), text)).toBe("a\nx\nb\nx\na\nx\n");
    expect(patched(hunk("-4,1 +4,1", "-a\n+b\n"), text)).toBe("a\nx\na\nx\nb\nx\n");
  });

  test("is none where a line around it differs", () => {
    expect(patched(patch, numbers(30).replace("line 18\n", "Line 18\n"))).toBe("5: does not fit");
  });
});

describe("refused, with the line of the patch:", () => {
  test.each<[string, string, string]>([
    ["no patch", "hello\n", "1: holds no hunk"],
    ["a binary file", "diff --git a/x b/x\nGIT binary patch\n", "2: changes a binary file"],
    [
      "a link",
      "diff --git a/l b/l\nnew file mode 120000\nindex 0000000..1de5659\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+target\n\\ No newline at end of file\n",
      "2: changes a link or a submodule",
    ],
    [
      "an empty file",
      "diff --git a/.keep b/.keep\nnew file mode 100644\nindex 0000000..e69de29\n",
      "2: makes or removes an empty file",
    ],
    ["names alone", "--- a/x\n+++ b/x\n", "1: names a file and has no hunk for it"],
    ["no names", "@@ -1 +1 @@\n-a\n+b\n", "1: has a hunk without the names of its file"],
    ["nothing to nothing", "--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", "1: names no file"],
    ["a head of nonsense", hunk("-1,x +1", "-a\n+b\n"), "3: has a hunk whose head cannot be read"],
    ["a count beyond the end", hunk("-1,9 +1,9", " a\n"), "5: ends within a hunk"],
    [
      "a count below the lines",
      hunk("-1,1 +1,2", "-a\n-b\n+c\n"),
      "3: has a hunk with more lines than its head says",
    ],
    [
      "a line of no kind",
      hunk("-1,2 +1,2", " a\n*b\n"),
      "5: has a line in a hunk that begins with none of ` `, `+` and `-`",
    ],
  ])("%s", (_, patch, expected) => {
    expect(patched(patch, "a\nb\n")).toBe(expected);
  });

  test("lines that are all alike end the search within its bound", () => {
    const lines = 50_000;
    const patch = hunk(`-1,${lines / 2} +1,0`, "-a\n".repeat(lines / 2 - 1) + "-b\n");
    const work = { left: PLENTY };
    expect(patched(patch, "a\n".repeat(lines), work)).toBe("3: takes too long to be placed");
    // A place before and one behind may be begun with nothing left.
    expect(work.left).toBeGreaterThanOrEqual(-2);
  });
});
