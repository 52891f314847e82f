import { parseReference } from "../mirrors.ts";
import { runCommand } from "../process.ts";
import { rigError } from "../text.ts";
import { goEnvironment } from "../tools.ts";
import { golang, goVersions, standIns, type StandIn } from "./list.ts";

/**
 * The stand-ins that image references lead to: of the list, or `golang` of any release that the Go module proxy has.
 *
 * @param mirrored the hosts that the local registry answers for; references to others are left out
 * @param newest the newest patch of a minor release
 */
export async function standInsFor(
  references: readonly string[],
  mirrored: readonly string[],
  newest: (minor: string) => Promise<string> = newestPatch,
): Promise<readonly StandIn[]> {
  const listed = standIns(goVersions);
  const found: StandIn[] = [];
  for (const reference of new Set(references)) {
    const { host, rest } = parseReference(reference);
    const [repository = "", tag = ""] = rest.split(":");
    if (!mirrored.includes(host)) continue;
    const known = listed.find(
      (standIn) => standIn.host === host && standIn.repository === repository && standIn.tags.includes(tag),
    );
    const standIn =
      known ??
      (host === "docker.io" && repository === "library/golang" ? await golangOf(tag, newest) : undefined);
    if (standIn !== undefined && !found.includes(standIn)) found.push(standIn);
  }
  return found;
}

/** `golang:TAG` for a release that is not in the list; undefined when the tag names something else. */
async function golangOf(
  tag: string,
  newest: (minor: string) => Promise<string>,
): Promise<StandIn | undefined> {
  const [, named, patch, variant] = /^(\d+\.\d+(\.\d+|rc\d+)?)(-alpine|-bookworm)?$/.exec(tag) ?? [];
  if (named === undefined) return undefined;
  const version = patch === undefined ? await newest(named) : named;
  const names = version === named ? [named] : [version, named];
  const [debian, alpine] = golang(version, {
    debian: names.flatMap((name) => [`${name}-bookworm`, name]),
    alpine: names.map((name) => `${name}-alpine`),
  });
  return variant === "-alpine" ? alpine : debian;
}

/** The newest release of a minor version that the Go module proxy has a toolchain of. */
async function newestPatch(minor: string): Promise<string> {
  const { stdout } = await runCommand("go", ["list", "-m", "-versions", "golang.org/toolchain"], {
    cwd: "/",
    env: { ...goEnvironment(), GOFLAGS: "-mod=mod" },
  });
  const patches = [...stdout.matchAll(/-go(\d+\.\d+)\.(\d+)\.linux-amd64/g)]
    .filter(([, of]) => of === minor)
    .map(([, , patch]) => Number(patch));
  if (patches.length === 0) throw rigError(`the Go module proxy has no toolchain of Go ${minor}`);
  return `${minor}.${Math.max(...patches)}`;
}
