// What binaries and images say of their commit, beside what the go command itself writes in a clone of the same repository.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { commitFolder, type GitServer, serveGit } from "./support/git.ts";
import { readImages } from "./support/oci.ts";
import { project } from "./support/project.ts";
import { run, type Run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
const architecture = process.arch === "arm64" ? "arm64" : "amd64";
const salt = `${process.pid}-${Date.now()}`;
let clients: Clients;
let server: GitServer;
let served = "";

const MAIN = `package main

import (
	"fmt"
	"runtime/debug"
)

var described, at string

// ${salt}
func main() {
	info, _ := debug.ReadBuildInfo()
	fmt.Println(described, at, info.Main.Version)
}
`;

const DESCRIPTION = `${syntax}
build:
  vars: { main.described: "\${git.describe}", main.at: "\${git.time}" }
`;

beforeAll(async () => {
  clients = await clientsOf(rig);
  const root = join(work.path, "served");
  mkdirSync(root);
  served = await makeRepository(root);
  server = await serveGit(root);
});
afterAll(async () => {
  await server.close();
  work.remove();
});

const git = (dir: string, ...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", "-C", dir, ...args], {
    encoding: "utf8",
    stdio: "pipe",
  }).trim();

/** A commit with a tag, and one after it. */
async function makeRepository(parent: string): Promise<string> {
  const dir = project(parent, { "service.yaml": DESCRIPTION, "main.go": MAIN, "README.md": "1\n" });
  await commitFolder(dir);
  git(dir, "tag", "-a", "v1.2.3", "-m", "tagged");
  writeFileSync(join(dir, "README.md"), "2\n");
  git(dir, "commit", "--quiet", "-am", "second");
  return dir;
}

interface Info {
  readonly vcs: readonly string[];
  readonly version: string | undefined;
}

function infoOf(binary: string): Info {
  const text = execFileSync("go", ["version", "-m", binary], { encoding: "utf8" });
  return {
    vcs: text.split("\n").filter((line) => line.includes("\tvcs")),
    version: /\tmod\texample\.com\/hello\t(\S+)/.exec(text)?.[1],
  };
}

/** By the go command in the folder itself. */
function byGo(dir: string): Info {
  const binary = join(work.path, "by-go");
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOTOOLCHAIN: "local" };
  execFileSync("go", ["build", "-buildvcs=true", "-trimpath", "-o", binary, "."], { cwd: dir, env });
  return infoOf(binary);
}

let outputs = 0;

/** By a build of the bare executable. */
async function byBuild(context: string, ...args: readonly string[]) {
  const out = join(work.path, `out-${outputs++}`);
  const file = context.includes("://") ? "service.yaml" : join(context, "service.yaml");
  const ran: Run = await succeeded(
    clients.buildx([
      "build",
      "--progress=plain",
      "-f",
      file,
      "--target=binary",
      `--platform=linux/${architecture}`,
      `--output=type=local,dest=${out}`,
      ...args,
      context,
    ]),
  );
  const binary = join(out, "hello");
  const { stdout } = await succeeded(run(binary, []));
  return { binary, info: infoOf(binary), said: stdout.trim().split(" "), log: ran.stderr };
}

function cloned(...args: readonly string[]): string {
  const dir = join(work.path, `clone-${outputs++}`);
  git(work.path, "clone", "--quiet", ...args, `file://${served}`, dir);
  return dir;
}

const describedIn = (dir: string): string => git(dir, "describe", "--tags", "--always", "--abbrev=7");
const timeIn = (dir: string): string =>
  new Date(Number(git(dir, "show", "-s", "--format=%ct", "HEAD")) * 1000).toISOString().replace(".000Z", "Z");

describe("a work tree as build context", () => {
  test.each<[string, () => string]>([
    ["a clone", () => cloned()],
    ["at a tag", () => cloned("--branch=v1.2.3")],
    ["a shallow clone", () => cloned("--depth=1")],
    [
      "with packs and a commit beside them",
      () => {
        const dir = cloned();
        git(dir, "gc", "--quiet");
        writeFileSync(join(dir, "README.md"), "3\n");
        git(dir, "commit", "--quiet", "-am", "third");
        return dir;
      },
    ],
  ])("%s: as the go command and git say", async (_name, make) => {
    const dir = make();
    const { info, said, log } = await byBuild(dir);
    expect(info).toEqual(byGo(dir));
    expect(said).toEqual([describedIn(dir), timeIn(dir), info.version]);
    expect(log).not.toContain("GF048");
  });

  test("with an edit: dirty, and so is the version; committed it is not", async () => {
    const dir = cloned();
    writeFileSync(join(dir, "main.go"), `${MAIN}// edited\n`);
    const { info, said } = await byBuild(dir);
    expect(info).toEqual(byGo(dir));
    expect(info.vcs.at(-1)).toBe("\tbuild\tvcs.modified=true");
    expect(said[0]).toBe(`${describedIn(dir)}-dirty`);
  });

  test("whose .git is left out: the commit is the client's, and the rest unknown, at its line", async () => {
    const dir = cloned();
    writeFileSync(join(dir, ".dockerignore"), "README.md\n.git\n");
    const { info, said, log } = await byBuild(dir);
    expect(info).toEqual({
      vcs: ["\tbuild\tvcs=git", `\tbuild\tvcs.revision=${git(dir, "rev-parse", "HEAD")}`],
      version: "(devel)",
    });
    expect(said).toEqual(["unknown", "unknown", "(devel)"]);
    expect(log).toContain(
      "GF048 warning: `${git.time}` is `unknown`: the commit is known, but not when it was committed: .git is excluded by .dockerignore line 2 (.git)",
    );
  });
});

