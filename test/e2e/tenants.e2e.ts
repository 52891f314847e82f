// Tenants of one builder: what one can write, no other reads as truth, and what one has a login for, no other gets.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { systemCaBundle } from "../../rig/index.ts";
import {
  addMount,
  args,
  asPersistentCacheDir,
  cacheMountShared,
  image,
  linuxAmd64,
  scratch,
  type State,
} from "../../src/llb/index.ts";
import { findBytes } from "../support/find-bytes.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { type ModuleProxy, type Modules, startModuleProxy, sumLines } from "../support/module-proxy.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { project } from "./support/project.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
/** What no earlier run has built, and whose cache mounts are nobody else's. */
const namespace = `tenants-${process.pid}-${Date.now()}`;

const library = (says: string): Modules => ({
  "example.test/lib@v1.0.0": {
    "go.mod": `module example.test/lib\n\ngo 1.21\n`,
    "lib.go": `package lib\n\nconst Name = ${JSON.stringify(says)}\n`,
  },
});
const PUBLIC = library("the published lib");
const FORGED = library("a forged lib");
const CORP: Modules = {
  "corp.test/secret@v1.0.0": {
    "go.mod": "module corp.test/secret\n\ngo 1.21\n",
    "secret.go": 'package secret\n\nconst Name = "what only the login shows"\n',
  },
};
const PASSWORD = "correct-horse";

let clients: Clients;
let published: ModuleProxy;
let forged: ModuleProxy;
let server: GitServer;
const file = (name: string): string => join(work.path, name);

beforeAll(async () => {
  clients = await clientsOf(rig);
  published = await startModuleProxy(PUBLIC);
  forged = await startModuleProxy(FORGED);
  server = await startGitServer("127.0.0.78", PASSWORD, CORP);
  const bundle = systemCaBundle();
  writeFileSync(file("ca.pem"), `${bundle === undefined ? "" : readFileSync(bundle, "utf8")}\n${server.ca}`);
  writeFileSync(file("netrc"), `machine ${server.host}\nlogin ci\npassword ${PASSWORD}\n`);
  writeFileSync(file("wrong"), `machine ${server.host}\nlogin ci\npassword guessed\n`);
});
afterAll(async () => {
  await published?.stop();
  await forged?.stop();
  server?.stop();
  work.remove();
});

interface Tenant {
  /** Path of the tenant's own module. */
  readonly module: string;
  /** Modules that it requires, with the go.sum that fits them. */
  readonly modules: Modules;
  readonly description: string;
}

/** A tenant's project: it prints what each of its modules says. */
function write({ module, modules, description }: Tenant): string {
  const names = Object.keys(modules).map((name) => name.split("@"));
  const imports = names.map(([path]) => `\t_${path?.split("/").at(-1) ?? ""} "${path ?? ""}"\n`).join("");
  const print = names.map(([path]) => `_${path?.split("/").at(-1) ?? ""}.Name`).join(", ");
  return project(work.path, {
    "go.mod": `module ${module}\n\ngo 1.26\n\nrequire (\n${names.map((name) => `\t${name.join(" ")}\n`).join("")})\n`,
    "go.sum": sumLines(modules),
    "main.go": `package main\n\nimport (\n${imports})\n\nfunc main() { println(${print}) }\n`,
    "service.yaml": `${syntax}\nname: app\n${description}`,
  });
}

interface Built {
  readonly code: number | null;
  readonly log: string;
  /** What the program printed. */
  readonly says: string;
}

async function build(dir: string, args_: readonly string[] = [], ns = namespace): Promise<Built> {
  const out = mkdtempSync(join(work.path, "out-"));
  const { code, stderr } = await clients.buildx([
    "build",
    "--progress=plain",
    "-f",
    join(dir, "service.yaml"),
    "--target=binary",
    `--output=type=local,dest=${out}`,
    `--build-arg=BUILDKIT_CACHE_MOUNT_NS=${ns}`,
    "--build-arg=GONOSUMDB=*",
    `--add-host=${server.host}=${server.address}`,
    `--secret=id=ca-certificates,src=${file("ca.pem")}`,
    ...args_,
    dir,
  ]);
  const says = code === 0 ? (await run(join(out, "app"), [])).stderr.trim() : "";
  return { code, log: stderr, says };
}

const from = (...urls: readonly string[]): string =>
  `modules: { proxy: [${urls.map((url) => `"${url}"`).join(", ")}] }\n`;

