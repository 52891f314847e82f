// Trees that Go builds and a builder gets wrong easily: what the program prints is what `go build` on this machine
// gives. And trees that Go refuses: the place and the fix are told before anything is compiled.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { repository } from "../../frontend-image/files.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { commitFolder, type GitServer, serveGit } from "./support/git.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const frontend = pinnedFrontend(rig, inject("frontend"));
const syntax = `# syntax=${frontend}\n`;
const work = scratchDir();
let clients: Clients;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

/** Text, or where a link leads. A name is Latin-1: `\xe9` is one byte that is no UTF-8. */
type Files = Readonly<Record<string, string | { readonly link: string }>>;

const link = (target: string) => ({ link: target });
const says = (text: string): string => `package main\n\nfunc main() { println("${text}") }\n`;
/** Prints what the init functions of other files have put into `plugins`. */
const plugged =
  'package main\n\nvar plugins []string\n\nfunc main() {\n\tfor _, each := range plugins {\n\t\tprintln(each)\n\t}\n\tprintln("end")\n}\n';
const plugin = (name: string): string =>
  `package main\n\nfunc init() { plugins = append(plugins, "${name}") }\n`;
const goMod = (path: string): string => `module ${path}\n\ngo 1.26\n`;

function write(files: Files): string {
  const dir = mkdtempSync(join(work.path, "tree-"));
  for (const [name, content] of Object.entries(files)) {
    const path = Buffer.from(join(dir, name), "latin1");
    mkdirSync(Buffer.from(dirname(join(dir, name)), "latin1"), { recursive: true });
    if (typeof content === "string") writeFileSync(path, content);
    else symlinkSync(content.link, path);
  }
  return dir;
}

const goEnv = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOPROXY: "off", GOFLAGS: "", GOWORK: "" };

/** Host names in messages and colours are nothing to compare; the helper may go on after `println`. */
async function printed(program: string): Promise<string> {
  return (await succeeded(run(program, []))).stderr;
}

async function builtByGo(dir: string, target: string): Promise<string> {
  const program = join(dir, "..", `go-built-${Math.random().toString(36).slice(2)}`);
  await succeeded(run("go", ["build", "-o", program, target], { cwd: dir, env: goEnv }));
  return printed(program);
}

const build = (dir: string, args: readonly string[] = []): Promise<Run> =>
  clients.buildx(["build", "--progress=plain", "-f", join(dir, "service.yaml"), ...args, dir]);

async function builtByUs(dir: string, name = "app"): Promise<string> {
  const out = join(dir, "..", `out-${Math.random().toString(36).slice(2)}`);
  await succeeded(build(dir, ["--target=binary", `--output=${out}`]));
  return printed(join(out, name));
}

/** The command line interface, from its source on the pinned Node. */
const check = (dir: string): Promise<Run> =>
  run(join(repository, "node_modules", ".bin", "node"), [
    join(repository, "src", "cli", "entry.ts"),
    "check",
    "-f",
    join(dir, "service.yaml"),
    dir,
  ]);

