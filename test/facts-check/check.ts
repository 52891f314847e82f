import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rm,
  symlink,
  copyFile,
  lstat,
  writeFile,
} from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import {
  detectModule,
  findMains,
  folderTree,
  type GoModule,
  type ServiceFacts,
  type ServiceQuery,
  openTree,
} from "../../src/facts/index.ts";
import { scanService } from "../support/scan-service.ts";
import { checkEverything } from "./everything.ts";
import { downloadModule, run } from "./go.ts";
import { askGo, differences, fromFacts, type Configuration, type GoAnswer } from "./oracle.ts";

export const checkedPlatforms = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64" },
  { os: "windows", architecture: "amd64" },
  { os: "darwin", architecture: "arm64" },
] as const;

export interface CheckOptions {
  readonly mains?: readonly string[];
  readonly tags: readonly string[];
  /** Compare every package of the closure, those of other modules and the standard library too. */
  readonly everything?: boolean;
  /** How many of the main packages found are checked. */
  readonly most: number;
  readonly say: (line: string) => void;
}

export interface MainReport {
  readonly main: string;
  readonly configurations: number;
  /** Packages compared over all configurations, with `everything`. */
  readonly everything: number;
  readonly packages: number;
  readonly files: number;
  readonly outside: number;
  readonly differences: readonly string[];
  /** In-module packages that only outside packages import: the scanner has to be told of them. */
  readonly importedBack: readonly string[];
  readonly goErrors: readonly string[];
  readonly goMilliseconds: number;
  /** First scan from a folder, four platforms. */
  readonly scanMilliseconds: number;
  /** Rounds of the first scan. */
  readonly levels: number;
}

export interface ModuleReport {
  readonly module: string;
  readonly mains: readonly MainReport[];
  readonly filesInTree: number;
}

