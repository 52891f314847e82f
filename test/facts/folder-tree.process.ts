import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { folderTree } from "../../src/facts/index.ts";

const folder = mkdtempSync(join(tmpdir(), "folder-tree-"));
writeFileSync(join(folder, "go.mod"), "module example.test\n");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a folder keeps a process alive while it is read, and no longer", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const tree = folderTree(folder);
  const listed = tree.list(["."]);
  expect(timers()).toBe(before + 1);
  expect((await listed)[0]?.map(({ name }) => name)).toEqual(["go.mod"]);
  const read = tree.read([
    { path: "go.mod", offset: 0, length: 6 },
    { path: "not-there", offset: 0, length: 6 },
  ]);
  expect(timers()).toBe(before + 1);
  const [text, failed] = await Promise.allSettled(read);
  expect(text).toMatchObject({ value: new TextEncoder().encode("module") });
  expect(failed?.status).toBe("rejected");
  expect(timers()).toBe(before);
});