describe("prints what go build's program prints:", () => {
  test.each<[string, Files, string, string]>([
    [
      "a command beside the service is a module of its own",
      {
        "go.mod": goMod("example.test/app"),
        "service/main.go": says("service"),
        "cmd/tool/go.mod": goMod("example.test/app/cmd/tool"),
        "cmd/tool/main.go": says("tool"),
      },
      "./service",
      "service\n",
    ],
    [
      "linked Go files, one of them by way of a linked directory",
      {
        "go.mod": goMod("example.test/app"),
        "main.go": plugged,
        "audit.go": link("common/audit.txt"),
        "trace.go": link("shared/trace.go"),
        shared: link("common"),
        "common/audit.txt": plugin("audit"),
        "common/trace.go": plugin("trace"),
      },
      ".",
      "audit\ntrace\nend\n",
    ],
    [
      "a name that is not UTF-8 lies beside a Go file",
      {
        "go.mod": goMod("example.test/app"),
        "main.go": 'package main\n\nimport "example.test/app/lib"\n\nfunc main() { println(lib.Name) }\n',
        "caf\xe9.txt": "",
        "lib/lib.go": 'package lib\n\nconst Name = "lib"\n',
        "lib/caf\xe9.txt": "",
        "lib/\xe9\xe8/x.txt": "",
      },
      ".",
      "lib\n",
    ],
    [
      "vendor is a link, and a module in it is another",
      {
        "go.mod": `${goMod("example.test/app")}\nrequire (\n\tx.test/a v1.0.0\n\tx.test/b v1.0.0\n)\n`,
        "main.go":
          'package main\n\nimport (\n\t"x.test/a"\n\t"x.test/b"\n)\n\nfunc main() { println(a.Name, b.Name) }\n',
        vendor: link("deps/v"),
        "deps/v/modules.txt":
          "# x.test/a v1.0.0\n## explicit\nx.test/a\n# x.test/b v1.0.0\n## explicit\nx.test/b\n",
        "deps/v/x.test/a/a.go": 'package a\n\nconst Name = "a"\n',
        "deps/v/x.test/b": link("../../../libs/b"),
        "libs/b/b.go": 'package b\n\nconst Name = "b"\n',
      },
      ".",
      "a b\n",
    ],
    [
      "a required module whose replace is not there, and nothing imports it",
      {
        "go.mod": `${goMod("example.test/app")}\nrequire x.test/tools v1.0.0\n\nreplace x.test/tools => ./tools\n`,
        "main.go": says("alone"),
      },
      ".",
      "alone\n",
    ],
  ])("%s", async (_, files, target, expected) => {
    const dir = write({ ...files, "service.yaml": syntax + "name: app\n" });
    expect(await builtByGo(dir, target)).toBe(expected);
    expect(await check(dir)).toMatchObject({ code: 0 });
    expect(await builtByUs(dir)).toBe(expected);
  });

  test("what .dockerignore names by way of a link is left out, as a Dockerfile's build does", async () => {
    const dir = write({
      "go.mod": goMod("example.test/app"),
      "main.go": plugged,
      "local.go": plugin("local"),
      ".dockerignore": link("conf/ignore"),
      "conf/ignore": "local.go\n",
      "service.yaml": `${syntax}name: app\n`,
    });
    expect(await builtByUs(dir)).toBe("end\n");
    rmSync(join(dir, "local.go"));
    expect(await builtByGo(dir, ".")).toBe("end\n");
  });
});

