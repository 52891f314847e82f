// The same commit gives the same digests, whoever builds it, when, and from which checkout.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { reset, up } from "../../rig/index.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { commitFolder } from "./support/git.ts";
import { type Image, readImages } from "./support/oci.ts";
import { project } from "./support/project.ts";
import { run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const other = `e2e-other-${process.pid}`;
const work = scratchDir();
let commit: string;
let here: readonly Image[];

const DESCRIPTION = `${syntax}
platforms: [linux/amd64, linux/arm64]
args: { version: dev }
build:
  vars: { main.version: "\${version}", main.commit: "\${git.commit}" }
image:
  ports: [8080]
  env: { B: two, A: one }
  labels: { z: last, a: first }
`;

const FILES = {
  "service.yaml": DESCRIPTION,
  "main.go": `package main

import (
	"fmt"

	"example.com/hello/greet"
)

var version, commit string

func main() { fmt.Println(greet.Line(version), commit) }
`,
  "greet/greet.go": 'package greet\n\nfunc Line(version string) string { return "hello from " + version }\n',
};

/** Clones of one repository, so that folder, inodes and times of the files differ. */
async function checkout(name: string): Promise<string> {
  const dir = join(work.path, name);
  await succeeded(run("git", ["clone", "--quiet", join(work.path, "origin"), dir]));
  return dir;
}

async function build(clients: Clients, dir: string, ...args: readonly string[]): Promise<readonly Image[]> {
  const path = `${dir}.tar`;
  await succeeded(
    clients.buildx(["build", "-f", "service.yaml", "-o", `type=oci,dest=${path}`, ...args, "."], {
      cwd: dir,
    }),
  );
  return readImages(path);
}

const digests = (images: readonly Image[]): readonly string[] => images.map(({ digest }) => digest);

beforeAll(async () => {
  const dir = project(work.path, FILES);
  cpSync(dir, join(work.path, "origin"), { recursive: true });
  commit = await commitFolder(join(work.path, "origin"));
  here = await build(await clientsOf(rig), await checkout("here"));
});
afterAll(async () => {
  work.remove();
  await reset(other, () => undefined);
});

test("the images tell their commit", () => {
  expect(here).toHaveLength(2);
  for (const { config } of here) {
    expect(config.config.Labels?.["org.opencontainers.image.revision"]).toBe(commit);
  }
});

test("on another daemon, from another checkout, at another time of day: equal manifests", async () => {
  const fresh = await up({ name: other, mirrors: "always", ephemeral: true, log: () => undefined });
  try {
    const there = await build(await clientsOf(fresh), await checkout("there"));
    expect(digests(there)).toEqual(digests(here));
  } finally {
    await fresh.release();
  }
});

test("with the service compiled again: equal manifests", async () => {
  const again = await build(
    await clientsOf(rig),
    await checkout("again"),
    "--no-cache-filter",
    "build,rootfs",
  );
  expect(digests(again)).toEqual(digests(here));
});

test("another commit of equal files is another image of an equal binary only where the commit is stamped", async () => {
  const plain = project(work.path, {});
  const stamped = project(work.path, {});
  const main = "package main\n\nvar commit string\n\nfunc main() { println(commit) }\n";
  for (const [dir, vars] of [
    [plain, ""],
    [stamped, 'build: { vars: { main.commit: "${git.commit}" } }\n'],
  ] as const) {
    cpSync(project(work.path, { "service.yaml": `${syntax}\n${vars}`, "main.go": main }), dir, {
      recursive: true,
    });
  }
  const clients = await clientsOf(rig);
  const layer = async (dir: string, revision: string): Promise<string | undefined> => {
    const path = join(work.path, `stamp-${revision}.tar`);
    const args = ["build", "--frontend=gateway.v0", `--opt=source=${syntax.slice("# syntax=".length)}`];
    const source = ["--opt=filename=service.yaml", `--local=context=${dir}`, `--local=dockerfile=${dir}`];
    await succeeded(
      clients.buildctl([
        ...args,
        ...source,
        `--opt=vcs:revision=${revision}`,
        "--output",
        `type=oci,dest=${path}`,
      ]),
    );
    return readImages(path)[0]?.layers.at(-1)?.digest;
  };
  expect(await layer(plain, "one")).toBe(await layer(plain, "two"));
  expect(await layer(stamped, "one")).not.toBe(await layer(stamped, "two"));
});
