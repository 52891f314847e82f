import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "folder-tree-"));
writeFileSync(join(folder, "go.mod"), "module example.test\n");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs in a process of its own: the test runner starts and ends timers as well. */
const READER = `
import { folderTree } from ${JSON.stringify(new URL("../../src/facts/index.ts", import.meta.url))};
const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
const tree = folderTree(process.argv[1]);
const listed = tree.list(["."]);
const whileListed = timers();
const names = (await listed)[0].map(({ name }) => name);
const read = Promise.allSettled(tree.read(["go.mod", "not-there"].map((path) => ({ path, offset: 0, length: 6 }))));
const whileRead = timers();
const [text, failed] = await read;
console.log(JSON.stringify({
  names, text: new TextDecoder().decode(text.value), absent: failed.reason.code, whileListed, whileRead, after: timers(),
}));
`;

test("a folder keeps a process alive while it is read, and no longer", () => {
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", READER, folder], {
    encoding: "utf8",
  });
  expect(JSON.parse(printed)).toEqual({
    names: ["go.mod"],
    text: "module",
    absent: "ENOENT",
    whileListed: 1,
    whileRead: 1,
    after: 0,
  });
});
