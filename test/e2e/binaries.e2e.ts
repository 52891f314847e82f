// Several binaries in one image, images that share settings, executables for other systems: asked of tar entries, of
// `go version -m`, of ELF, PE and Mach-O headers, and of the steps that a builder ran.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { type Image, readImages } from "./support/oci.ts";
import { type Files, project } from "./support/project.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
const salt = `// ${process.pid} ${Date.now()}\n`;
let clients: Clients;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

/** Nine packages that two programs share, and a package of each one's own. */
const shared = Array.from({ length: 9 }, (_, index) => `p${index}`);
const main = (name: string): string =>
  `package main\n\nimport (\n${shared.map((each) => `\t"example.com/pair/${each}"\n`).join("")}\t"example.com/pair/only${name}"\n)\n\nfunc main() { println("${name}", only${name}.N, ${shared.map((each) => `${each}.N`).join(", ")}) }\n${salt}`;
const pair: Files = {
  "main.go": undefined,
  "go.mod": "module example.com/pair\n\ngo 1.26\n",
  ...Object.fromEntries(shared.map((name) => [`${name}/x.go`, `package ${name}\n\nconst N = 1\n${salt}`])),
  ...Object.fromEntries(
    ["a", "b"].flatMap((name) => [
      [`cmd/${name}/main.go`, main(name)],
      [`only${name}/x.go`, `package only${name}\n\nconst N = 2\n${salt}`],
    ]),
  ),
};

interface Built {
  readonly image: Image;
  readonly said: string;
}

const buildArgs = (dir: string, args: readonly string[]): readonly string[] => [
  "build",
  "--progress=plain",
  "--platform=linux/amd64",
  "-f",
  join(dir, "service.yaml"),
  ...args,
  dir,
];

async function build(dir: string, ...args: readonly string[]): Promise<Built> {
  const layout = join(work.path, `image-${readdirSync(work.path).length}.tar`);
  const { stderr } = await succeeded(
    clients.buildx(buildArgs(dir, ["-o", `type=oci,dest=${layout}`, "--provenance=false", ...args])),
  );
  const [image] = readImages(layout);
  return { image: image ?? expect.fail("no image"), said: stderr };
}

