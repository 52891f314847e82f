// Repositories as git and the go command make and read them: both have the last word on what is read here without them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repositoryOf } from "../../src/cli/repository.ts";
import { repositoryIn as sourceIn } from "../../src/frontend/context/repository-in.ts";
import { folderTree, openTree, type Repository } from "../../src/facts/index.ts";

const work = mkdtempSync(join(tmpdir(), "go-frontend-git-"));
afterAll(() => rmSync(work, { recursive: true }));

let clock = 1_700_000_000;
const env = (): NodeJS.ProcessEnv => ({
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_COMMITTER_NAME: "c",
  GIT_COMMITTER_EMAIL: "c@example.com",
  GIT_AUTHOR_DATE: `${clock} +0200`,
  GIT_COMMITTER_DATE: `${clock} +0200`,
  GOFLAGS: "",
  GOTOOLCHAIN: "local",
});

function git(dir: string, ...args: readonly string[]): string {
  return execFileSync("git", ["-C", dir, ...args], { env: env(), encoding: "utf8", stdio: "pipe" }).trim();
}

function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

function commit(dir: string, files: Readonly<Record<string, string>>, message = "m"): void {
  clock += 3600;
  write(dir, files);
  git(dir, "add", "-A");
  git(dir, "commit", "--quiet", "--allow-empty", "-m", message);
}

function repositoryIn(folder: string): Repository {
  return repositoryOf(folder).repository ?? expect.fail("no repository");
}

const MAIN = "package main\n\nfunc main() {}\n";

/** A module in the root, one below it, tags of both, branches, and something of each kind of object. */
function makeOrigin(dir: string): void {
  mkdirSync(dir);
  git(dir, "init", "--quiet", "-b", "main");
  commit(dir, {
    "go.mod": "module example.com/shop\n\ngo 1.21\n",
    "main.go": MAIN,
    "svc/orders/go.mod": "module example.com/shop/svc/orders\n\ngo 1.21\n",
    "svc/orders/main.go": MAIN,
    "elsewhere/go.mod": "module example.com/other\n\ngo 1.21\n",
    "elsewhere/main.go": MAIN,
    "v2/go.mod": "module example.com/shop/v2\n\ngo 1.21\n",
    "v2/main.go": MAIN,
    ".gitignore": "gen.go\n",
  });
}

const places = [
  [".", "example.com/shop"],
  ["svc/orders", "example.com/shop/svc/orders"],
  ["v2", "example.com/shop/v2"],
  ["elsewhere", "example.com/other"],
] as const;

/** What `go version -m` says of a module's main package that go itself builds there. */
function goSays(dir: string, module: string) {
  const binary = join(work, "binary");
  execFileSync("go", ["build", "-buildvcs=true", "-trimpath", "-o", binary, "."], {
    cwd: join(dir, module),
    env: {
      ...env(),
      GOCACHE: process.env["GOCACHE"] ?? join(tmpdir(), "go-frontend-gocache"),
      GOWORK: "off",
    },
  });
  const text = execFileSync("go", ["version", "-m", binary], { encoding: "utf8" });
  const find = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  return {
    revision: find(/\tvcs\.revision=(\S+)/),
    time: find(/\tvcs\.time=(\S+)/),
    modified: find(/\tvcs\.modified=(\S+)/),
    version: find(/\tmod\t\S+\t(\S+)/),
  };
}

async function weSay(dir: string, module: string, path: string) {
  const repository = repositoryIn(dir);
  const head = (await repository.head()) ?? expect.fail("no head");
  const [time, version, modified] = [
    await repository.time(head),
    await repository.version(head, { path, dir: module }),
    await repository.differs(head, openTree(folderTree(dir)), [
      join(module, "main.go"),
      join(module, "go.mod"),
    ]),
  ];
  const suffix = modified === true ? "+dirty" : "";
  return {
    revision: head,
    time: time === undefined ? undefined : new Date(time * 1000).toISOString().replace(".000Z", "Z"),
    modified: modified?.toString(),
    version: version === undefined ? "(devel)" : `${version}${suffix}`,
  };
}

async function sameAsGo(dir: string): Promise<void> {
  for (const [module, path] of places) {
    expect(await weSay(dir, module, path), `${dir} ${module}`).toEqual(goSays(dir, module));
  }
}

