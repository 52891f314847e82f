// Every form that a source tree has, and every way in which one reaches the builder: each builds an image whose program
// runs.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { listen } from "../support/listen.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { commitFolder, type GitServer, serveGit } from "./support/git.ts";
import { readImages } from "./support/oci.ts";
import { run, type RunOptions, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}\n`;
const work = scratchDir();
let clients: Clients;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

/** Text, or where a link leads. */
type Files = Readonly<Record<string, string | { readonly link: string }>>;

function write(files: Files): string {
  const dir = mkdtempSync(join(work.path, "tree-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    if (typeof content === "string") writeFileSync(join(dir, name), content);
    else symlinkSync(content.link, join(dir, name));
  }
  return dir;
}

const goMod = (path: string, more = ""): string => `module ${path}\n\ngo 1.26\n${more}`;
const lib = (name: string, says: string): string => `package ${name}\n\nconst Name = "${says}"\n`;
const using = (path: string): string =>
  `package main\n\nimport lib "${path}"\n\nfunc main() { println(lib.Name) }\n`;
const required = "\nrequire example.test/lib v1.0.0\n";

let images = 0;

/** Builds an image and runs its program; the result is what it prints. */
async function saysOf(
  context: string,
  {
    file = "service.yaml",
    args = [],
    options,
  }: { readonly file?: string; readonly args?: readonly string[]; readonly options?: RunOptions } = {},
): Promise<string> {
  const tar = join(work.path, `image-${images++}.tar`);
  const built = ["build", "-f", file, ...args, `--output=type=oci,dest=${tar}`, context];
  await succeeded(clients.buildx(built, options));
  return printedBy(tar);
}

async function printedBy(tar: string): Promise<string> {
  const [image] = readImages(tar);
  const entry = image?.entries.find(({ path }) => path === "usr/local/bin/app");
  if (entry === undefined) throw new Error("the image has no /usr/local/bin/app");
  const program = `${tar}.app`;
  writeFileSync(program, entry.content, { mode: 0o755 });
  return (await succeeded(run(program, []))).stderr;
}

function folder(files: Files, description = "name: app\n", args: readonly string[] = []): Promise<string> {
  const dir = write({ ...files, "service.yaml": `${syntax}${description}` });
  return saysOf(dir, { file: join(dir, "service.yaml"), args });
}

interface ServedArchive {
  readonly url: string;
  readonly bytes: Buffer;
  readonly close: () => Promise<void>;
}

/** Serves a folder as a compressed archive. */
async function serveArchive(dir: string): Promise<ServedArchive> {
  const tar = `${dir}.tar.gz`;
  execFileSync("tar", ["-c", "-z", "-f", tar, "-C", dir, "."]);
  const bytes = readFileSync(tar);
  const server = createServer((_, response) => response.end(bytes));
  return {
    url: `http://127.0.0.1:${await listen(server)}/source.tar.gz`,
    bytes,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe("a folder with", () => {
  test.each<[string, Files, string, string]>([
    [
      "a workspace of several modules",
      {
        "go.work": "go 1.26\n\nuse (\n\t./svc\n\t./lib\n)\n",
        "svc/go.mod": goMod("example.test/app"),
        "svc/main.go": using("example.test/lib"),
        "lib/go.mod": goMod("example.test/lib"),
        "lib/lib.go": lib("lib", "workspace"),
      },
      "name: app\nmodule: svc\n",
      "workspace",
    ],
    [
      "a replace by a directory of it, from a module in a directory",
      {
        "services/app/go.mod": goMod(
          "example.test/app",
          `${required}\nreplace example.test/lib => ../../libs/lib\n`,
        ),
        "services/app/main.go": using("example.test/lib"),
        "libs/lib/go.mod": goMod("example.test/lib"),
        "libs/lib/lib.go": lib("lib", "replace"),
      },
      "name: app\nmodule: services/app\n",
      "replace",
    ],
    [
      "vendored modules",
      {
        "go.mod": goMod("example.test/app", required),
        "main.go": using("example.test/lib"),
        "vendor/modules.txt": "# example.test/lib v1.0.0\n## explicit; go 1.26\nexample.test/lib\n",
        "vendor/example.test/lib/lib.go": lib("lib", "vendor"),
      },
      "name: app\n",
      "vendor",
    ],
    [
      "a module nested in another one's path",
      {
        "go.mod": goMod(
          "example.test/app",
          "\nrequire example.test/app/lib v1.0.0\n\nreplace example.test/app/lib => ./lib\n",
        ),
        "main.go": using("example.test/app/lib/sub"),
        "lib/go.mod": goMod("example.test/app/lib"),
        "lib/sub/sub.go": lib("sub", "nested"),
      },
      "name: app\n",
      "nested",
    ],
    [
      "links to files and directories of it",
      {
        "go.mod": goMod("example.test/app"),
        "main.go": using("example.test/app/lib"),
        lib: { link: "real" },
        "real/lib.go": { link: "../texts/lib.txt" },
        "texts/lib.txt": lib("lib", "links"),
      },
      "name: app\n",
      "links",
    ],
  ])("%s", async (_name, files, description, says) => {
    expect(await folder(files, description)).toBe(`${says}\n`);
  });

  const outside: Files = {
    "go.mod": goMod("example.test/app", `${required}\nreplace example.test/lib => ../lib\n`),
    "main.go": using("example.test/lib"),
  };
  const beside = (says: string): Files => ({
    "go.mod": goMod("example.test/lib"),
    "lib.go": lib("lib", says),
  });

  test("a replace that leaves it, which a folder answers; an edit there is built", async () => {
    const dir = write({
      ...beside("a folder"),
      ".dockerignore": "local.go\n",
      "local.go": "package other\n",
    });
    const given = [`--build-context=lib=${dir}`];
    expect(await folder(outside, "name: app\n", given)).toBe("a folder\n");
    writeFileSync(join(dir, "lib.go"), lib("lib", "an edited folder"));
    expect(await folder(outside, "name: app\n", given)).toBe("an edited folder\n");
  });

  test("a replace that leaves it, which a repository answers by the module's path", async () => {
    const root = mkdtempSync(join(work.path, "git-"));
    const dir = write(beside("a repository"));
    await commitFolder(dir);
    await succeeded(run("git", ["clone", "--quiet", "--bare", dir, join(root, "lib.git")]));
    const server = await serveGit(root);
    try {
      const given = [`--build-context=example.test/lib=${server.url}/lib.git#main`];
      expect(await folder(outside, "name: app\n", given)).toBe("a repository\n");
    } finally {
      await server.close();
    }
  });

  test("a replace that leaves it, which an archive at a URL answers", async () => {
    const server = await serveArchive(write(beside("an archive")));
    try {
      const given = [`--build-context=lib=${server.url}`];
      expect(await folder(outside, "name: app\n", given)).toBe("an archive\n");
    } finally {
      await server.close();
    }
  });

  test("a module of its workspace beside it, which a folder answers", async () => {
    const files: Files = {
      "go.work": "go 1.26\n\nuse (\n\t.\n\t../lib\n)\n",
      "go.mod": goMod("example.test/app"),
      "main.go": using("example.test/lib"),
    };
    const given = [`--build-context=lib=${write(beside("a workspace"))}`];
    expect(await folder(files, "name: app\n", given)).toBe("a workspace\n");
  });

  test("a replace that leaves it, which another target of the bake file answers", async () => {
    const dir = write({
      ...outside,
      "service.yaml": `${syntax}name: app\n`,
      "lib.Dockerfile": `FROM scratch\nCOPY lib /\n`,
      "lib/go.mod": goMod("example.test/lib"),
      "lib/lib.go": lib("lib", "a target"),
      "docker-bake.hcl": `
target "made" { dockerfile = "lib.Dockerfile" }
target "app" {
  dockerfile = "service.yaml"
  contexts = { lib = "target:made" }
}
`,
    });
    const tar = join(work.path, `baked.tar`);
    await succeeded(
      clients.buildx(["bake", "app", "--set", `app.output=type=oci,dest=${tar}`, "--allow=fs=*"], {
        cwd: dir,
      }),
    );
    expect(await printedBy(tar)).toBe("a target\n");
  });

  test("a module that the description replaces by a directory of the client, and a patch of the tree", async () => {
    const says = await folder(
      {
        "go.mod": goMod("example.test/app", required),
        "main.go": using("example.test/lib"),
        "fix.patch":
          '--- a/main.go\n+++ b/main.go\n@@ -5 +5 @@\n-func main() { println(lib.Name) }\n+func main() { println(lib.Name, "patched") }\n',
      },
      "name: app\npatches: [fix.patch]\nmodules: { edit: { replace: { example.test/lib: context:mine } } }\n",
      [`--build-context=mine=${write(beside("edited"))}`],
    );
    expect(says).toBe("edited patched\n");
  });

  test("vendored modules that a patch changes", async () => {
    const files: Files = {
      "go.mod": goMod("example.test/app", required),
      "main.go": using("example.test/lib"),
      "vendor/modules.txt": "# example.test/lib v1.0.0\n## explicit; go 1.26\nexample.test/lib\n",
      "vendor/example.test/lib/lib.go": lib("lib", "as it was"),
      "fix.patch":
        '--- a/vendor/example.test/lib/lib.go\n+++ b/vendor/example.test/lib/lib.go\n@@ -3 +3 @@\n-const Name = "as it was"\n+const Name = "patched"\n',
    };
    expect(await folder(files, "name: app\npatches: [fix.patch]\n")).toBe("patched\n");
  });
});

