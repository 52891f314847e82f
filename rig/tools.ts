import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { withLock } from "./lock.ts";
import { downloadsFolder, rigFolder } from "./paths.ts";
import { runCommand, runWithProgress } from "./process.ts";
import { rigError, secondsSince, type Log } from "./text.ts";
import { toolRecipes, type DefaultTool, type ToolName } from "./versions.ts";

/** Absolute paths of built tools. */
export type Tools<Name extends ToolName = DefaultTool> = Readonly<Record<Name, string>>;

/** The environment of every Go command of the rig: the user's own flags, workspace and cgo stay out. */
export const goEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  CGO_ENABLED: "0",
  GOFLAGS: "-buildvcs=false",
  GOWORK: "off",
  GOOS: "",
  GOARCH: "",
});

/**
 * The local toolchain's version, as `go1.26.8 linux/amd64`.
 *
 * @throws RigError that says how to get Go
 */
async function goVersion(): Promise<string> {
  try {
    const { stdout } = await runCommand("go", ["env", "GOVERSION", "GOHOSTOS", "GOHOSTARCH"], {
      cwd: "/",
      env: goEnvironment(),
    });
    const [version = "", os = "", arch = ""] = stdout.trim().split("\n");
    return `${version} ${os}/${arch}`;
  } catch {
    throw rigError(
      "the rig builds buildkitd from source and needs the `go` command, which was not found",
      "install Go 1.21 or newer (https://go.dev/dl, or your distribution's package): it fetches the exact toolchain itself;\n" +
        "      or use a builder you have: BUILDKIT_HOST, or --builder NAME of docker buildx",
    );
  }
}

/** The folder a tool is built into: a different one for every go.mod, go.sum, recipe and Go version. */
function toolFolder(name: ToolName, go: string): string {
  const recipe = toolRecipes[name];
  const module = join(rigFolder, "tools", recipe.module);
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(module, file)));
  hash.update(JSON.stringify([recipe, go]));
  return join(downloadsFolder(), "tools", `${name}-${recipe.pin[1]}-${hash.digest("hex").slice(0, 16)}`);
}

async function buildTool(name: ToolName, path: string, log: Log): Promise<void> {
  const recipe = toolRecipes[name];
  const module = join(rigFolder, "tools", recipe.module);
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
  const start = Date.now();
  const options = { cwd: module, env: goEnvironment(), log };
  log(`building ${name} ${recipe.pin[1]} from the Go module proxy (once; minutes on a small machine)`);
  const temporary = `${path}.${process.pid}.tmp`;
  await runWithProgress(
    "go",
    ["build", "-v", "-trimpath", "-ldflags", `-s -w -X ${recipe.stamp}`, "-o", temporary, recipe.package],
    { ...options, label: `building ${name}`, unit: "modules and packages" },
  );
  renameSync(temporary, path);
  log(`built ${name} ${recipe.pin[1]} in ${secondsSince(start)}`);
}

/** The named tools when all of them were built before; undefined otherwise, and where there is no Go. */
export async function compiledTools<Name extends ToolName>(
  names: readonly Name[],
): Promise<Tools<Name> | undefined> {
  const go = await goVersion().catch(() => undefined);
  if (go === undefined) return undefined;
  const paths = names.map((name) => [name, join(toolFolder(name, go), name)] as const);
  return paths.every(([, path]) => existsSync(path)) ? (Object.fromEntries(paths) as Tools<Name>) : undefined;
}

/** Those of the named tools that `ensureTools` would have to build. */
export async function missingTools<Name extends ToolName>(names: readonly Name[]): Promise<readonly Name[]> {
  const go = await goVersion();
  return names.filter((name) => !existsSync(join(toolFolder(name, go), name)));
}

/**
 * The named tools as executables in the cache folder, built when they are not there yet.
 *
 * @returns absolute paths by name
 * @throws RigError when Go is missing or a build fails
 */
export async function ensureTools<Name extends ToolName>(
  names: readonly Name[],
  log: Log,
): Promise<Tools<Name>> {
  const go = await goVersion();
  const paths = names.map((name) => [name, join(toolFolder(name, go), name)] as const);
  for (const [name, path] of paths) {
    if (existsSync(path)) continue;
    const build = async (): Promise<void> => {
      if (!existsSync(path)) await buildTool(name, path, log);
    };
    await withLock(`tool ${name}`, `building ${name}`, log, build, downloadsFolder());
  }
  return Object.fromEntries(paths) as Tools<Name>;
}
