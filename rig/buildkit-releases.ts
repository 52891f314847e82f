import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { withLock } from "./lock.ts";
import { downloadsFolder } from "./paths.ts";
import { runCommand, runWithProgress } from "./process.ts";
import { secondsSince, type Log } from "./text.ts";
import { goEnvironment } from "./tools.ts";

/** The oldest buildkitd that is supported; `npm test` tries the packaged frontend on it. */
export const oldestBuildkitd = "v0.13.2";

const programOf = (version: string): string =>
  join(downloadsFolder(), "tools", `buildkitd-release-${version}`, "buildkitd");

/** Whether {@link ensureBuildkitd} has nothing to compile. */
export const hasBuildkitd = (version: string): boolean => existsSync(programOf(version));

/**
 * The buildkitd of another release than the pinned one, compiled from the Go module proxy with that release's own
 * requirements.
 *
 * @param version as in `v0.13.2`
 * @throws Error when the proxy does not have it, or it does not compile
 */
export async function ensureBuildkitd(version: string, log: Log): Promise<string> {
  const path = programOf(version);
  if (existsSync(path)) return path;
  const build = async (): Promise<void> => {
    if (existsSync(path)) return;
    const start = Date.now();
    mkdirSync(dirname(path), { recursive: true });
    const module = `github.com/moby/buildkit@${version}`;
    const options = { cwd: dirname(path), env: goEnvironment(), log };
    const { stdout } = await runCommand("go", ["mod", "download", "-json", module], options);
    const { Dir: folder } = JSON.parse(stdout) as { readonly Dir: string };
    const temporary = `${path}.${process.pid}.tmp`;
    const stamp = `-s -w -X github.com/moby/buildkit/version.Version=${version}`;
    await runWithProgress(
      "go",
      ["build", "-v", "-mod=readonly", "-trimpath", "-ldflags", stamp, "-o", temporary, "./cmd/buildkitd"],
      { ...options, cwd: folder, label: `building buildkitd ${version}`, unit: "modules and packages" },
    );
    renameSync(temporary, path);
    log(`built buildkitd ${version} in ${secondsSince(start)}`);
  };
  await withLock(`buildkitd ${version}`, `building buildkitd ${version}`, log, build, downloadsFolder());
  return path;
}
