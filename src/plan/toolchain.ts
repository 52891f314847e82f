import {
  authOf,
  type Diagnostic,
  errorAt,
  goVersion,
  type GoVersion,
  type LocatedSpec,
} from "../spec/index.ts";
import type { GoModule } from "../facts/index.ts";
import type { BuildRequest, Place, ToolchainPlan } from "./types.ts";

/** Older go lines say too little: their toolchains know neither -pgo nor GOTOOLCHAIN. */
const OLDEST_MINOR = 21;

/** The release for modules whose go line is missing or older than that; Go compiles old modules as they were. */
const NEWEST = "1.26";

/**
 * Chooses the Go release and the image that holds it.
 *
 * In this order: `toolchain:` names the image; `go:` names the release; the toolchain line of go.mod
 * (or go.work) names it exactly; the go line names it, and then the newest patch of that release is
 * used, since a go line is a minimum and patches are security fixes.
 *
 * Of the golang images the one on Alpine is a third of the one on Debian or less, and holds the same release of Go,
 * file by file (docker-library/golang:Dockerfile-linux.template): a builder that starts empty is ready sooner.
 * It has no git, so where modules may come from repositories the image on Debian is used.
 */
export function chooseToolchain(
  located: LocatedSpec,
  module: GoModule,
  request: Pick<BuildRequest, "buildArgs">,
): ToolchainPlan {
  const { spec } = located;
  const work = module.workspace?.file;
  const fromModule = exact(work?.toolchain?.value ?? module.toolchain) ?? minor(work?.go?.value ?? module.go);
  const version = spec.go ?? fromModule ?? NEWEST;
  return {
    reference: spec.toolchain ?? `golang:${version}-${needsGit(located, request) ? "bookworm" : "alpine"}`,
    goVersion: version,
    at: place(located, module),
  };
}

/**
 * Whether modules may come from a repository and not from a proxy: then git and ssh are needed, and the whole
 * image with them. Without a word about it in the description or from the client the public proxy has everything;
 * a list of proxies without `direct` leaves no other way to a module (https://go.dev/ref/mod#goproxy-protocol).
 */
export function needsGit(located: LocatedSpec, { buildArgs }: Pick<BuildRequest, "buildArgs">): boolean {
  const { modules } = located.spec;
  const proxies = (modules?.proxy?.join(",") ?? buildArgs["GOPROXY"] ?? "").split(/[,|]/);
  const besideProxy = buildArgs["GONOPROXY"] !== undefined || buildArgs["GOINSECURE"] !== undefined;
  return (
    authOf(located).length > 0 ||
    (modules?.private ?? []).length > 0 ||
    proxies.some((proxy) => proxy.trim() === "direct") ||
    besideProxy
  );
}

/**
 * A `go:` older than go.mod (or go.work) asks for: the go command would refuse to start, since it is told
 * to fetch no other toolchain.
 *
 * @returns GF014 at the key, or undefined
 */
export function releaseTooOld(located: LocatedSpec, module: GoModule): Diagnostic | undefined {
  const { spec, source } = located;
  const line = module.workspace?.file.go?.value ?? module.go ?? "";
  const chosen = goVersion(spec.go ?? "");
  const needed = goVersion(line);
  if (chosen === undefined || needed === undefined || !isOlder(chosen, needed)) return undefined;
  const { file } = module.workspace?.file ?? module.goMod;
  return errorAt("GF014", `${file} asks for Go ${line}, which is newer than ${spec.go ?? ""}`, {
    file: source.filename,
    range: located.rangeOf(["go"]),
    help: `write \`go: "${line}"\`, or leave \`go\` out and let ${file} decide`,
  });
}

/** Go's order: 1.26 < 1.26rc1 < 1.26.0; but a chosen release without a patch means its newest one. */
function isOlder(chosen: GoVersion, needed: GoVersion): boolean {
  if (chosen.major !== needed.major) return chosen.major < needed.major;
  if (chosen.minor !== needed.minor) return chosen.minor < needed.minor;
  if (chosen.patch === undefined && chosen.prerelease === undefined) return false;
  if (needed.patch !== undefined) return chosen.patch === undefined || chosen.patch < needed.patch;
  if (needed.prerelease === undefined || chosen.prerelease === undefined) return false;
  return rank(chosen.prerelease) < rank(needed.prerelease);
}

function rank(prerelease: string): number {
  return (prerelease.startsWith("rc") ? 1000 : 0) + Number(prerelease.replace(/^[a-z]+/, ""));
}

/** The minor release, 26 for "1.26.3"; 21 when it cannot be told. */
export function minorOf(version: string): number {
  const found = /^1\.(\d+)/.exec(version);
  return found?.[1] === undefined ? OLDEST_MINOR : Number(found[1]);
}

/** "go1.26.3" → "1.26.3"; a toolchain line may also say "default" or carry a custom suffix. */
function exact(toolchain: string | undefined): string | undefined {
  if (toolchain === undefined || toolchain === "default") return undefined;
  const version = toolchain.replace(/^go/, "").replace(/-.*$/, "");
  return goVersion(version) === undefined ? undefined : version;
}

/** "1.26.3" → "1.26"; release candidates stay as they are, since no newer patch exists. */
function minor(line: string | undefined): string | undefined {
  if (line === undefined || goVersion(line) === undefined) return undefined;
  if (minorOf(line) < OLDEST_MINOR) return undefined;
  return /[a-z]/.test(line) ? line : line.split(".").slice(0, 2).join(".");
}

function place(located: LocatedSpec, module: GoModule): Place {
  const { spec, source } = located;
  if (spec.toolchain !== undefined) return { file: source.filename, range: located.rangeOf(["toolchain"]) };
  if (spec.go !== undefined) return { file: source.filename, range: located.rangeOf(["go"]) };
  const line = module.goMod.toolchain ?? module.goMod.go;
  if (line === undefined) return { file: source.filename, range: located.rangeOf([]) };
  const start = { line: line.at.line, column: line.at.column, offset: 0 };
  return { file: module.goMod.file, range: { start, end: start } };
}