/** Runs a shell command as any tenant of the builder may: with the store of modules as a mount, and a folder to copy to. */
async function inStore(command: string): Promise<{ readonly out: string; readonly run: Run }> {
  const step = image("docker.io/library/busybox:latest").run(
    // What it finds there changes: no run is another's result.
    args(["sh", "-c", `: ${Date.now()}; ${command}`]),
    addMount(
      "/store",
      scratch(),
      asPersistentCacheDir(`${namespace}/go-frontend/module-files`, cacheMountShared),
    ),
    addMount("/out", scratch()),
  );
  const result: State = step.getMount("/out");
  const out = mkdtempSync(join(work.path, "store-"));
  const done = await succeeded(
    clients.buildctl(["build", `--output=type=local,dest=${out}`], {
      input: result.marshal(linuxAmd64).toBytes(),
    }),
  );
  return { out, run: done };
}

describe("a module of another project's proxy", () => {
  const evil: Tenant = { module: "example.test/evil", modules: FORGED, description: "" };
  const honest: Tenant = { module: "example.test/honest", modules: PUBLIC, description: "" };

  test("reaches nobody else, whoever builds first", async () => {
    const first = await build(write({ ...evil, description: from(forged.url) }));
    expect([first.code, first.says], first.log).toEqual([0, "a forged lib"]);
    const second = await build(write({ ...honest, description: from(published.url) }));
    expect([second.code, second.says], second.log).toEqual([0, "the published lib"]);
    expect(second.log).not.toContain("SECURITY ERROR");
  });

  test("is read by who asks for it by its hash, without the network", async () => {
    const before = published.asked.length;
    const again = await build(
      write({ ...honest, module: "example.test/third", description: from(published.url) }),
    );
    expect([again.code, again.says], again.log).toEqual([0, "the published lib"]);
    expect(published.asked.slice(before).filter((path) => path.endsWith(".zip"))).toEqual([]);
  });

  test("in place of what go.sum asks for is refused, and nothing of it stays", async () => {
    const cheated = await build(
      write({ ...honest, module: "example.test/cheated", description: from(forged.url) }),
      [],
      `${namespace}-cheated`,
    );
    expect(cheated.code).not.toBe(0);
    expect(cheated.log).toContain("SECURITY ERROR");
    const after = await build(
      write({ ...honest, module: "example.test/after", description: from(published.url) }),
      [],
      `${namespace}-cheated`,
    );
    expect([after.code, after.says], after.log).toEqual([0, "the published lib"]);
  });
});

describe("a workspace without go.work.sum, of modules that no checksum database knows", () => {
  const HOST = "proxy.tenants.test";

  test("has what answered its own download, and not what another tenant's HOST led to", async () => {
    // One address and one port each, so that the address is all that differs.
    const own = await startModuleProxy(PUBLIC, [], { address: "127.0.0.82", port: 0 });
    const port = Number(new URL(own.url).port);
    const evil = await startModuleProxy(FORGED, [], { address: "127.0.0.83", port });
    try {
      const dir = project(work.path, {
        "main.go": undefined,
        "go.mod": undefined,
        "go.work": "go 1.26\n\nuse ./app\n",
        "app/go.mod": "module workspace.test/app\n\ngo 1.26\n\nrequire example.test/lib v1.0.0\n",
        "app/main.go": 'package main\n\nimport "example.test/lib"\n\nfunc main() { println(lib.Name) }\n',
        "service.yaml": `${syntax}\nname: app\nmodule: ./app\n${from(`http://${HOST}:${port}`)}`,
      });
      const first = await build(dir, [`--add-host=${HOST}=127.0.0.83`]);
      expect([first.code, first.says], first.log).toEqual([0, "a forged lib"]);
      const second = await build(dir, [`--add-host=${HOST}=127.0.0.82`]);
      expect([second.code, second.says], second.log).toEqual([0, "the published lib"]);
      expect(own.asked.length).toBeGreaterThan(0);
    } finally {
      await Promise.all([own.stop(), evil.stop()]);
    }
  });
});

