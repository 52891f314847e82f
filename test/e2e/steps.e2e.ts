// Steps of a description in the real BuildKit: what they write is compiled and embedded, and an edit runs those again
// that read it.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { repository } from "../../frontend-image/files.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { commitFolder, serveGit } from "./support/git.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
let clients: Clients;
let node = "";

beforeAll(async () => {
  clients = await clientsOf(rig);
  node = await nodeImage();
});
afterAll(work.remove);

/** An image that has Node: the one that runs this, and what it is linked against. */
async function nodeImage(): Promise<string> {
  const root = join(work.path, "node");
  const { stdout } = await succeeded(run("ldd", [process.execPath]));
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path ?? "");
  for (const path of libraries) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  mkdirSync(join(root, "bin"), { recursive: true });
  copyFileSync(process.execPath, join(root, "bin", "node"));
  chmodSync(join(root, "bin", "node"), 0o755);
  const layer = join(work.path, "node.tar");
  await succeeded(run("tar", ["-c", "-f", layer, "-C", root, "."]));
  const reference = `${rig.registry}/e2e/node:24`;
  await succeeded(clients.crane(["append", "--new_layer", layer, "--new_tag", reference]));
  const platform = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;
  await succeeded(clients.crane(["mutate", "--set-platform", platform, "--tag", reference, reference]));
  return `docker-image://${reference}`;
}

