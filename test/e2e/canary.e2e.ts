// The promise that a secret stays in the download step. Each way to log in has a secret of 32 random bytes, which is looked
// for in whatever form in all that builds leave behind, with the client and with the builder.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ensureBuildxBuilder, systemCaBundle } from "../../rig/index.ts";
import { ownRegistryFolder, runningRegistry, sharedRegistryFolder } from "../../rig/registry.ts";
import { findBytes, formsOf, type Search } from "../support/find-bytes.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { type Modules, sumLines } from "../support/module-proxy.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { commitFolder } from "./support/git.ts";
import { readImages } from "./support/oci.ts";
import { project } from "./support/project.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const frontend = pinnedFrontend(rig, inject("frontend"));
/** Secrets, and the projects that the client is given. */
const given = scratchDir();
/** What clients were told and handed: all of it is searched. */
const left = scratchDir();
const start = Date.now();

const MODULES: Modules = {
  "corp.test/lib@v1.0.0": {
    "go.mod": "module corp.test/lib\n\ngo 1.21\n",
    "lib.go": 'package lib\n\nfunc Hello() string { return "hello from a private module" }\n',
  },
};

type Needles = Parameters<typeof findBytes>[1];

/** 32 random bytes, as text that a header, a netrc file and a URL write in different ways. */
interface Secret {
  readonly bytes: Buffer;
  readonly text: string;
}
function newSecret(): Secret {
  const bytes = randomBytes(32);
  return { bytes, text: bytes.toString("base64") };
}
const secrets = { token: newSecret(), netrc: newSecret(), proxy: newSecret() };
/** In the address of the repository that the source is of: a label tells where that is. */
const remote = newSecret();

let clients: Clients;
let client: { readonly folder: string };
let servers: Readonly<Record<keyof typeof secrets, GitServer>>;
const file = (name: string): string => join(given.path, name);
const into = (name: string): string => join(left.path, name);

beforeAll(async () => {
  clients = await clientsOf(rig);
  const { env } = await ensureBuildxBuilder(rig);
  client = { folder: env["BUILDX_CONFIG"] ?? "" };
  servers = {
    token: await startGitServer("127.0.0.79", secrets.token.text),
    netrc: await startGitServer("127.0.0.80", secrets.netrc.text),
    proxy: await startGitServer("127.0.0.81", secrets.proxy.text, MODULES),
  };
  const bundle = systemCaBundle();
  const roots = [bundle === undefined ? "" : readFileSync(bundle, "utf8")];
  writeFileSync(file("ca.pem"), [...roots, ...Object.values(servers).map(({ ca }) => ca)].join("\n"));
  writeFileSync(file("token"), secrets.token.text);
  for (const way of ["netrc", "proxy"] as const) {
    const { host } = servers[way];
    writeFileSync(file(way), `machine ${host}\nlogin ci\npassword ${secrets[way].text}\n`);
  }
});
afterAll(() => {
  for (const server of Object.values(servers ?? {})) server.stop();
  given.remove();
  left.remove();
});

interface Way {
  readonly server: GitServer;
  /** What `modules:` says. */
  readonly modules: string;
  /** What the client hands in. */
  readonly flags: readonly string[];
  readonly requires: Pick<GitServer, "module" | "version" | "sums">;
}

const WAYS = {
  token: (): Way => ({
    server: servers.token,
    modules: `{ private: [${servers.token.host}/*], auth: { ${servers.token.host}: { token: a-token } } }`,
    flags: ["--secret", `id=a-token,src=${file("token")}`],
    requires: servers.token,
  }),
  netrc: (): Way => ({
    server: servers.netrc,
    modules: `{ private: [${servers.netrc.host}/*], auth: { netrc: a-netrc } }`,
    flags: ["--secret", `id=a-netrc,src=${file("netrc")}`],
    requires: servers.netrc,
  }),
  ssh: (): Way => ({
    server: servers.token,
    modules: `{ private: [${servers.token.host}/*], auth: { ${servers.token.host}: { ssh: default, port: ${servers.token.sshPort}, knownHosts: ["${servers.token.knownHosts}"] } } }`,
    flags: ["--ssh", `default=${servers.token.keyFile}`],
    requires: servers.token,
  }),
  proxy: (): Way => ({
    server: servers.proxy,
    modules: `{ proxy: ["${servers.proxy.proxy}"], auth: { netrc: a-netrc } }`,
    flags: ["--secret", `id=a-netrc,src=${file("proxy")}`],
    requires: { module: "corp.test/lib", version: "v1.0.0", sums: sumLines(MODULES) },
  }),
} as const satisfies Readonly<Record<string, () => Way>>;
type WayName = keyof typeof WAYS;

