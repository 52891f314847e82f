// File names are bytes: one that is not UTF-8 must not stand in the way of those that are.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  detectModule,
  findMains,
  folderTree,
  ignoring,
  resolveMain,
  openTree,
} from "../../src/facts/index.ts";
import { scanService } from "../support/scan-service.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "facts-names-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const latin1 = (name: string): Buffer =>
  Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")]);

async function said(): Promise<readonly string[]> {
  const tree = openTree(folderTree(root));
  const detected = await detectModule(tree);
  if (!detected.ok) throw new Error("no module");
  const { module } = detected;
  const mains = await findMains(tree, module);
  const named = await resolveMain(tree, module, ".");
  const main = mains.chosen?.dir;
  if (main === undefined) return [...mains.diagnostics, ...named.diagnostics].map(({ message }) => message);
  const facts = await scanService(tree, {
    module,
    main,
    platforms: [{ os: "linux", architecture: "amd64" }],
  });
  return [...facts.files, ...facts.diagnostics.map(({ code, message }) => `${code} ${message}`)];
}

test("beside Go files they are passed over, among them they are told", async () => {
  await writeFile(join(root, "go.mod"), "module example.test/app\n\ngo 1.26\n");
  await writeFile(join(root, "main.go"), "package main\n\nfunc main() {}\n");
  await writeFile(latin1("caf\xe9.txt"), "");
  await writeFile(latin1("caf\xe9_windows.go"), "package main\n");
  await mkdir(latin1("caf\xe9"));
  await writeFile(latin1("caf\xe9/x.go"), "package x\n");
  expect(await said()).toEqual(["go.mod", "main.go"]);
  await writeFile(latin1("\xe9.go"), "package main\n");
  expect(await said()).toEqual([
    "go.mod",
    "main.go",
    "\ufffd.go",
    "GF018 the name of \ufffd.go is not UTF-8",
  ]);
  await rm(join(root, "main.go"));
  expect(await said()).toEqual(["the name of \ufffd.go is not UTF-8", "the name of \ufffd.go is not UTF-8"]);
});

test("a link to itself is a directory that is not there, also where an ignore file takes names away", async () => {
  await symlink("loop", join(root, "loop"));
  expect(await openTree(folderTree(root)).list("loop")).toBeUndefined();
  await writeFile(
    join(root, "main.go"),
    'package main\n\nimport _ "example.test/app/loop"\n\nfunc main() {}\n',
  );
  await rm(latin1("\xe9.go"));
  const rules = [{ file: ".dockerignore", line: 1, pattern: "nothing" }];
  const tree = openTree(ignoring(folderTree(root), rules));
  const detected = await detectModule(tree);
  if (!detected.ok) throw new Error("no module");
  const platforms = [{ os: "linux", architecture: "amd64" }];
  const facts = await scanService(tree, { module: detected.module, main: ".", platforms });
  expect(facts.diagnostics.map(({ code }) => code)).toEqual(["GF018"]);
});