async function sameAsGit(dir: string): Promise<void> {
  const repository = repositoryIn(dir);
  const head = (await repository.head()) ?? expect.fail("no head");
  expect(head).toBe(git(dir, "rev-parse", "HEAD"));
  expect(await repository.tags(head)).toEqual(
    git(dir, "tag", "--points-at", "HEAD")
      .split("\n")
      .filter((tag) => tag !== ""),
  );
  const described = await repository.describe(head);
  const text =
    described === undefined
      ? "unknown"
      : described === "none"
        ? head.slice(0, 7)
        : described.commits === 0
          ? described.tag
          : `${described.tag}-${described.commits}-g${head.slice(0, 7)}`;
  expect(text).toBe(git(dir, "describe", "--tags", "--always", "--abbrev=7"));
}

describe("a repository that grows", () => {
  const dir = join(work, "origin");
  beforeAll(() => makeOrigin(dir));
  const stages: readonly (readonly [string, () => void])[] = [
    ["without a tag", () => {}],
    ["with a light tag", () => void git(dir, "tag", "v0.1.0")],
    ["after it", () => commit(dir, { "README.md": "1\n" })],
    ["with an annotated tag", () => void git(dir, "tag", "-a", "v0.2.0", "-m", "two")],
    ["with both at one commit", () => void git(dir, "tag", "v0.2.1-rc.1")],
    ["after those", () => commit(dir, { "README.md": "2\n" })],
    ["with a tag of the module below", () => void git(dir, "tag", "svc/orders/v1.4.0")],
    [
      "with tags that are no versions",
      () => {
        git(dir, "tag", "nightly");
        git(dir, "tag", "v3");
        git(dir, "tag", "v1.0.0+meta");
      },
    ],
    ["after them", () => commit(dir, { "README.md": "3\n" })],
    ["with a tag of version 2", () => void git(dir, "tag", "v2.0.0")],
    [
      "with a branch that was merged, and tags on it",
      () => {
        git(dir, "checkout", "--quiet", "-b", "side", "v0.1.0");
        commit(dir, { side: "1\n" });
        git(dir, "tag", "v0.9.0");
        commit(dir, { side: "2\n" });
        git(dir, "checkout", "--quiet", "main");
        commit(dir, { "README.md": "4\n" });
        git(dir, "merge", "--quiet", "--no-ff", "-m", "merge", "side");
        commit(dir, { "README.md": "5\n" });
      },
    ],
    [
      "with a newer tag on a branch that was not",
      () => {
        git(dir, "checkout", "--quiet", "-b", "other");
        commit(dir, { other: "1\n" });
        git(dir, "tag", "v0.10.0");
        git(dir, "checkout", "--quiet", "main");
      },
    ],
    ["in packs", () => void git(dir, "gc", "--quiet", "--aggressive", "--prune=now")],
    ["with a commit beside the packs", () => commit(dir, { "main.go": `${MAIN}// 2\n` })],
  ];
  test.each(stages)("%s", async (_name, change) => {
    change();
    await sameAsGit(dir);
    await sameAsGo(dir);
  });

  test("a detached head, a clone, a shallow one, a worktree", async () => {
    const clone = join(work, "clone");
    git(work, "clone", "--quiet", `file://${dir}`, clone);
    await sameAsGit(clone);
    await sameAsGo(clone);
    git(clone, "checkout", "--quiet", "v0.2.0");
    await sameAsGit(clone);
    await sameAsGo(clone);
    const shallow = join(work, "shallow");
    git(work, "clone", "--quiet", "--depth=2", `file://${dir}`, shallow);
    await sameAsGit(shallow);
    await sameAsGo(shallow);
    const worktree = join(work, "worktree");
    git(dir, "worktree", "add", "--quiet", worktree, "side");
    await sameAsGit(worktree);
    // Go takes no file for a repository: what a clone of the branch says is right for its worktree.
    expect(goSays(worktree, ".").revision).toBeUndefined();
    const branch = join(work, "branch");
    git(work, "clone", "--quiet", "-b", "side", `file://${dir}`, branch);
    expect(await weSay(worktree, ".", "example.com/shop")).toEqual(goSays(branch, "."));
  });

  test("a folder of it as build context", async () => {
    const repository = repositoryIn(join(dir, "svc/orders"));
    const head = (await repository.head()) ?? expect.fail("no head");
    const tree = openTree(folderTree(join(dir, "svc/orders")));
    expect(await repository.version(head, { path: "example.com/shop/svc/orders", dir: "." })).toBe(
      goSays(dir, "svc/orders").version,
    );
    expect(await repository.differs(head, tree, ["main.go", "go.mod"])).toBe(false);
  });
});