describe("is refused by Go, and told at its place before anything is compiled:", () => {
  test.each<[string, Files, string, string]>([
    [
      "a linked Go file whose target is not in the context",
      { "main.go": plugged, "audit.go": link("../common/audit.go") },
      "audit.go: no such file or directory",
      "audit.go:1:1: GF018 audit.go is a link to ../common/audit.go, which lies outside the build context",
    ],
    [
      "an import that go.mod does not require",
      { "main.go": 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n' },
      "no required module provides package github.com/google/uuid",
      "main.go:3:10: GF008 no required module provides package github.com/google/uuid",
    ],
    [
      "a package that is generated and left out of git",
      {
        "main.go": 'package main\n\nimport _ "example.test/app/gen/pb"\n\nfunc main() {}\n',
        ".gitignore": "gen/\n",
      },
      "example.test/app/gen/pb",
      "main.go:3:10: GF008 package example.test/app/gen/pb is not there: no directory ./gen/pb in the build context",
    ],
    [
      "an embedded file that is generated",
      {
        "main.go":
          'package main\n\nimport _ "embed"\n\n//go:embed job.yaml\nvar job string\n\nfunc main() {}\n',
      },
      "main.go:5:12: pattern job.yaml: no matching files found",
      "main.go:5:12: GF009 no file of the build context matches //go:embed job.yaml",
    ],
    [
      "an embedded directory without files",
      {
        "main.go":
          'package main\n\nimport "embed"\n\n//go:embed static\nvar static embed.FS\n\nfunc main() {}\n',
        "static/.keep": "",
      },
      "cannot embed directory static: contains no embeddable files",
      "main.go:5:12: GF009 no file of the build context matches //go:embed static",
    ],
    [
      "a use of go.work that is not there",
      { "main.go": says("x"), "go.work": "go 1.26\n\nuse (\n\t.\n\t./tools\n)\n" },
      "tools",
      "go.work:5:2: GF013 use ./tools: no such directory in the build context",
    ],
    [
      "a replace that is not there",
      {
        "main.go": 'package main\n\nimport _ "x.test/lib"\n\nfunc main() {}\n',
        "go.mod": `${goMod("example.test/app")}\nrequire x.test/lib v1.0.0\n\nreplace x.test/lib => ./lib\n`,
      },
      "lib",
      "go.mod:7:23: GF013 replace x.test/lib => ./lib: no such directory in the build context",
    ],
    [
      "a package that modules.txt does not list",
      {
        "go.mod": `${goMod("example.test/app")}\nrequire x.test/a v1.0.0\n`,
        "main.go": 'package main\n\nimport _ "x.test/a/sub"\n\nfunc main() {}\n',
        "vendor/modules.txt": "# x.test/a v1.0.0\n## explicit\nx.test/a\n",
        "vendor/x.test/a/a.go": "package a\n",
      },
      "cannot find module providing package x.test/a/sub",
      "main.go:3:10: GF008 vendor/modules.txt does not list package x.test/a/sub",
    ],
    [
      "a modules.txt with a module that go.mod no longer requires",
      {
        "main.go": says("x"),
        "vendor/modules.txt": "# x.test/a v1.0.0\n## explicit\nx.test/a\n",
        "vendor/x.test/a/a.go": "package a\n",
      },
      "is marked as explicit in vendor/modules.txt, but not explicitly required in go.mod",
      "vendor/modules.txt:1:1: GF017 vendor/modules.txt has x.test/a v1.0.0 but no go.mod requires it",
    ],
    [
      "a modules.txt without a replace of go.mod",
      {
        "main.go": says("x"),
        "go.mod": `${goMod("example.test/app")}\nreplace x.test/a => ./a\n`,
        "vendor/modules.txt": "",
      },
      "is replaced in go.mod, but not marked as replaced in vendor/modules.txt",
      "go.mod:5:21: GF017 go.mod replaces x.test/a by ./a but vendor/modules.txt does not",
    ],
    [
      "a workspace's modules.txt that lags behind a member",
      {
        "main.go": says("x"),
        "go.work": "go 1.26\n\nuse (\n\t.\n\t./b\n)\n",
        "b/go.mod": `${goMod("example.test/b")}\nrequire x.test/a v1.0.0\n`,
        "vendor/modules.txt": "## workspace\n",
      },
      "is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt",
      "b/go.mod:5:9: GF017 b/go.mod requires x.test/a v1.0.0 but vendor/modules.txt does not have it",
    ],
  ])("%s", async (_, files, go, ours) => {
    const dir = write({ "go.mod": goMod("example.test/app"), ...files, "service.yaml": syntax });
    const byGo = await run("go", ["build", "-o", "/dev/null", "."], { cwd: dir, env: goEnv });
    expect([byGo.code, byGo.stderr]).toEqual([1, expect.stringContaining(go)]);
    const checked = await check(dir);
    expect([checked.code, checked.stdout + checked.stderr]).toEqual([1, expect.stringContaining(ours)]);
    const built = await build(dir);
    expect([built.code, built.stderr]).toEqual([1, expect.stringContaining(ours)]);
    expect(built.stderr).not.toMatch(/\[(helper|modules|std|deps|app)\b.*\] go /);
  });

  test("what .dockerignore hides: a package and an embedded file, with the line that does", async () => {
    const dir = write({
      "go.mod": goMod("example.test/app"),
      "main.go":
        'package main\n\nimport (\n\t_ "embed"\n\t_ "example.test/app/pkg/a"\n)\n\n//go:embed job.yaml\nvar job string\n\nfunc main() {}\n',
      "job.yaml": "",
      "pkg/a/a.go": "package a\n",
      "service.yaml": syntax,
      "service.yaml.dockerignore": "pkg\n*.yaml\n",
    });
    for (const { code, stdout, stderr } of [await check(dir), await build(dir)]) {
      const said = stdout + stderr;
      expect(code).toBe(1);
      expect(said).toContain(
        "main.go:5:4: GF004 package example.test/app/pkg/a is excluded by service.yaml.dockerignore line 1 (pkg)",
      );
      expect(said).toContain(
        "main.go:8:12: GF004 job.yaml, which //go:embed names, is excluded by service.yaml.dockerignore line 2 (*.yaml)",
      );
      expect(said).toContain("help: add `!pkg/a/` after it or remove the line");
    }
  });

  test("a profile that is not there, at its line of the description", async () => {
    const dir = write({
      "go.mod": goMod("example.test/app"),
      "main.go": says("x"),
      "service.yaml": `${syntax}build:\n  pgo: ./cpu.pgo\n`,
    });
    for (const { code, stdout, stderr } of [await check(dir), await build(dir)]) {
      expect([code, stdout + stderr]).toEqual([
        1,
        expect.stringContaining("service.yaml:3:8: GF046 the profile cpu.pgo is not in the build context"),
      ]);
    }
  });
});

test("an executable for Windows is named as go build names it", async () => {
  const dir = write({ "go.mod": goMod("example.test/app"), "main.go": says("x"), "service.yaml": syntax });
  const windows = { ...goEnv, GOOS: "windows", GOARCH: "amd64" };
  await succeeded(run("go", ["build"], { cwd: dir, env: windows }));
  const listing = await succeeded(
    build(dir, ["--target=binary", "--platform=windows/amd64", "--output=type=tar,dest=-"]).then(
      ({ bytes, ...rest }) =>
        run("tar", ["-t"], { input: bytes }).then((listed) =>
          rest.code === 0 ? listed : { bytes, ...rest },
        ),
    ),
  );
  expect(listing.stdout.split("\n")).toContain("app.exe");
});

describe("a git repository", () => {
  let server: GitServer;
  beforeAll(async () => {
    const root = mkdtempSync(join(work.path, "git-"));
    const dir = write({
      "svc/go.mod": goMod("example.test/app"),
      "svc/main.go": says("from git"),
      "svc/caf\xe9.txt": "",
      "svc/service.yaml": syntax,
    });
    await commitFolder(dir);
    await succeeded(run("git", ["clone", "--quiet", "--bare", dir, join(root, "repo.git")]));
    server = await serveGit(root);
  });
  afterAll(() => server.close());

  const remote = (context: string, args: readonly string[]): Promise<Run> =>
    clients.buildx(["build", "--progress=plain", "-f", "service.yaml", ...args, context]);

  test.each(["?branch=main&subdir=svc", "?ref=main&subdir=svc&submodules=false", "#main:svc"])(
    "at %s",
    async (query) => {
      const out = mkdtempSync(join(work.path, "out-"));
      await succeeded(remote(`${server.url}/repo.git${query}`, ["--target=binary", `--output=${out}`]));
      expect(await printed(join(out, "app"))).toBe("from git\n");
    },
  );

  test("with a key that is none, and with another commit than is asked for", async () => {
    // Without a syntax line between, so that the answer is ours: BuildKit's own frontend reads the query too.
    const options = [
      `context=${server.url}/repo.git?brnch=main`,
      `source=${frontend}`,
      "filename=service.yaml",
    ];
    const unknown = await clients.buildctl([
      "build",
      "--frontend=gateway.v0",
      ...options.map((option) => `--opt=${option}`),
    ]);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('unknown key "brnch"')]);
    expect(unknown.stderr).toContain("GF081 the build context git://");
    const other = await remote(`${server.url}/repo.git?branch=main&subdir=svc&commit=${"0".repeat(40)}`, []);
    expect(other.code).toBe(1);
  });
});