describe("a git repository as build context", () => {
  const url = (ref: string): string =>
    `${server.url}/${served.slice(served.lastIndexOf("/") + 1)}/.git#${ref}`;

  test("at a tag: the tag, and the time of its commit", async () => {
    const dir = cloned("--branch=v1.2.3");
    const { info, said } = await byBuild(url("v1.2.3"));
    expect(info.vcs).toEqual(byGo(dir).vcs);
    expect(said.slice(0, 2)).toEqual(["v1.2.3", timeIn(dir)]);
  });

  test("at a branch: the commit; what its tags are is not known", async () => {
    const dir = cloned();
    const { info, said, log } = await byBuild(url("main"));
    expect(info.vcs).toEqual(byGo(dir).vcs);
    expect(said.slice(0, 2)).toEqual(["unknown", timeIn(dir)]);
    expect(log).toContain("`${git.describe}` is `unknown`");
  });
});

test("experiments, a level, flags of the compiler and a file's line arrive in the binary", async () => {
  const dir = cloned();
  const level = architecture === "amd64" ? "levels: { amd64: v2 }" : "levels: { arm64: v8.1 }";
  writeFileSync(join(dir, "VERSION"), "7.8.9\n");
  writeFileSync(
    join(dir, "service.yaml"),
    `${syntax}
build:
  vars: { main.described: "v\${file:VERSION}", main.at: x }
  experiments: [jsonv2]
  ${level}
  gcflags: [-l]
  ldflags: [-checklinkname=0]
`,
  );
  const { said, binary } = await byBuild(dir);
  expect(said.slice(0, 2)).toEqual(["v7.8.9", "x"]);
  const settings = execFileSync("go", ["version", "-m", binary], { encoding: "utf8" });
  expect(settings).toContain("\tbuild\t-gcflags=all=-l\n");
  expect(settings).toContain("\tbuild\tGOEXPERIMENT=jsonv2\n");
  expect(settings).toMatch(/\tbuild\t(?:GOAMD64=v2|GOARM64=v8\.1)\n/);
});

describe("a new commit", () => {
  test("that changes no Go file compiles nothing, and is written into the binary", async () => {
    const dir = cloned();
    await byBuild(dir);
    writeFileSync(join(dir, "README.md"), "4\n");
    git(dir, "commit", "--quiet", "-am", "fourth");
    const { info, log } = await byBuild(dir);
    expect(info).toEqual(byGo(dir));
    expect(log).toContain("compiled 0 packages of this source tree and 0 others");
  });

  test("that is in no stamp in use builds nothing, and is in the image's labels", async () => {
    const dir = cloned();
    const main = readFileSync(join(dir, "main.go"), "utf8").replace(
      "debug.ReadBuildInfo()",
      "debug.Stack(), 0",
    );
    writeFileSync(join(dir, "main.go"), main.replace("info.Main.Version", "len(info)"));
    writeFileSync(join(dir, "service.yaml"), `${syntax}\n`);
    const labels = async () => {
      const tar = join(work.path, `image-${outputs++}.tar`);
      const { stderr } = await succeeded(
        clients.buildx([
          "build",
          "--progress=plain",
          "-f",
          join(dir, "service.yaml"),
          `--output=type=oci,dest=${tar}`,
          dir,
        ]),
      );
      const [image] = readImages(tar);
      return { stderr, labels: image?.config.config.Labels ?? {} };
    };
    git(dir, "commit", "--quiet", "-am", "prints nothing of it");
    await labels();
    writeFileSync(join(dir, "README.md"), "5\n");
    git(dir, "commit", "--quiet", "-am", "fifth");
    const after = await labels();
    expect(after.stderr).not.toMatch(/compiled \d+ packages/);
    expect(after.labels).toMatchObject({
      "org.opencontainers.image.revision": git(dir, "rev-parse", "HEAD"),
      "org.opencontainers.image.title": "hello",
    });
  });
});