describe("a repository that borrows objects", () => {
  const lender = join(work, "lender");
  const borrower = join(work, "borrower");
  const second = join(work, "second");
  beforeAll(() => {
    makeOrigin(lender);
    git(lender, "tag", "v0.1.0");
    commit(lender, { "main.go": `${MAIN}// lent\n` });
    git(lender, "gc", "--quiet", "--prune=now");
    git(work, "clone", "--quiet", "--shared", lender, borrower);
    git(work, "clone", "--quiet", "--shared", borrower, second);
    commit(borrower, { "README.md": "of the borrower\n" });
  });

  test.each([borrower, second])("says what git says: %s", async (dir) => {
    await sameAsGit(dir);
    await sameAsGo(dir);
  });

  test("by a path of its own folder", async () => {
    const file = join(second, ".git", "objects", "info", "alternates");
    writeFileSync(file, "# lent\n../../../borrower/.git/objects\n");
    await sameAsGit(second);
  });

  test("in a build context that has it alone, tells nothing wrong, and why", async () => {
    const found = await sourceIn(folderTree(second));
    const repository = found.repository ?? expect.fail("no repository");
    const head = (await repository.head()) ?? "";
    expect(head).toBe(git(second, "rev-parse", "HEAD"));
    expect([
      await repository.time(head),
      await repository.describe(head),
      await repository.borrows(),
    ]).toEqual([undefined, undefined, true]);
    expect(await repositoryIn(second).borrows()).toBe(false);
  });
});

describe("a repository of SHA-256", () => {
  const dir = join(work, "sha256");
  beforeAll(() => {
    mkdirSync(dir);
    git(dir, "init", "--quiet", "-b", "main", "--object-format=sha256");
    commit(dir, {
      "go.mod": "module example.com/long\n\ngo 1.21\n",
      "main.go": MAIN,
      "a/b.txt": "x\n".repeat(4000),
    });
    git(dir, "tag", "-a", "v1.2.0", "-m", "one");
    for (let count = 0; count < 5; count++) commit(dir, { "a/b.txt": `${"x\n".repeat(4000)}${count}\n` });
  });

  test.each<[string, () => void]>([
    ["loose", () => {}],
    ["in a pack", () => void git(dir, "gc", "--quiet", "--aggressive", "--prune=now")],
    ["with a commit beside it", () => commit(dir, { "main.go": `${MAIN}// 2\n` })],
  ])("%s", async (_name, change) => {
    change();
    await sameAsGit(dir);
    expect(await weSay(dir, ".", "example.com/long")).toEqual(goSays(dir, "."));
    const repository = repositoryIn(dir);
    const head = (await repository.head()) ?? "";
    const tree = openTree(folderTree(dir));
    expect(await repository.differs(head, tree, ["main.go", "a/b.txt"])).toBe(false);
  });

  test("a file that differs", async () => {
    write(dir, { "main.go": `${MAIN}// edited\n` });
    const repository = repositoryIn(dir);
    const head = (await repository.head()) ?? "";
    expect(await repository.differs(head, openTree(folderTree(dir)), ["main.go"])).toBe(true);
  });
});