/** Downloads a module, and compares the scanner with `go list` for its main packages in every configuration. */
export async function checkModule(moduleVersion: string, options: CheckOptions): Promise<ModuleReport> {
  const work = await mkdtemp(join(tmpdir(), "facts-check-"));
  try {
    const root = join(work, "src");
    const version = await fetchModule(moduleVersion, root);
    const [path = ""] = moduleVersion.split("@");
    return await checkFolder(root, `${path}@${version}`, options);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Downloads a module through the module proxy and copies it, writable, to `root`; answers the version. */
export async function fetchModule(moduleVersion: string, root: string): Promise<string> {
  const anywhere = await mkdtemp(join(tmpdir(), "facts-fetch-"));
  try {
    await writeFile(join(anywhere, "go.mod"), "module facts-check\n\ngo 1.24\n");
    const { dir, version } = await downloadModule(moduleVersion, anywhere);
    await cp(dir, root, { recursive: true });
    await makeWritable(root);
    await repairZip(root);
    return version;
  } finally {
    await rm(anywhere, { recursive: true, force: true });
  }
}

export async function checkFolder(root: string, name: string, options: CheckOptions): Promise<ModuleReport> {
  const detected = await detectModule(openTree(folderTree(root)));
  if (!detected.ok) {
    throw new Error(`${name}: ${detected.diagnostics.map((each) => each.message).join("; ")}`);
  }
  const { module } = detected;
  const found = await findMains(openTree(folderTree(root)), module, { platforms: [checkedPlatforms[0]] });
  const mains = options.mains ?? found.all.map((each) => each.dir).slice(0, options.most);
  options.say(`${name}: ${found.all.length} main packages, checking ${mains.join(" ")}`);
  const reports: MainReport[] = [];
  for (const main of mains) reports.push(await checkMain(root, module, main, options));
  return { module: name, mains: reports, filesInTree: await countFiles(root) };
}

async function checkMain(
  root: string,
  module: GoModule,
  main: string,
  options: CheckOptions,
): Promise<MainReport> {
  const found: string[] = [];
  const goErrors = new Set<string>();
  const importedBack = new Set<string>();
  const goTimes: number[] = [];
  let compared = 0;
  const started = performance.now();
  const tree = openTree(folderTree(root));
  const first = await scanService(tree, {
    module,
    main,
    platforms: checkedPlatforms,
    goVersion: "1.26",
  });
  const scanMilliseconds = performance.now() - started;

  for (const { cgo, tags } of [false, true].flatMap((each) =>
    [[], options.tags].map((names) => ({ cgo: each, tags: names })),
  )) {
    const query: ServiceQuery = { module, main, platforms: checkedPlatforms, tags, cgo, goVersion: "1.26" };
    const all = await scanService(openTree(folderTree(root)), query);
    for (const [index, platform] of checkedPlatforms.entries()) {
      const configuration: Configuration = { platform, tags, cgo };
      const go = await askGo(root, module.dir, main, configuration, modFlag(module));
      goTimes.push(go.milliseconds);
      go.errors.forEach((error) => goErrors.add(error));
      // What outside modules import from this one cannot be known from the tree: it is told to the scanner, and listed.
      const known = new Set(all.platforms[index]?.packages.map((each) => each.importPath));
      const back = go.importedBack.filter((path) => !known.has(path));
      back.forEach((path) => importedBack.add(path));
      const facts =
        back.length === 0
          ? all
          : await scanService(openTree(folderTree(root)), { ...query, importedBack: back });
      const label = `${platform.os}/${platform.architecture} cgo=${cgo ? 1 : 0}${tags.length > 0 ? ` tags=${tags.join(",")}` : ""}`;
      for (const each of differences(go, fromFacts(facts, index))) found.push(`${main} ${label}: ${each}`);
      if (options.everything === true) {
        const closure = await checkEverything(
          join(root, module.dir),
          relative(module.dir, main),
          configuration,
          modFlag(module),
        );
        compared += closure.packages;
        for (const each of closure.differences) found.push(`${main} ${label}: ${each}`);
      }
      if (!cgo && tags.length === 0 && index === 0) {
        found.push(...(await checkSandbox(root, module, main, configuration, facts, go)));
      }
    }
  }
  const [linux] = first.platforms;
  return {
    main,
    configurations: goTimes.length,
    everything: compared,
    packages: linux?.packages.length ?? 0,
    files: linux?.files.length ?? 0,
    outside: linux?.outside.length ?? 0,
    differences: found,
    importedBack: [...importedBack].toSorted(),
    goErrors: [...goErrors],
    goMilliseconds: goTimes.reduce((sum, each) => sum + each, 0),
    scanMilliseconds,
    levels: tree.budget.used.levels,
  };
}

/** A workspace allows no `-mod=mod`; a module zip may lack go.sum lines, which `-mod=mod` adds. */
function modFlag(module: GoModule): "mod" | "vendor" | "" {
  if (module.workspace !== undefined) return "";
  return module.vendor === undefined ? "mod" : "vendor";
}

/** Go must find the same in a folder that holds nothing but the files named by the scanner. */
async function checkSandbox(
  root: string,
  module: GoModule,
  main: string,
  configuration: Configuration,
  facts: ServiceFacts,
  whole: GoAnswer,
): Promise<readonly string[]> {
  const sandbox = await mkdtemp(join(tmpdir(), "facts-sandbox-"));
  try {
    await copyFiles(root, sandbox, facts.platforms[0]?.files ?? []);
    if (facts.vendor !== undefined) {
      await cp(join(root, facts.vendor), join(sandbox, facts.vendor), { recursive: true });
    }
    const go = await askGo(sandbox, module.dir, main, configuration, modFlag(module));
    const errors = go.errors.filter((error) => !whole.errors.includes(error));
    return [...differences(whole, go), ...errors].map((each) => `${main} with only the named files: ${each}`);
  } finally {
    await rm(sandbox, { recursive: true, force: true });
  }
}

/** Copies single files, links as links. */
export async function copyFiles(from: string, to: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const source = join(from, file);
    const target = join(to, file);
    await mkdir(dirname(target), { recursive: true });
    if ((await lstat(source)).isSymbolicLink()) await symlink(await readlink(source), target);
    else await copyFile(source, target);
  }
}

/**
 * A module zip holds one module: what a repository with several modules says about the others (`replace => ../other`,
 * a go.work) leads nowhere in it, so neither Go nor we could build it. Without those lines the published versions are used.
 */
async function repairZip(root: string): Promise<void> {
  const { code, stdout, stderr } = await run("go", ["mod", "edit", "-json"], root, { GOWORK: "off" });
  if (code !== 0) throw new Error(`go mod edit: ${stderr}`);
  const { Replace } = JSON.parse(stdout) as {
    Replace?: { Old: { Path: string; Version?: string }; New: { Path: string } }[];
  };
  for (const { Old, New } of Replace ?? []) {
    if (
      !/^\.{0,2}\//.test(New.Path) ||
      (!New.Path.startsWith("../") && existsSync(join(root, New.Path, "go.mod")))
    ) {
      continue;
    }
    const old = Old.Version === undefined ? Old.Path : `${Old.Path}@${Old.Version}`;
    await run("go", ["mod", "edit", `-dropreplace=${old}`], root, { GOWORK: "off" });
  }
  await rm(join(root, "go.work"), { force: true });
}

async function makeWritable(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await makeWritable(path);
    else if (entry.isFile()) await chmod(path, 0o644);
  }
}

async function countFiles(dir: string): Promise<number> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).length;
}