function write(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(work.path, "tree-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

/** The example, as somebody has it on their machine. */
function example(): string {
  const dir = mkdtempSync(join(work.path, "example-"));
  cpSync(join(repository, "examples", "steps"), dir, { recursive: true });
  const text = readFileSync(join(dir, "service.yaml"), "utf8");
  writeFileSync(join(dir, "service.yaml"), text.replace(/^# syntax=.*/, syntax));
  return dir;
}

const buildx = (dir: string, context = dir, args: readonly string[] = []): Promise<Run> =>
  clients.buildx([
    "build",
    "--progress=plain",
    `--file=${context === dir ? join(dir, "service.yaml") : "service.yaml"}`,
    `--build-context=node:24=${node}`,
    "--target=binary",
    `--output=${join(dir, "out")}`,
    ...args,
    context,
  ]);

/** Commands of steps that ran, and did not come from the cache. */
function ranIn(progress: string): readonly string[] {
  const done = new Set([...progress.matchAll(/^#(\d+) DONE/gm)].map(([, id]) => id));
  const named = [...progress.matchAll(/^#(\d+) (\[step \S+\] (?:node|go) .*)$/gm)];
  return named.flatMap(([, id, name = ""]) => (done.has(id) ? [name] : []));
}

describe("the example", () => {
  const PAGE = "[step page] node build.mjs";
  const COLORS = "[step colors] go run ./tools/colors";
  let dir = "";
  const built = async (): Promise<readonly string[]> => {
    const { stderr } = await succeeded(buildx(dir));
    return [...new Set(ranIn(stderr))].toSorted();
  };
  const list = async (): Promise<string> =>
    (await succeeded(run(join(dir, "out", "palette"), ["list"]))).stdout;

  beforeAll(() => {
    dir = example();
    // What an earlier, local run has left is not built.
    mkdirSync(join(dir, "web", "dist"));
    writeFileSync(join(dir, "web", "dist", "index.html"), "<title>stale</title>");
    // No other run has this line.
    writeFileSync(join(dir, "colors.txt"), `red #d62828\nrun ${Date.now()}\n`);
    writeFileSync(join(dir, "web", "src", "page.js"), `// ${Date.now()}\n`);
  });

  test("has a page that Node built and a package that a Go program wrote", async () => {
    expect(await built()).toEqual([COLORS, PAGE]);
    expect(await list()).toMatch(/^red #d62828\nrun \d+\nA palette\n$/);
  });

  test("a file that no step reads runs none of them", async () => {
    writeFileSync(join(dir, "README.md"), "# palette\n");
    writeFileSync(join(dir, "web", "dist", "index.html"), "<title>staler</title>");
    expect(await built()).toEqual([]);
  });

  test("an input runs the step that reads it, and no other", async () => {
    writeFileSync(join(dir, "colors.txt"), `blue #0000ff\nrun ${Date.now()}\n`);
    expect(await built()).toEqual([COLORS]);
    expect(await list()).toMatch(/^blue #0000ff\n/);
  });

  test("is the same from a git repository", async () => {
    const server = await serveGit(work.path);
    try {
      const source = join(work.path, "repository");
      cpSync(dir, source, { recursive: true, filter: (path) => !path.endsWith("/out") });
      await commitFolder(source);
      const before = await list();
      await succeeded(buildx(dir, `${server.url}/repository/.git`));
      expect(await list()).toBe(before);
    } finally {
      await server.close();
    }
  });
});

describe("a step", () => {
  const project = (steps: string, more: Readonly<Record<string, string>> = {}): string =>
    write({
      "go.mod": "module example.test/app\n\ngo 1.26\n",
      "main.go":
        'package main\n\nimport _ "embed"\n\n//go:embed out.txt\nvar out string\n\nfunc main() { print(out) }\n',
      "service.yaml": `${syntax}\nname: app\nsteps:\n${steps}`,
      ...more,
    });

  test("has no network, sees its inputs alone, and the next command finds what the one before has left", async () => {
    const dir = project(
      `  out:
    image: busybox
    inputs: [a]
    env: { WHO: me }
    run:
      - [sh, -c, "wc -l < /proc/net/route > /left; find . -type f >> /left"]
      - [sh, -c, 'cat /left > out.txt; echo "$WHO in $PWD" >> out.txt']
    outputs: [out.txt]
`,
      { "a/1.txt": "", "b/2.txt": "" },
    );
    await succeeded(buildx(dir));
    expect((await succeeded(run(join(dir, "out", "app"), []))).stderr).toBe("1\n./a/1.txt\nme in /src\n");
  });

  test("reads what another has written", async () => {
    const dir = project(
      `  last: { image: busybox, inputs: [gen], run: [[cp, gen/word.txt, out.txt]], outputs: [out.txt] }
  first: { image: busybox, run: [[sh, -c, "mkdir gen; echo first > gen/word.txt"]], outputs: [gen] }
`,
    );
    await succeeded(buildx(dir));
    expect((await succeeded(run(join(dir, "out", "app"), []))).stderr).toBe("first\n");
  });

  test("finds its caches as its last run left them, in the image and in the tree, and no other namespace does", async () => {
    const steps = `  out:
    image: busybox
    inputs: [a.txt]
    caches: [/var/lib/runs, .cache]
    run: [[sh, -c, "cat a.txt | tee -a /var/lib/runs/all >> .cache/all; cat /var/lib/runs/all .cache/all > out.txt"]]
    outputs: [out.txt]
`;
    const module = `example.test/cached-${Date.now()}`;
    const dir = project(steps, { "go.mod": `module ${module}\n\ngo 1.26\n`, "a.txt": "first\n" });
    const says = async (...args: readonly string[]): Promise<string> => {
      await succeeded(buildx(dir, dir, args));
      return (await succeeded(run(join(dir, "out", "app"), []))).stderr;
    };
    expect(await says()).toBe("first\nfirst\n");
    writeFileSync(join(dir, "a.txt"), "second\n");
    expect(await says()).toBe("first\nsecond\nfirst\nsecond\n");
    expect(await says("--build-arg=BUILDKIT_CACHE_MOUNT_NS=other")).toBe("second\nsecond\n");
  });

  test.each<[string, string, readonly RegExp[]]>([
    [
      "a command that fails is told at its line",
      "  out: { image: busybox, run: [[true], [sh, -c, exit 7]], outputs: [out.txt] }\n",
      [/service\.yaml:4/, /process "sh -c exit 7" did not complete successfully: exit code: 7/],
    ],
    [
      "an output that is not there",
      "  out:\n    image: busybox\n    run: [[touch, other.txt]]\n    outputs: [out.txt]\n",
      [
        /service\.yaml:7:15: GF056 the step "out" ended well and did not write out\.txt/,
        /help: outputs are relative/,
      ],
    ],
    [
      "a program that the image does not have",
      "  out: { image: busybox, run: [[npm, ci]], outputs: [out.txt] }\n",
      [/service\.yaml:4/, /npm/],
    ],
  ])("%s", async (_name, steps, told) => {
    const { code, stderr } = await buildx(project(steps));
    expect(code).not.toBe(0);
    for (const each of told) expect(stderr).toMatch(each);
  });

  test("gets a secret that the client gives; one that it does not give is told at its line", async () => {
    const dir = project(`  out:
    image: busybox
    secrets: [word]
    run: [[sh, -c, "wc -c < /run/secrets/word > out.txt"]]
    outputs: [out.txt]
`);
    const missing = await buildx(dir);
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toContain(
      'service.yaml:6:15: GF050 a step needs the secret "word", which the client did not provide',
    );
    writeFileSync(join(dir, "..", "word.txt"), "seven c");
    await succeeded(buildx(dir, dir, ["--secret", `id=word,src=${join(dir, "..", "word.txt")}`]));
    expect((await succeeded(run(join(dir, "out", "app"), []))).stderr).toBe("7\n");
  });

  test("an image that does not exist", async () => {
    const missing = `${rig.registry}/e2e/no-such-image:1`;
    const { code, stderr } = await buildx(
      project(`  out: { image: "${missing}", run: [[true]], outputs: [out.txt] }\n`),
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain(`service.yaml:4:17: GF073 step image ${missing}: not found`);
  });
});
