// What a builder that has never built anything would make of a project: `go build` of the same release, by hand.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../rig/index.ts";
import { run } from "../facts-check/go.ts";
import type { Files } from "./modules.ts";
import type { Tree } from "./contexts.ts";
import { goBuildFlags, type Names, type Project, releaseOf, serviceOf, systemHeaders } from "./project.ts";

/** An executable, or why there is none. */
export type Built =
  | { readonly kind: "executable"; readonly bytes: Buffer }
  | { readonly kind: "failure"; readonly message: string };

export interface Oracle {
  /** The build cache that every build begins with. */
  readonly standardLibrary: string;
  readonly build: (project: Project, tree: Tree, names: Names, proxy: string) => Promise<Built>;
}

/**
 * An oracle whose every build begins with a build cache that holds the standard library's packages and nothing else.
 * That is as good as an empty one: no project has a share in them, and the release, the flags and the environment that
 * they are compiled with are the same in each build. It spares each build ten seconds.
 *
 * @param work a folder of the caller's
 */
export async function startOracle(work: string, release: string): Promise<Oracle> {
  const releases = new Map<string, Promise<Release>>();
  const prepare = (of: string): Promise<Release> => {
    const prepared = releases.get(of) ?? preparedRelease(work, of);
    releases.set(of, prepared);
    return prepared;
  };
  const { standardLibrary } = await prepare(release);
  const known = new Map<string, Promise<Built>>();
  return {
    standardLibrary,
    build: (project, tree, names, proxy) => {
      const key = JSON.stringify([tree, project.services, project.system, proxy]);
      const byHand = async (): Promise<Built> => {
        const prepared = await prepare(releaseOf(project, names));
        return buildByHand({ work, prepared, project, tree, names, proxy });
      };
      const before = known.get(key) ?? byHand();
      known.set(key, before);
      return before;
    },
  };
}

interface Release {
  /** The go command itself: by the name of another release it would look for that one on a project's proxy. */
  readonly go: string;
  readonly standardLibrary: string;
}

async function preparedRelease(work: string, release: string): Promise<Release> {
  const standardLibrary = await compiledStandardLibrary(work, release);
  const { code, stdout, stderr } = await run("go", ["env", "GOROOT"], work, goEnvironment(release));
  if (code !== 0) throw new Error(`go env GOROOT of ${release}: ${stderr}`);
  return { go: join(stdout.trim(), "bin", "go"), standardLibrary };
}

/** Compiles what projects import of the standard library, once for all runs that share a cache folder. */
async function compiledStandardLibrary(work: string, release: string): Promise<string> {
  const final = join(cacheFolder(), "isolation", `go${release}`);
  if (existsSync(final)) return final;
  const folder = join(work, `standard-library-${release}`);
  // What is made of the program itself is never asked for again: its module path is no other's.
  write(folder, {
    "go.mod": "module example.test/std\n\ngo 1.21\n",
    "main.go": 'package main\n\nimport _ "embed"\n\nfunc main() {}\n',
  });
  mkdirSync(dirname(final), { recursive: true });
  const unfinished = mkdtempSync(`${final}-`);
  const { code, stderr } = await run(
    "go",
    ["build", "-trimpath", "-buildvcs=false", "-o", join(folder, "program"), "."],
    folder,
    {
      ...goEnvironment(release),
      GOCACHE: unfinished,
    },
  );
  if (code !== 0) throw new Error(`go build of the standard library: ${stderr}`);
  try {
    renameSync(unfinished, final);
  } catch (error) {
    // Another run was faster.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(final)) throw error;
  }
  return final;
}

interface ByHand {
  readonly work: string;
  readonly prepared: Release;
  readonly project: Project;
  readonly tree: Tree;
  readonly names: Names;
  readonly proxy: string;
}

async function buildByHand({ work, prepared, project, tree, names, proxy }: ByHand): Promise<Built> {
  const folder = mkdtempSync(join(work, "by-hand-"));
  try {
    const source = join(folder, "tree");
    write(source, tree.files);
    for (const [path, target] of Object.entries(tree.links)) {
      mkdirSync(dirname(join(source, path)), { recursive: true });
      symlinkSync(target, join(source, path));
    }
    cpSync(prepared.standardLibrary, join(folder, "cache"), { recursive: true });
    const { mains, file } = serviceOf(project);
    const out = join(folder, "out");
    mkdirSync(out);
    const { code, stderr } = await run(
      prepared.go,
      ["build", ...goBuildFlags(project), "-o", `${out}/`, ...mains],
      source,
      {
        ...goEnvironment(releaseOf(project, names)),
        ...(project.cgo === 0 ? {} : cEnvironment(folder, project)),
        GOCACHE: join(folder, "cache"),
        GOMODCACHE: join(folder, "modules"),
        GOPROXY: proxy,
        GONOSUMDB: "example.test",
        GOFLAGS: "-modcacherw",
      },
    );
    return code === 0
      ? { kind: "executable", bytes: readFileSync(join(out, file)) }
      : { kind: "failure", message: stderr.trim().slice(-600) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lets C find headers of packages that this machine need not have; no library of theirs is called. */
function cEnvironment(folder: string, project: Project): Readonly<Record<string, string>> {
  const headers = join(folder, "system");
  mkdirSync(headers);
  write(headers, systemHeaders(project));
  return { CGO_ENABLED: "1", CGO_CPPFLAGS: `-I${headers}`, PKG_CONFIG: "/bin/true" };
}

/** What the builder's steps have in common, and nothing of the user's. */
export const goEnvironment = (release: string): Readonly<Record<string, string>> => ({
  GOTOOLCHAIN: `go${release}`,
  GOOS: "linux",
  GOARCH: "amd64",
  GOAMD64: "v1",
  CGO_ENABLED: "0",
  GOFLAGS: "",
  GODEBUG: "",
  GOWORK: "",
});

/** Writes files into a folder that has none of them. */
export function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    const full = join(folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
}