/** What labels say, by who gives them; to be found wherever labels are written. */
const LABELS = { described: "a label of the description", given: "a label of the client" } as const;
const givenLabel = `com.example.given=${LABELS.given}`;
const SOURCE = { host: "git.test", path: "/acme/canary.git" } as const;

function write(name: WayName, mark: string, main = "fmt.Println(lib.Hello())", sums?: string): string {
  const { modules, requires } = WAYS[name]();
  return project(given.path, {
    "go.mod": `module example.test/canary/${name}${mark}\n\ngo 1.26\n\nrequire ${requires.module} ${requires.version}\n`,
    "go.sum": sums ?? requires.sums,
    "main.go": `package main\n\nimport (\n\t"fmt"\n\n\tlib "${requires.module}"\n)\n\nfunc main() { ${main} }\n`,
    "service.yaml": `# syntax=${frontend}\nname: svc\nmodules: ${modules}\nimage: { labels: { com.example.described: "${LABELS.described}" } }\n`,
  });
}

/** A build through buildx, whose output is part of what is left. */
async function buildx(name: WayName, label: string, dir: string, args: readonly string[]): Promise<Run> {
  const { server, flags } = WAYS[name]();
  const done = await clients.buildx([
    "build",
    "-f",
    join(dir, "service.yaml"),
    `--add-host=${server.host}=${server.address}`,
    `--secret=id=ca-certificates,src=${file("ca.pem")}`,
    "--build-arg=GONOSUMDB=*",
    "--no-cache-filter=modules",
    ...flags,
    ...args,
    dir,
  ]);
  writeFileSync(into(`${name}-${label}.txt`), done.stdout + done.stderr);
  return done;
}

async function buildctl(name: WayName, label: string, dir: string, args: readonly string[]): Promise<Run> {
  const { server, flags } = WAYS[name]();
  const done = await clients.buildctl([
    "build",
    "--progress=rawjson",
    "--frontend=gateway.v0",
    `--opt=source=${frontend}`,
    "--opt=filename=service.yaml",
    `--opt=add-hosts=${server.host}=${server.address}`,
    "--opt=build-arg:GONOSUMDB=*",
    "--opt=no-cache=modules",
    `--local=context=${dir}`,
    `--local=dockerfile=${dir}`,
    `--secret=id=ca-certificates,src=${file("ca.pem")}`,
    ...flags,
    ...args,
  ]);
  writeFileSync(into(`${name}-${label}.json`), done.stdout + done.stderr);
  return done;
}

/** All that could be written of the secrets. */
function needles(): readonly (string | Buffer)[] {
  const seed = sshSeed(readFileSync(servers.token.keyFile, "utf8"));
  return [...Object.values({ ...secrets, remote }).flatMap(({ bytes, text }) => [bytes, text]), seed];
}

/** Whether a blob of the registry, whose folder is called by its digest, is in a cache that the client was handed. */
function isInClientsCache(path: string): boolean {
  const digest = basename(dirname(path));
  return Object.keys(WAYS).some((name) => existsSync(into(`${name}-cache/blobs/sha256/${digest}`)));
}

/** Where the registry that the builder pushes to has its blobs. */
function registryFolder(): string {
  const folders = [sharedRegistryFolder(), ownRegistryFolder(rig.stateDir)];
  const found = folders.find((folder) => runningRegistry(folder)?.host === rig.registry);
  if (found === undefined) throw new Error(`no folder of the registry ${rig.registry}`);
  return found;
}

/** The 32 bytes that an ed25519 key is made of: in OpenSSH's file they stand before the last copy of the public key. */
function sshSeed(pem: string): Buffer {
  const body = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  const type = body.indexOf("ssh-ed25519");
  const publicKey = body.subarray(type + 15, type + 47);
  const last = body.lastIndexOf(publicKey);
  return body.subarray(last - 32, last);
}