/** Titles of the steps that ran, by the go command in them. */
function ran(said: string): readonly string[] {
  const titles = new Map(
    [...said.matchAll(/^(#\d+) (\[[^\n]*go build [^\n]*)$/gm)].map(([, id, title]) => [id, title]),
  );
  const cached = new Set([...said.matchAll(/^(#\d+) CACHED$/gm)].map(([, id]) => id));
  return [...titles].flatMap(([id, title = ""]) => (cached.has(id) ? [] : [title.replace(/\s*$/, "")]));
}

function fileOf(image: Image, path: string): string {
  const entry = image.entries.find((each) => each.path === path) ?? expect.fail(`no ${path}`);
  const dir = join(work.path, "files", image.digest.slice(7, 19));
  mkdirSync(dir, { recursive: true });
  const file = join(dir, path.replaceAll("/", "_"));
  writeFileSync(file, entry.content, { mode: 0o755 });
  return file;
}

const goVersion = async (file: string): Promise<string> =>
  (await succeeded(run("go", ["version", "-m", file]))).stdout;

describe("two programs of a module in one image", () => {
  let dir: string;
  beforeAll(() => {
    dir = project(work.path, {
      ...pair,
      "service.yaml": `${syntax}\nname: pair\nbinaries: { a: ./cmd/a, b: { main: ./cmd/b, path: /bin/b } }\n`,
    });
  });

  test("each at its place, a layer each, linked from packages that were compiled once", async () => {
    const { image, said } = await build(dir);
    expect(image.layers).toHaveLength(3);
    expect(image.config.history).toHaveLength(3);
    expect(image.config.config.Entrypoint).toEqual(["/usr/local/bin/a"]);
    expect(await goVersion(fileOf(image, "usr/local/bin/a"))).toContain("path\texample.com/pair/cmd/a\n");
    expect(await goVersion(fileOf(image, "bin/b"))).toContain("path\texample.com/pair/cmd/b\n");
    expect(image.entries.filter(({ path }) => path === "usr/local/bin/b")).toEqual([]);
    const places = image.entries.filter(({ path }) => ["bin", "bin/b", "usr/local/bin/a"].includes(path));
    expect(
      places
        .map(
          ({ path, mode, uid, gid, mtime }) => `${path} ${(mode & 0o777).toString(8)} ${uid}:${gid} ${mtime}`,
        )
        .toSorted(),
    ).toEqual(["bin 755 0:0 0", "bin/b 755 0:0 0", "usr/local/bin/a 755 0:0 0"]);
    expect(said).toContain("compiled 9 packages ahead");
    expect(
      [...said.matchAll(/compiled (\d+) packages of this source tree/g)].map(([, count]) => count),
    ).toEqual(["2", "2"]);
    expect((await run(fileOf(image, "bin/b"), [])).stderr).toBe("b 2 1 1 1 1 1 1 1 1 1\n");
  });

  test("an edit in one's main links that one", async () => {
    writeFileSync(join(dir, "cmd/b/main.go"), `${main("b")}\nfunc edited() {}\n`);
    const { said } = await build(dir);
    expect(ran(said)).toEqual(["[b linux/amd64] go build ./cmd/b"]);
  });

  test("--target binary gives both", async () => {
    const out = join(work.path, "both");
    await succeeded(clients.buildx(buildArgs(dir, ["--target=binary", `--output=type=local,dest=${out}`])));
    expect(readdirSync(out).toSorted()).toEqual(["a", "b"]);
  });
});

test("a base whose /bin is a link keeps it, and its programs", async () => {
  const base = project(work.path, {
    "main.go": undefined,
    "go.mod": undefined,
    "usr/bin/tool": "tool",
    Dockerfile: "FROM scratch\nCOPY . /\n",
    ".dockerignore": "Dockerfile\n.dockerignore\n",
  });
  const linked = `${rig.registry}/e2e/linked-bin:latest`;
  await succeeded(run("ln", ["-s", "usr/bin", join(base, "bin")]));
  await succeeded(
    clients.buildx(["build", "--provenance=false", "-o", `type=registry,name=${linked}`, base]),
  );
  const dir = project(work.path, {
    "service.yaml": `${syntax}\nbinaries: { hello: { path: /bin/hello } }\nimage: { base: "${linked}" }\n`,
  });
  const { image } = await build(dir);
  const paths = image.entries.map(({ path, type }) => `${path} ${type}`);
  expect(paths).toContain("bin symlink");
  expect(paths).toContain("usr/bin/hello file");
  expect(paths).not.toContain("bin directory");
  const added = image.entries.slice(image.entries.findLastIndex(({ path }) => path === "usr"));
  expect(added.map(({ path, mtime }) => `${path} ${mtime}`)).toEqual([
    "usr 0",
    "usr/bin 0",
    "usr/bin/hello 0",
  ]);
  expect(image.config.config.Entrypoint).toEqual(["/bin/hello"]);
});

test("programs of several modules without a workspace", async () => {
  const dir = project(work.path, {
    "main.go": `package main\n\nfunc main() { println("root") }\n${salt}`,
    "ctl/go.mod": "module example.com/ctl\n\ngo 1.26\n",
    "ctl/main.go": `package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("ctl") }\n${salt}`,
    "service.yaml": `${syntax}\nbinaries: { hello: {}, ctl: { module: ./ctl } }\n`,
  });
  const { image } = await build(dir);
  expect(await goVersion(fileOf(image, "usr/local/bin/hello"))).toContain("path\texample.com/hello\n");
  expect(await goVersion(fileOf(image, "usr/local/bin/ctl"))).toContain("path\texample.com/ctl\n");
});

test("programs of several modules of a workspace", async () => {
  const dir = project(work.path, {
    "main.go": undefined,
    "go.mod": undefined,
    "go.work": "go 1.26\n\nuse (\n\t./server\n\t./ctl\n\t./lib\n)\n",
    "lib/go.mod": "module example.com/lib\n\ngo 1.26\n",
    "lib/lib.go": `package lib\n\nconst Name = "lib"\n${salt}`,
    ...Object.fromEntries(
      ["server", "ctl"].flatMap((name) => [
        [`${name}/go.mod`, `module example.com/${name}\n\ngo 1.26\n`],
        [
          `${name}/main.go`,
          `package main\n\nimport "example.com/lib"\n\nfunc main() { println("${name}", lib.Name) }\n${salt}`,
        ],
      ]),
    ),
    "service.yaml": `${syntax}\nname: kv\nbinaries: { server: { module: ./server }, ctl: { module: ./ctl } }\n`,
  });
  const { image } = await build(dir);
  expect((await run(fileOf(image, "usr/local/bin/ctl"), [])).stderr).toBe("ctl lib\n");
  expect((await run(fileOf(image, "usr/local/bin/server"), [])).stderr).toBe("server lib\n");
});

test("two programs with a vendor directory", async () => {
  const program = (name: string): string =>
    `package main\n\nimport "example.com/dep"\n\nfunc main() { println("${name}", dep.Name) }\n${salt}`;
  const dir = project(work.path, {
    "main.go": undefined,
    "go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire example.com/dep v1.0.0\n",
    "vendor/modules.txt": "# example.com/dep v1.0.0\n## explicit; go 1.26\nexample.com/dep\n",
    "vendor/example.com/dep/dep.go": `package dep\n\nconst Name = "vendored"\n${salt}`,
    "cmd/a/main.go": program("a"),
    "cmd/b/main.go": program("b"),
    "service.yaml": `${syntax}\nbinaries: { a: ./cmd/a, b: ./cmd/b }\n`,
  });
  const { image } = await build(dir);
  for (const name of ["a", "b"]) {
    expect((await run(fileOf(image, `usr/local/bin/${name}`), [])).stderr).toBe(`${name} vendored\n`);
  }
});

test("modules of one service compile what they share once", async () => {
  const program = (name: string): string =>
    `package main\n\nimport (\n\t"go/parser"\n\t"net/http"\n)\n\nfunc main() { println("${name}", parser.ParseComments, http.StatusOK) }\n${salt}`;
  const dir = project(work.path, {
    "main.go": program("server"),
    "ctl/go.mod": "module example.com/ctl\n\ngo 1.26\n",
    "ctl/main.go": program("ctl"),
    "service.yaml": `${syntax}\nbinaries: { hello: {}, ctl: { module: ./ctl } }\n`,
  });
  // No other run has filled what these steps leave.
  const { said } = await build(dir, "--no-cache-filter=deps");
  const titles = new Map(
    [...said.matchAll(/^(#\d+) \[(deps [^\]]*)\] go build/gm)].map(([, id, name]) => [id, name]),
  );
  const counts = [...said.matchAll(/^(#\d+) [\d.]+ .*compiled (\d+) packages ahead/gm)].flatMap(
    ([, id, count]) => {
      const name = titles.get(id);
      return name === undefined ? [] : [[name, Number(count)] as const];
    },
  );
  const compiled = Object.fromEntries(counts);
  expect(compiled["deps linux/amd64"]).toBeGreaterThan(3);
  // The package that imports them.
  expect(compiled["deps ./ctl linux/amd64"] ?? 0).toBeLessThanOrEqual(1);
});

test("a program that imports the standard library alone waits for no module of its siblings", async () => {
  const dir = project(work.path, {
    "go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire example.invalid/nowhere v1.0.0\n",
    "go.sum": `example.invalid/nowhere v1.0.0 h1:${"A".repeat(43)}=\nexample.invalid/nowhere v1.0.0/go.mod h1:${"A".repeat(43)}=\n`,
    "main.go": undefined,
    "cmd/large/main.go": `package main\n\nimport _ "example.invalid/nowhere"\n\nfunc main() {}\n`,
    "cmd/small/main.go": `package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("small") }\n${salt}`,
    "service.yaml": `${syntax}\nservices: { large: { main: ./cmd/large }, small: { main: ./cmd/small } }\n`,
  });
  const { said } = await build(dir, "--target=small");
  expect(said).not.toMatch(/\[(?:deps|modules)/);
  expect(said).toContain("[std linux/amd64] go build (");
});

test("the example has a program of each module at its place, and on scratch the same ones", async () => {
  const dir = join(work.path, "example");
  cpSync(fileURLToPath(new URL("../../examples/several-binaries/", import.meta.url)), dir, {
    recursive: true,
  });
  const file = join(dir, "service.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^# syntax=.*/, syntax));
  const { image } = await build(dir, "--target=store");
  expect((await run(fileOf(image, "usr/local/bin/store"), ["--version"])).stdout).toBe("store 1\n");
  expect((await run(fileOf(image, "bin/storectl"), ["--version"])).stdout).toBe("storectl 1\n");
  expect(image.config.config.ExposedPorts).toEqual({ "8080/tcp": {} });
  expect(ran((await build(dir, "--target=store-scratch")).said)).toEqual([]);
});

test("a twin on another base links nothing; one with symbols links, and compiles nothing", async () => {
  const dir = project(work.path, {
    ...pair,
    "service.yaml": `${syntax}\nservices:\n  a: { main: ./cmd/a }\n  bare: { extends: a, image: { base: scratch } }\n  symbols: { extends: a, build: { strip: false } }\n`,
  });
  await build(dir, "--target=a");
  const bare = await build(dir, "--target=bare");
  expect(ran(bare.said)).toEqual([]);
  expect(bare.image.layers).toHaveLength(1);
  const symbols = await build(dir, "--target=symbols");
  expect(ran(symbols.said)).toEqual(["[a linux/amd64] go build ./cmd/a"]);
  expect(symbols.said).toMatch(/compiled [01] packages of this source tree and 0 others/);
  const sections = async (image: Image): Promise<string> =>
    (await succeeded(run("readelf", ["-SW", fileOf(image, "usr/local/bin/a")]))).stdout;
  expect(await sections(bare.image)).not.toContain(".symtab");
  expect(await sections(symbols.image)).toContain(".symtab");
});

test("go-frontend bake lists every target: docker buildx bake builds them all", async () => {
  const dir = project(work.path, {
    ...pair,
    "service.yaml": `${syntax}\nplatforms: [linux/amd64]\nservices: { a: { main: ./cmd/a }, b: { main: ./cmd/b } }\n`,
  });
  let said = "";
  const code = await runCli(["bake", "-o", "docker-bake.json"], {
    out: () => undefined,
    err: (text) => void (said += text),
    isTerminal: false,
    cwd: dir,
  });
  expect([code, said]).toEqual([0, ""]);
  const env = { REPOSITORY: `${rig.registry}/e2e/baked-`, TAG: "one" };
  const bake = (...args: readonly string[]): Promise<Run> =>
    succeeded(clients.buildx(["bake", "--progress=plain", "--allow=fs=*", ...args], { cwd: dir, env }));
  await bake("--push");
  for (const name of ["a", "b"]) {
    const { stdout } = await succeeded(clients.crane(["config", `${rig.registry}/e2e/baked-${name}:one`]));
    expect(JSON.parse(stdout)).toMatchObject({ config: { Entrypoint: [`/usr/local/bin/${name}`] } });
  }
  await bake("binaries");
  expect(readdirSync(join(dir, "bin", "a"))).toEqual(["a"]);
  expect(await goVersion(join(dir, "bin", "b", "b"))).toContain("path\texample.com/pair/cmd/b\n");
});

test("executables for Windows and macOS", async () => {
  const dir = project(work.path, { "service.yaml": `${syntax}\n` });
  const out = join(work.path, "others");
  await succeeded(
    clients.buildx([
      "build",
      "--progress=plain",
      "--target=binary",
      "--platform=windows/amd64,darwin/arm64",
      `--output=type=local,dest=${out}`,
      "-f",
      join(dir, "service.yaml"),
      dir,
    ]),
  );
  expect(readdirSync(out).toSorted()).toEqual(["darwin_arm64", "windows_amd64"]);
  const [windows, darwin] = [join(out, "windows_amd64", "hello.exe"), join(out, "darwin_arm64", "hello")];
  const pe = readFileSync(windows);
  expect(pe.toString("latin1", 0, 2)).toBe("MZ");
  const header = pe.readUInt32LE(0x3c);
  // The signature, and IMAGE_FILE_MACHINE_AMD64.
  expect([pe.toString("latin1", header, header + 4), pe.readUInt16LE(header + 4)]).toEqual([
    "PE\0\0",
    0x8664,
  ]);
  const macho = readFileSync(darwin);
  // MH_MAGIC_64, CPU_TYPE_ARM64, MH_EXECUTE.
  expect([0, 4, 12].map((at) => macho.readUInt32LE(at))).toEqual([0xfeedfacf, 0x0100000c, 2]);
  expect(await goVersion(windows)).toMatch(/GOARCH=amd64\n[^]*GOOS=windows\n/);
  expect(await goVersion(darwin)).toMatch(/GOARCH=arm64\n[^]*GOOS=darwin\n/);
});