describe("histories made by chance", () => {
  /** Commits with one parent or two, most of them near; every tenth tagged, some with an annotation. */
  function makeHistory(dir: string, seed: number): void {
    let state = seed;
    const below = (most: number): number => (state = (state * 48_271) % 2_147_483_647) % most;
    const lines: string[] = [];
    const who = (at: number): string => `c <c@example.com> ${at} +0000`;
    const text = (body: string): string => `data ${body.length}\n${body}`;
    for (let mark = 1; mark <= 400; mark++) {
      const parents = new Set(
        [1, below(4) === 0 ? 1 + below(30) : 1]
          .map((back) => mark - back - (below(8) === 0 ? below(20) : 0))
          .filter((parent) => parent > 0),
      );
      const [first, second] = [...parents];
      const at = 1_600_000_000 + mark * 600 - below(3000);
      lines.push(`commit refs/heads/b${mark}`, `mark :${mark}`, `committer ${who(at)}`, text(`${mark}`));
      if (first !== undefined) lines.push(`from :${first}`);
      if (second !== undefined) lines.push(`merge :${second}`);
      lines.push("");
      if (mark % 10 !== 0) continue;
      const name = `v1.${below(9)}.${mark}`;
      if (below(2) === 0) lines.push(`reset refs/tags/${name}`, `from :${mark}`, "");
      else lines.push(`tag ${name}`, `from :${mark}`, `tagger ${who(at)}`, text(name));
    }
    mkdirSync(dir);
    git(dir, "init", "--quiet", "-b", "main");
    execFileSync("git", ["-C", dir, "fast-import", "--quiet"], {
      input: `${lines.join("\n")}\n`,
      env: env(),
    });
    write(dir, { "go.mod": "module example.com/x\n" });
  }

  test.each([1, 7, 42, 4711])("%d", async (seed) => {
    const dir = join(work, `chance-${seed}`);
    makeHistory(dir, seed);
    const repository = repositoryIn(dir);
    for (let mark = 1; mark <= 400; mark += 13) {
      const name = git(dir, "rev-parse", `b${mark}`);
      const found = await repository.describe(name);
      const text =
        found === "none" || found === undefined
          ? name.slice(0, 7)
          : found.commits === 0
            ? found.tag
            : `${found.tag}-${found.commits}-g${name.slice(0, 7)}`;
      expect(text, `b${mark}`).toBe(git(dir, "describe", "--tags", "--always", "--abbrev=7", name));
      const merged = git(dir, "tag", "--merged", name, "--sort=-version:refname").split("\n")[0] ?? "";
      const version = (await repository.version(name, { path: "example.com/x", dir: "." })) ?? "";
      const [, minor = "", patch = "0"] = /^v1\.(\d+)\.(\d+)$/.exec(merged) ?? [];
      const exact = git(dir, "tag", "--points-at", name);
      const base = exact === "" ? `v1.${minor}.${Number(patch) + 1}-0.` : exact;
      expect(
        version.startsWith(merged === "" ? "v0.0.0-" : base),
        `b${mark}: ${version} after ${merged}`,
      ).toBe(true);
    }
  });
});

describe("whether the tree differs", () => {
  const dir = join(work, "changed");
  const asked = async (files: readonly string[] = ["main.go", "go.mod"]): Promise<boolean | undefined> => {
    const repository = repositoryIn(dir);
    return repository.differs((await repository.head()) ?? "", openTree(folderTree(dir)), files);
  };
  beforeAll(() => {
    makeOrigin(dir);
    commit(dir, { "lib.go": "package main\n" });
  });
  const clean = (): void => {
    git(dir, "reset", "--quiet", "--hard");
    git(dir, "clean", "--quiet", "-fdx");
  };

  test.each<readonly [string, () => void, boolean | undefined, boolean]>([
    ["nothing", () => {}, false, false],
    ["a file, its times alone", () => void execFileSync("touch", [join(dir, "main.go")]), false, false],
    ["a file", () => write(dir, { "main.go": `${MAIN}//\n` }), true, true],
    [
      "a file, and staged",
      () => {
        write(dir, { "main.go": `${MAIN}//\n` });
        git(dir, "add", "-A");
      },
      true,
      true,
    ],
    ["a file's line ends", () => write(dir, { "main.go": MAIN.replaceAll("\n", "\r\n") }), false, true],
    ["a Go file that was removed", () => rmSync(join(dir, "lib.go")), true, true],
    ["a file that no binary is made of", () => write(dir, { "README.md": "x\n" }), false, true],
  ])("%s", async (_name, change, ours, gits) => {
    clean();
    change();
    expect(await asked()).toBe(ours);
    expect(git(dir, "status", "--porcelain") !== "").toBe(gits);
  });

  test("a file that git does not know, and one that it ignores", async () => {
    clean();
    write(dir, { "new.go": "package main\n", "gen.go": "package main\n" });
    expect(await asked(["main.go", "new.go"])).toBe(true);
    expect(await asked(["main.go", "gen.go"])).toBe(false);
  });

  test("what git filters is not told", async () => {
    clean();
    commit(dir, { ".gitattributes": "*.bin filter=lfs\n", "a.bin": "pointer" });
    write(dir, { "a.bin": "content" });
    expect(await asked(["main.go", "a.bin"])).toBeUndefined();
  });

  test("nor is what it filters below a folder; beside it the tree is told", async () => {
    clean();
    git(dir, "rm", "--quiet", ".gitattributes", "a.bin");
    commit(dir, { "data/.gitattributes": "*.txt filter=lfs\n", "data/deep/a.txt": "pointer", "b.txt": "b" });
    write(dir, { "data/deep/a.txt": "content" });
    expect(await asked(["main.go", "data/deep/a.txt"])).toBeUndefined();
    write(dir, { "b.txt": "other" });
    expect(await asked(["main.go", "b.txt"])).toBe(true);
  });
});
