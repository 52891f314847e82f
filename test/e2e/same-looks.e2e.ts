// BuildKit takes a file of a folder for one that it has when name, size, mode and time are the same, whichever folder of
// whichever client it had that one from (src/frontend/context/file-times.ts). Files that look alike must not pass for each other.
import { lutimesSync, mkdtempSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { type Files, project } from "./support/project.ts";
import { run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const frontend = pinnedFrontend(rig, inject("frontend"));
const syntax = `# syntax=${frontend}`;
const work = scratchDir();
let clients: Clients;
beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(() => work.remove());

/** A folder some of whose files have one time of whole seconds, as archives and tools that clamp times leave them. */
function folder(files: Files, isClamped: (path: string) => boolean = () => true): string {
  // docker buildx names a folder by its last name.
  const parent = mkdtempSync(join(work.path, "tenant-"));
  const dir = join(parent, "app");
  renameSync(project(parent, files), dir);
  for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
    if (isClamped(name)) lutimesSync(join(dir, name), 1_600_000_000, 1_600_000_000);
  }
  return dir;
}

const printing = (says: string): string =>
  `package main\n\nfunc main() { println(${JSON.stringify(says)}) }\n`;

type Build = (folder: string) => Promise<string>;

/** What the program prints that buildctl gets from a folder. */
const buildctl: Build = async (dir) => {
  const out = mkdtempSync(join(work.path, "out-"));
  const args = [
    "build",
    "--progress=plain",
    "--frontend=gateway.v0",
    `--opt=source=${frontend}`,
    "--opt=filename=service.yaml",
    "--opt=target=binary",
    `--local=context=${dir}`,
    `--local=dockerfile=${dir}`,
    `--output=type=local,dest=${out}`,
  ];
  await succeeded(clients.buildctl(args));
  return (await run(join(out, "app"), [])).stderr.trim();
};

const buildx: Build = async (dir) => {
  const out = mkdtempSync(join(work.path, "out-"));
  const file = join(dir, "service.yaml");
  const args = [
    "build",
    "--progress=plain",
    "-f",
    file,
    "--target=binary",
    `--output=type=local,dest=${out}`,
  ];
  await succeeded(clients.buildx([...args, dir]));
  return (await run(join(out, "app"), [])).stderr.trim();
};

describe.each([
  ["buildctl", buildctl],
  ["docker buildx", buildx],
])("files of two folders with the same names, sizes and times: %s", (_client, build) => {
  const description = `${syntax}\nname: app\n`;

  test("the source", async () => {
    for (const says of ["tenant one", "tenant two"]) {
      const dir = folder({ "service.yaml": description, "main.go": printing(says) });
      expect(await build(dir)).toBe(says);
    }
  });

  test("the source of a folder whose other files have times of their own, and what it imports", async () => {
    for (const says of ["one", "two"]) {
      const files = {
        "service.yaml": `${description}main: ./cmd/app\n`,
        "main.go": undefined,
        "cmd/app/main.go": `package main\n\nimport "example.com/hello/${says}"\n\nfunc main() { println(text.Says) }\n`,
        [`${says}/text.go`]: `package text\n\nconst Says = "${says}"\n`,
      };
      expect(await build(folder(files, (path) => path.startsWith("cmd/app")))).toBe(says);
    }
  });

  test("the description", async () => {
    for (const says of ["one", "two"]) {
      const dir = folder({
        "service.yaml": `${description}build: { vars: { main.says: "${says}" } }\n`,
        "main.go": "package main\n\nvar says string\n\nfunc main() { println(says) }\n",
      });
      expect(await build(dir)).toBe(says);
    }
  });
});