describe("a store that another tenant has damaged", () => {
  test.each([
    ["zips cut short", 'for f in /store/*.zip; do echo PK >"$f"; done'],
    ["other bytes in all files", 'for f in /store/*; do echo "module example.test/evil" >"$f"; done'],
    ["pipes in place of files", 'for f in /store/*; do rm "$f"; mkfifo "$f"; done'],
    ["folders in place of files", 'for f in /store/*; do rm -r "$f"; mkdir "$f"; done'],
    ["links that lead away", 'for f in /store/*; do rm -r "$f"; ln -s /dev/zero "$f"; done'],
  ])("heals itself: %s", async (what, command) => {
    await inStore(`ls /store | grep -q zip && ${command}`);
    const victim = (which: string): Promise<Built> =>
      build(
        write({
          module: `example.test/${which}-${what.replaceAll(" ", "-")}`,
          modules: PUBLIC,
          description: from(published.url),
        }),
      );
    const first = await victim("first");
    expect([first.code, first.says], first.log).toEqual([0, "the published lib"]);
    const before = published.asked.length;
    const second = await victim("second");
    expect([second.code, second.says], second.log).toEqual([0, "the published lib"]);
    expect(published.asked.slice(before).filter((path) => path.endsWith(".zip"))).toEqual([]);
  });
});

test("the store is emptied by pruning cache mounts, as the documents say, and the next build is right", async () => {
  const has = async (): Promise<string> => (await inStore("ls /store >/out/list")).out;
  expect(readFileSync(join(await has(), "list"), "utf8")).toContain(".zip");
  await succeeded(
    clients.buildctl(["prune", "--filter", 'type==exec.cachemount,description~="mount /store"']),
  );
  expect(readFileSync(join(await has(), "list"), "utf8")).toBe("");
  const next = await build(
    write({ module: "example.test/next", modules: PUBLIC, description: from(published.url) }),
  );
  expect([next.code, next.says], next.log).toEqual([0, "the published lib"]);
});

describe("what one has a login for", () => {
  const modules = { ...CORP, ...PUBLIC };
  const description = (): string =>
    `modules: { proxy: ["${server.proxy}", "${published.url}"], auth: { netrc: corp } }\n`;
  const owner = (): Tenant => ({ module: "corp.test/owner", modules, description: description() });
  const login = (name: string): readonly string[] => [`--secret=id=corp,src=${file(name)}`];

  test("is fetched, and is not in the store; what anybody may have is", async () => {
    await inStore("rm -rf /store/*");
    const built = await build(write(owner()), login("netrc"));
    expect([built.code, built.says], built.log).toEqual([0, "what only the login shows the published lib"]);
    const { out } = await inStore("cp /store/* /out/");
    expect(findBytes(out, "what only the login shows").found).toEqual([]);
    expect(findBytes(out, "the published lib").found).toHaveLength(1);
  });

  test("does not reach a project without a login that writes the hash into its go.sum", async () => {
    const built = await build(
      write({ module: "example.test/curious", modules, description: from(server.proxy, published.url) }),
    );
    expect(built.code, built.log).not.toBe(0);
    expect(built.log).toContain("401");
  });

  test("does not reach another namespace that copies the project and guesses a password", async () => {
    const built = await build(write(owner()), login("wrong"), `${namespace}-other`);
    expect(built.code, built.log).not.toBe(0);
    expect(built.log).toContain("401");
  });
});

describe("lists of what a description may ask for", () => {
  test("hold in a build, and a file cannot choose a frontend that knows none", async () => {
    const dir = write({
      module: "example.test/listed",
      modules: PUBLIC,
      description: "toolchain: evil.test/go:1\n",
    });
    const text = readFileSync(join(dir, "service.yaml"), "utf8");
    writeFileSync(join(dir, "service.yaml"), text.replace(syntax, "# syntax=evil.test/frontend"));
    const built = await build(dir, [
      `--build-arg=BUILDKIT_SYNTAX=${syntax.replace("# syntax=", "")}`,
      "--build-arg=GO_FRONTEND_ALLOW_TOOLCHAINS=golang",
    ]);
    expect(built.code).not.toBe(0);
    expect(built.log).toContain(
      'service.yaml:3:12: GF055 the toolchain "evil.test/go:1" is not allowed here',
    );
    expect(built.log).not.toContain("docker-image://evil.test");
  });

  test("a login in GOPROXY is refused before anything runs, and is not told again", async () => {
    const dir = write({ module: "example.test/proxied", modules: PUBLIC, description: "" });
    const built = await build(dir, ["--build-arg=GOPROXY=https://ci:hunter2@proxy.test"]);
    expect(built.code).not.toBe(0);
    expect(built.log).toContain("GF053 --build-arg GOPROXY holds a login");
    expect(built.log).not.toContain("hunter2");
  });
});