describe("a secret", () => {
  test.each(Object.keys(WAYS) as readonly WayName[])("does its work: %s", async (name) => {
    const dir = write(name, "x");
    const revision = await commitFolder(dir);
    const login = `ci:${encodeURIComponent(remote.text)}@`;
    const origin = `https://${login}${SOURCE.host}${SOURCE.path}`;
    await succeeded(run("git", ["remote", "add", "origin", origin], { cwd: dir }));
    const full = await buildx(name, "max", dir, [
      "--progress=plain",
      "--provenance=mode=max",
      "--sbom=false",
      `--output=type=oci,tar=false,dest=${into(`${name}-image`)}`,
      `--annotation=index,manifest:com.example.team=${name}`,
      `--label=${givenLabel}`,
      `--cache-to=type=local,mode=max,dest=${into(`${name}-cache`)}`,
      `--metadata-file=${into(`${name}-metadata.json`)}`,
    ]);
    expect(full.code, full.stderr).toBe(0);
    const pushed = await buildx(name, "push", dir, [
      "--progress=rawjson",
      "--provenance=mode=min",
      `--label=${givenLabel}`,
      `--output=type=image,name=${rig.registry}/e2e/canary-${name}:${process.pid},push=true`,
      `--cache-to=type=registry,mode=max,ref=${rig.registry}/e2e/canary-${name}-cache:${process.pid}`,
      "--cache-to=type=inline",
      `--metadata-file=${into(`${name}-metadata-min.json`)}`,
    ]);
    expect(pushed.code, pushed.stderr).toBe(0);
    const raw = await buildctl(name, "buildctl", dir, [
      "--opt=attest:provenance=mode=max",
      `--opt=label:${givenLabel}`,
      `--output=type=oci,tar=false,dest=${into(`${name}-buildctl`)}`,
    ]);
    expect(raw.code, raw.stderr).toBe(0);
    for (const image of [`${name}-image`, `${name}-buildctl`].flatMap((layout) => readImages(into(layout)))) {
      expect(image.config.config.Labels).toMatchObject({
        "com.example.described": LABELS.described,
        "com.example.given": LABELS.given,
      });
    }
    expect(readImages(into(`${name}-image`))[0]?.config.config.Labels).toMatchObject({
      "org.opencontainers.image.revision": revision,
      "org.opencontainers.image.source": `https://${SOURCE.host}${SOURCE.path}`,
    });
    const graph = await run(process.execPath, ["src/cli/entry.ts", "llb", dir, "-o", into(`${name}.llb`)]);
    expect(graph.code, graph.stderr).toBe(0);
  });

  test.each(Object.keys(WAYS) as readonly WayName[])("is not told by errors: %s", async (name) => {
    const { requires } = WAYS[name]();
    const broken = await buildx(name, "broken", write(name, "broken", "undefined()"), [
      "--progress=plain",
      "--output=type=cacheonly",
    ]);
    expect(broken.code).not.toBe(0);
    expect(broken.stderr).toContain("GF090");
    const wrong = requires.sums.replaceAll(/h1:[^=]*=/g, `h1:${"A".repeat(43)}=`);
    const cheated = await buildx(name, "cheated", write(name, "cheated", undefined, wrong), [
      "--progress=plain",
      "--output=type=cacheonly",
    ]);
    expect(cheated.code).not.toBe(0);
    expect(cheated.stderr).toContain("SECURITY ERROR");
  });

  test("in the address of a proxy ends the build, and no client and no log says it", async () => {
    const dir = write("proxy", "address");
    // Another one: BuildKit itself has the arguments of a build in its record.
    const { text } = newSecret();
    const address = `https://ci:${encodeURIComponent(text)}@proxy.test`;
    const refused = await clients.buildx([
      "build",
      "--progress=plain",
      "-f",
      join(dir, "service.yaml"),
      `--build-arg=GOPROXY=${address}`,
      "--output=type=cacheonly",
      dir,
    ]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("GF053");
    expect(formsOf(secrets.proxy.text).filter((form) => Buffer.from(refused.stderr).includes(form))).toEqual(
      [],
    );
    expect(findBytes(rig.logFile, secrets.proxy.text).found).toEqual([]);
  });

  test("is in nothing that a build leaves behind", async () => {
    const places = {
      // Progress in three forms, errors, metadata files, images with labels, history, annotations and provenance,
      // caches, LLB.
      "the client's files": (needle: Needles): Search => findBytes(left.path, needle),
      // buildx keeps a record of each build.
      "the client's state": (needle: Needles): Search => findBytes(client.folder, needle, start),
      // Layers, cache mounts, build records, the content store, what is not yet written to its place.
      "the daemon's state": (needle: Needles): Search => findBytes(rig.stateDir, needle, start),
      "the daemon's log": (needle: Needles): Search => findBytes(rig.logFile, needle),
      // Images and caches that were pushed, with their labels and provenance; layers are those of the client's caches.
      "the registry": (needle: Needles): Search =>
        findBytes(registryFolder(), needle, start, isInClientsCache),
    };
    const canaries = needles();
    for (const [place, search] of Object.entries(places)) {
      expect([place, search(canaries).found]).toEqual([place, []]);
    }
    // The searches would have found it: a private module's own text is in what they looked into, and so are labels.
    const text = "hello from a private module";
    expect(places["the client's files"](text).found.length).toBeGreaterThan(8);
    // Images were read above, labels and all; those of pushed ones stand beside each other.
    expect(places["the registry"](LABELS.given).found.length).toBeGreaterThan(0);
    const blobs = join(rig.stateDir, "root", "runc-overlayfs", "content");
    expect(findBytes(blobs, text, start).found.length).toBeGreaterThan(0);
    expect(places["the client's state"](text).searched).toBeGreaterThan(0);
    expect(places["the daemon's log"](text).searched).toBe(1);
  });
});