describe("a repository", () => {
  let server: GitServer;
  beforeAll(async () => {
    const root = mkdtempSync(join(work.path, "git-"));
    const sub = write({ "go.mod": goMod("example.test/lib"), "lib.go": lib("lib", "submodule") });
    await commitFolder(sub);
    await succeeded(run("git", ["clone", "--quiet", "--bare", sub, join(root, "lib.git")]));
    server = await serveGit(root);
    const dir = write({
      "svc/go.mod": goMod("example.test/app", `${required}\nreplace example.test/lib => ../lib\n`),
      "svc/main.go": using("example.test/lib"),
      "plain/go.mod": goMod("example.test/plain"),
      "plain/main.go": 'package main\n\nfunc main() { println("plain") }\n',
      "plain/service.yaml": `${syntax}name: app\n`,
      "service.yaml": `${syntax}name: app\nmodule: svc\n`,
    });
    execFileSync("git", ["init", "--quiet", "--initial-branch=main"], { cwd: dir });
    execFileSync("git", ["submodule", "--quiet", "add", `${server.url}/lib.git`, "lib"], { cwd: dir });
    await commitFolder(dir);
    await succeeded(run("git", ["clone", "--quiet", "--bare", dir, join(root, "repo.git")]));
  });
  afterAll(() => server.close());

  test("with a submodule", async () => {
    expect(await saysOf(`${server.url}/repo.git#main`)).toBe("submodule\n");
  });

  test.each(["?ref=main&subdir=plain", "#main:plain"])("at %s", async (query) => {
    expect(await saysOf(`${server.url}/repo.git${query}`)).toBe("plain\n");
  });
});

describe("an archive", () => {
  let server: ServedArchive;
  beforeAll(async () => {
    server = await serveArchive(
      write({
        "service.yaml": `${syntax}name: app\n`,
        "go.mod": goMod("example.test/app"),
        "main.go": 'package main\n\nfunc main() { println("archived") }\n',
      }),
    );
  });
  afterAll(() => server.close());

  test("at a URL", async () => {
    expect(await saysOf(server.url)).toBe("archived\n");
  });

  test("on standard input", async () => {
    expect(await saysOf("-", { options: { input: server.bytes } })).toBe("archived\n");
  });
});
