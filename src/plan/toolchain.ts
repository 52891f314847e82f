import {
  authOf,
  compareGoVersions,
  type Diagnostic,
  errorAt,
  goMinor,
  goVersion,
  type GoVersion,
  type LocatedDescription,
  NEWEST_GO_MINOR,
} from "../description/index.ts";
import type { GoModule } from "../facts/index.ts";
import type { BuildRequest, Place, ToolchainPlan } from "./types.ts";

/** Older go lines say too little: their toolchains know neither -pgo nor GOTOOLCHAIN. */
export const OLDEST_MINOR = 21;

/** The release for modules whose go line is missing or older than that; Go compiles old modules as they were. */
const NEWEST = `1.${NEWEST_GO_MINOR}`;

/**
 * Chooses the Go release and the image that holds it.
 *
 * In this order: `toolchain:` names the image; `go:` names the release, exactly where it has a patch in it; the newer of
 * the toolchain and the go line of go.mod (or go.work) names a minor release, of which the newest patch is used: both
 * lines are minimums (https://go.dev/doc/toolchain#config), and patches are security fixes.
 *
 * Of the golang images the one on Alpine is a third of the one on Debian or less, and holds the same release of Go,
 * file by file (docker-library/golang:Dockerfile-linux.template): a builder that starts empty is ready sooner.
 * It has no git, so where modules may come from repositories the image on Debian is used.
 *
 * @param modules those of a service's programs, at least one: they are compiled with one toolchain, the newest
 */
export function chooseToolchain(
  located: LocatedDescription,
  modules: readonly GoModule[],
  request: Pick<BuildRequest, "buildArgs" | "imageContexts">,
): ToolchainPlan {
  const { description } = located;
  const asked = modules.map(askedBy).reduce(newer);
  const version = description.go ?? asked.version ?? NEWEST;
  const chosen = `golang:${version}-${needsGit(located, request) ? "bookworm" : "alpine"}`;
  const reference = description.toolchain ?? chosen;
  const replaced = toolchainNames(reference).some((name) => request.imageContexts?.includes(name));
  return {
    reference,
    goVersion: version,
    ...(description.toolchain === undefined && !replaced ? {} : { atLeast: oldestFor(modules) }),
    at: place(located, asked),
  };
}

/**
 * The names by which a client can put another image in the toolchain's place (`--build-context golang=…`): the familiar
 * form of the image, without `:latest`, and its name without the tag, which go.mod chose and its user need not know.
 */
export function toolchainNames(reference: string): readonly string[] {
  const name = reference.replace(/^docker\.io\/(library\/)?/, "").replace(/:latest$/, "");
  return [name, name.replace(/[:@][^/]*$/, "")];
}

/** The release that a toolchain has at least. */
export const oldestRelease = ({ atLeast, goVersion: named }: ToolchainPlan): string => atLeast ?? named;

/** What an image must hold at least: the go command refuses a module whose go line is newer than itself. */
function oldestFor(modules: readonly GoModule[]): string {
  return modules
    .map((module) => minor(module.workspace?.file.go?.value ?? module.go) ?? `1.${OLDEST_MINOR}`)
    .reduce(newerRelease);
}

/** Of what two modules ask for, what both can be compiled with: an older module takes a newer release. */
function newer(a: Asked, b: Asked): Asked {
  return newerRelease(a.version ?? NEWEST, b.version ?? NEWEST) === (a.version ?? NEWEST) ? a : b;
}

function newerRelease(a: string, b: string): string {
  return compareGoVersions(newestOf(a), newestOf(b)) >= 0 ? a : b;
}

/** A minor release means its newest patch. */
function newestOf(release: string): GoVersion {
  const version = goVersion(release) ?? { major: 0, minor: 0 };
  const isMinor = version.patch === undefined && version.prerelease === undefined;
  return isMinor ? { ...version, patch: Infinity } : version;
}

interface Asked {
  /** The release that the files of the module ask for, as far as they do. */
  readonly version: string | undefined;
  /** The line that says so. */
  readonly line: GoModule["goMod"]["go"];
  readonly file: string;
}

/**
 * What go.mod asks for, or go.work where there is one: then its lines alone have the say. A toolchain line counts
 * where it is not older than the go line (golang/go:src/cmd/go/internal/toolchain/select.go, Select).
 */
function askedBy(module: GoModule): Asked {
  const { file, go, toolchain } = module.workspace?.file ?? module.goMod;
  const [named, needed] = [releaseIn(toolchain?.value), goVersion(go?.value ?? "")];
  const parsed = goVersion(named ?? "");
  if (parsed !== undefined && (needed === undefined || compareGoVersions(parsed, needed) >= 0)) {
    return { version: minor(named), line: toolchain, file };
  }
  return { version: minor(go?.value), line: go, file };
}

/**
 * Whether modules may come from a repository and not from a proxy: then git and ssh are needed, and the whole
 * image with them. Without a word about it in the description or from the client the public proxy has everything;
 * a list of proxies without `direct` leaves no other way to a module (https://go.dev/ref/mod#goproxy-protocol).
 */
export function needsGit(
  located: LocatedDescription,
  { buildArgs }: Pick<BuildRequest, "buildArgs">,
): boolean {
  const { modules } = located.description;
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
export function releaseTooOld(located: LocatedDescription, module: GoModule): Diagnostic | undefined {
  const { description, source } = located;
  const line = module.workspace?.file.go?.value ?? module.go ?? "";
  const chosen = goVersion(description.go ?? "");
  const needed = goVersion(line);
  if (chosen === undefined || needed === undefined || !isOlder(chosen, needed)) return undefined;
  const { file } = module.workspace?.file ?? module.goMod;
  return errorAt("GF014", `${file} asks for Go ${line}, which is newer than ${description.go ?? ""}`, {
    file: source.filename,
    range: located.rangeOf(["go"]),
    help: `write \`go: "${line}"\`, or leave \`go\` out and let ${file} decide`,
  });
}

/** As Go compares releases; but a chosen one without a patch means its newest. */
function isOlder(chosen: GoVersion, needed: GoVersion): boolean {
  const newest = chosen.patch === undefined && chosen.prerelease === undefined;
  if (newest && chosen.major === needed.major) return chosen.minor < needed.minor;
  return compareGoVersions(chosen, needed) < 0;
}

/** "go1.26.3" → "1.26.3"; a toolchain line may also say "default" or carry a custom suffix. */
function releaseIn(toolchain: string | undefined): string | undefined {
  if (toolchain === undefined || toolchain === "default") return undefined;
  const version = toolchain.replace(/^go/, "").replace(/-.*$/, "");
  return goVersion(version) === undefined ? undefined : version;
}

/** "1.26.3" → "1.26"; release candidates stay as they are, since no newer patch exists. */
function minor(line: string | undefined): string | undefined {
  if (line === undefined || goVersion(line) === undefined) return undefined;
  if ((goMinor(line) ?? 0) < OLDEST_MINOR) return undefined;
  return /[a-z]/.test(line) ? line : line.split(".").slice(0, 2).join(".");
}

function place(located: LocatedDescription, { line, file }: Asked): Place {
  const { description, source } = located;
  if (description.toolchain !== undefined) {
    return { file: source.filename, range: located.rangeOf(["toolchain"]) };
  }
  if (description.go !== undefined) return { file: source.filename, range: located.rangeOf(["go"]) };
  if (line === undefined) return { file: source.filename, range: located.rangeOf([]) };
  const start = { line: line.at.line, column: line.at.column, offset: 0 };
  return { file, range: { start, end: start } };
}
