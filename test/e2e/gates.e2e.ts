// What makes builds fast, held without a clock: what is compiled, what is written, what is cached, what is sent. No
// machine is fast enough to pass these by luck, and none too slow to fail them.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ageRegistryCache } from "../../bench/age-cache.ts";
import { reset, type RigInstance, up } from "../../rig/index.ts";
import { localBuild, localDefinition } from "../../src/cli/llb.ts";
import { openProject } from "../../src/cli/project.ts";
import { caSecret, type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { project } from "./support/project.ts";
import { run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const frontend = pinnedFrontend(rig, inject("frontend"));
const native = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;
const other = `e2e-gates-${process.pid}`;
// No earlier run has built exactly this service, so its last step runs; everything else is as it always is.
const salt = randomBytes(8).toString("hex");
const cacheName = `e2e-gates/cache:${salt}`;
const agedName = `e2e-gates/aged:${salt}`;
const sixDays = 6 * 24 * 3600;
const work = scratchDir();
/** What a builder that starts empty is given. */
const cacheFrom = `--cache-from=type=registry,ref=${rig.registry}/${agedName}`;

const canary = (what: string): string => `canary-${what}-${salt}`;
const main = (line: string): string => `package main

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"example.com/hello/greet"
)

func main() {
	fmt.Println(greet.Line, uuid.Nil, http.StatusOK, ${JSON.stringify(`${line} ${salt}`)})
}
`;

/** Three packages of the service's own, one of another module; and much that it does not need. */
const NEEDED = {
  "service.yaml": `# syntax=${frontend}\nmain: ./cmd/hello\n`,
  "go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
  "go.sum":
    "github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=\n" +
    "github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=\n",
  "main.go": undefined,
  "cmd/hello/main.go": main("first"),
  "greet/greet.go": `package greet\n\nimport "example.com/hello/words"\n\nconst Line = words.Hello + "${canary("needed")}"\n`,
  "words/words.go": 'package words\n\nconst Hello = "hello "\n',
};
const UNRELATED = {
  "README.md": canary("readme"),
  ".env": canary("env"),
  Makefile: canary("makefile"),
  "cmd/other/main.go": `package main\n\n// ${canary("other-service")}\nfunc main() {}\n`,
  "docs/big.bin": Buffer.concat([randomBytes(4 << 20), Buffer.from(canary("big"))]),
  "greet/greet_test.go": `package greet\n\n// ${canary("test")}\n`,
  "greet/testdata/data.go": `package data\n\n// ${canary("testdata")}\n`,
  "node_modules/x/index.js": canary("node"),
  "unused/unused.go": `package unused\n\n// ${canary("unused")}\n`,
};
const FIRST_PARTY = ["example.com/hello/greet", "example.com/hello/words", "main"];

let dir: string;
let empty: RigInstance;
/** Builds on a builder that starts with nothing but the six days old registry cache. */
let onEmpty: Clients;
let firstBuild: string;

beforeAll(async () => {
  dir = project(work.path, { ...NEEDED, ...UNRELATED });
  const ref = `type=registry,ref=${rig.registry}/${cacheName}`;
  const warm = await clientsOf(rig);
  // In BuildKit's own compression: a builder that made a layer in another one hands that out to later exports.
  await build(warm, `--cache-to=${ref},mode=max,image-manifest=true,oci-mediatypes=true`);
  await ageRegistryCache(rig.registry, cacheName, agedName, sixDays);
  empty = await up({ name: other, mirrors: "always", ephemeral: true, log: () => undefined });
  onEmpty = await clientsOf(empty);
  edit("cmd/hello/main.go", main("second"));
  firstBuild = await build(onEmpty, cacheFrom);
});
afterAll(async () => {
  work.remove();
  await empty.release();
  await reset(other, () => undefined);
});

const edit = (path: string, content: string): void => writeFileSync(join(dir, path), content);

/** Builds with buildx through the packaged frontend and gives its plain progress. */
async function build(clients: Clients, ...args: readonly string[]): Promise<string> {
  const file = ["-f", join(dir, "service.yaml"), `--platform=${native}`, "--provenance=false"];
  const output = ["--progress=plain", "--output=type=cacheonly"];
  return (await succeeded(clients.buildx(["build", ...file, ...output, ...caSecret(), ...args, dir]))).stderr;
}

/** Names of the steps, by whether their result came from a cache: it was there, or its layers were pulled. */
function steps(progress: string): { readonly cached: readonly string[]; readonly ran: readonly string[] } {
  const names = new Map([...progress.matchAll(/^#(\d+) (\[.*)$/gm)].map(([, id, name]) => [id, name ?? ""]));
  const found = progress.matchAll(/^#(\d+) (?:CACHED$|(?:extracting )?sha256:)/gm);
  const ids = new Set([...found].map(([, id]) => id));
  const compiling = /^\[(helper|modules|rootfs|std [^ ]+|deps [^ ]+|hello [^ ]+)\] (?:go|CA) /;
  const all = [...names].flatMap(([id, name]) => {
    const stage = compiling.exec(name)?.[1]?.split(" ")[0];
    return stage === undefined ? [] : [{ stage, cached: ids.has(id) }];
  });
  const pick = (cached: boolean): readonly string[] =>
    all.filter((each) => each.cached === cached).map(({ stage }) => stage);
  return { cached: pick(true).toSorted(), ran: pick(false).toSorted() };
}

/** Lines that the helper prints at the end of the last step. */
const counted = (progress: string): string | undefined => /compiled \d+ packages .*$/m.exec(progress)?.[0];

describe("an edit in main, on an empty builder with a cache six days old", () => {
  test("runs the last step alone: standard library and modules come from the cache", () => {
    const { cached, ran } = steps(firstBuild);
    expect(ran).toEqual(["hello"]);
    // What the last step reads; a step below those is not even looked at.
    expect(cached).toEqual(expect.arrayContaining(["deps", "modules"]));
  });

  test("compiles the service's own packages and no other", () => {
    expect(counted(firstBuild)).toBe(
      `compiled ${FIRST_PARTY.length} packages of this source tree and 0 others`,
    );
  });

  test("writes less than 5 MB into the build cache, whose entries are all old", async () => {
    const { stdout } = await succeeded(
      run(empty.tools.buildctl, ["du", "--format", "{{json .}}"], { env: empty.env }),
    );
    const records = JSON.parse(stdout) as readonly UsageRecord[];
    const mounts = records.filter((each) => each.recordType === "exec.cachemount");
    expect(mounts.map(({ description }) => description)).toEqual([
      expect.stringMatching(/^cached mount .* from exec \S*go-frontend build /),
    ]);
    const written = mounts[0]?.size ?? Number.NaN;
    expect(written).toBeGreaterThan(0); // three packages' objects
    expect(written).toBeLessThan(5e6);
    // Much more is there to be written: what the mount starts with.
    expect(Math.max(...records.map(({ size }) => size))).toBeGreaterThan(50e6);
  });
});

interface UsageRecord {
  readonly recordType: string;
  readonly description: string;
  /** Bytes of its own, without those of its parents. */
  readonly size: number;
}

describe("what is sent", () => {
  test("is what the service needs: no byte of another file is on the builder", async () => {
    const where = async (what: string): Promise<readonly string[]> => {
      const search = await run("grep", ["-rlaF", "--devices=skip", canary(what), empty.stateDir]);
      expect([0, 1]).toContain(search.code);
      return search.stdout.split("\n").filter((line) => line !== "");
    };
    expect(await where("needed")).not.toEqual([]);
    const unrelated = ["readme", "env", "makefile", "other-service", "big"];
    for (const what of [...unrelated, "test", "testdata", "node", "unused"]) {
      expect([what, await where(what)]).toEqual([what, []]);
    }
  });

  test("is little", () => {
    const sizes = [...firstBuild.matchAll(/transferring context: ([\d.]+)(k|M)?B done/g)];
    expect(sizes.length).toBeGreaterThan(0);
    const factor: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6 };
    const sent = sizes.reduce((sum, [, value, unit = ""]) => sum + Number(value) * (factor[unit] ?? 0), 0);
    expect(sent).toBeLessThan(20e3);
  });

  test("after an edit of any other file: no step runs", async () => {
    for (const path of ["README.md", "cmd/other/main.go", "greet/greet_test.go", "unused/unused.go"]) {
      edit(path, `package main // ${salt} again`);
    }
    edit("greet/new_test.go", "package greet\n");
    edit("docs/new.md", "new\n");
    expect(steps(await build(onEmpty, cacheFrom)).ran).toEqual([]);
  });
});

describe("go's own account of the last step (-x)", () => {
  /** Packages that the last step hands to the compiler, in a build cache mount of the given namespace. */
  async function compiled(namespace: string): Promise<readonly string[]> {
    const [os = "", architecture = ""] = native.split("/");
    const opened = await openProject(
      {
        positionals: [dir],
        file: undefined,
        target: "",
        platforms: [{ os, architecture }],
        buildArgs: [],
      },
      { cwd: dir },
    );
    const { plan } = opened;
    const platforms = plan.service.platforms.map((platform) => ({
      ...platform,
      links: platform.links.map((link) => ({ ...link, argv: link.argv.toSpliced(2, 0, "-x") })),
    }));
    const talkative = { ...plan, cacheNamespace: namespace, service: { ...plan.service, platforms } };
    const input = localDefinition(localBuild({ ...opened, plan: talkative })).toBytes();
    const { stderr } = await succeeded(
      onEmpty.buildctl(["build", "--progress=plain", `--local=context=${dir}`, ...caSecret()], { input }),
    );
    const calls = stderr.matchAll(/\/tool\/\S+\/compile -o \S+ .*? -p (\S+)/g);
    return [...calls].map(([, path]) => path ?? "").toSorted();
  }

  test("empty build cache mount: the service's own packages", async () => {
    edit("cmd/hello/main.go", main("third"));
    expect(await compiled(`${salt}-one`)).toEqual(FIRST_PARTY);
  });

  test("the mount of an earlier build: what was edited and what imports it", async () => {
    edit("cmd/hello/main.go", main("fourth"));
    expect(await compiled(`${salt}-one`)).toEqual(["main"]);
    edit("greet/greet.go", `${NEEDED["greet/greet.go"]}\nconst More = 1\n`);
    expect(await compiled(`${salt}-one`)).toEqual(["example.com/hello/greet", "main"]);
  });

  test("an edit that matters to nothing: the compiler is not called", async () => {
    edit("README.md", "changed once more");
    expect(await compiled(`${salt}-two`)).toEqual([]);
  });
});
