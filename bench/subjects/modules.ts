import { join } from "node:path";
import { runCommand } from "../../rig/index.ts";
import { dataFolder } from "../workspace.ts";

/** The module cache that the benchmark's module proxy serves. */
export const goModCache = (): string => join(dataFolder(), "gomodcache");

const environment = (cache: string): NodeJS.ProcessEnv => ({
  ...process.env,
  GOMODCACHE: cache,
  GOFLAGS: "-modcacherw",
  GOWORK: "off",
  GOTOOLCHAIN: "local",
});

/** Downloads a module from the module proxy; returns its folder in the module cache. */
export async function moduleFolder(path: string, version: string, cache: string): Promise<string> {
  const { stdout } = await runCommand("go", ["mod", "download", "-json", `${path}@${version}`], {
    cwd: "/",
    env: environment(cache),
  });
  const parsed = JSON.parse(stdout) as Readonly<{ Dir: string }>;
  return parsed.Dir;
}

/** Downloads all modules that the go.mod in a folder names, with the machine's own module proxy. */
export async function downloadModules(folder: string, cache: string): Promise<void> {
  await runCommand("go", ["mod", "download"], { cwd: folder, env: environment(cache) });
}
