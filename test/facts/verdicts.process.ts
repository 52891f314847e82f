// Small trees that the go command refuses or takes, and what `go-frontend check` says of them: Go is the judge.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { run } from "../facts-check/go.ts";
import { proxyFiles } from "../support/module-proxy.ts";
import { leftToGo, served, verdictTrees, type VerdictTree } from "./verdict-trees.ts";

const folder = mkdtempSync(join(tmpdir(), "go-frontend-verdicts-"));
const proxy = join(folder, "proxy");

beforeAll(() => {
  for (const [path, bytes] of proxyFiles(served)) write(proxy, path, bytes);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(root: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

interface Verdict {
  readonly isRefused: boolean;
  readonly words: string;
}

async function goes(root: string): Promise<Verdict> {
  const { code, stderr } = await run("go", ["list", "-deps", "."], root, {
    GOPROXY: `file://${proxy}`,
    GOMODCACHE: join(folder, "modules"),
    GOFLAGS: "-modcacherw",
    GONOSUMDB: "*",
    GOWORK: "",
    CGO_ENABLED: "0",
    GOOS: "linux",
    GOARCH: "amd64",
  });
  return { isRefused: code !== 0, words: stderr };
}

async function ours(root: string): Promise<Verdict> {
  let words = "";
  const err = (text: string): void => void (words += text);
  const code = await runCli(["check", root], { out: () => {}, err, isTerminal: false, cwd: root });
  return { isRefused: code !== 0, words };
}

/** The name and the line of the module file that a refusal names first. */
function place({ words }: Verdict): string | undefined {
  return /go\.(?:mod|work\.sum|work|sum):[0-9]+/.exec(words)?.[0];
}

async function verdicts(
  tree: VerdictTree,
  index: number,
): Promise<{ readonly go: Verdict; readonly our: Verdict }> {
  const root = join(folder, `${index}`);
  for (const [path, text] of Object.entries(tree.files)) write(root, path, text);
  const module = tree.module === undefined ? "" : `module: ./${tree.module}\n`;
  write(root, "service.yaml", `# syntax=org/go-frontend\n${module}`);
  const [go, our] = await Promise.all([goes(join(root, tree.module ?? ".")), ours(root)]);
  return { go, our };
}

describe.concurrent("as Go says", () => {
  test.each(verdictTrees.map((tree, index) => [tree.name, tree, index] as const))(
    "%s",
    async (name, tree, index) => {
      const { go, our } = await verdicts(tree, index);
      if (leftToGo[name] !== undefined) {
        expect([go.isRefused, our.isRefused], go.words).toEqual([true, false]);
        return;
      }
      expect(our.isRefused, `Go: ${go.words}\nwe: ${our.words}`).toBe(go.isRefused);
      if (place(go) !== undefined) expect(place(our), go.words).toBe(place(go));
      if (our.isRefused) expect(our.words).toMatch(/^\S+:\d+:\d+: GF\d+ .*(?:\n.*){1,4}\nhelp: \S/);
    },
  );
});

test("every tree that is left to Go is one", () => {
  const names = verdictTrees.map(({ name }) => name);
  expect(Object.keys(leftToGo).filter((name) => !names.includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});
