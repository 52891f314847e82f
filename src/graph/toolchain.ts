// The toolchain as a root filesystem. Steps see a copy of the image that holds nothing but what
// compiling needs: a builder that starts empty pulls some 30 MB of registry cache for it, and not the
// 200 MB of a golang image with its C compiler and its shell.
import {
  addEnv,
  copy,
  type CopyInfo,
  image,
  platform,
  resolveModeDefault,
  resolveModeForcePull,
  resolveModePreferLocal,
  scratch,
  type ImageOption,
  type State,
  type StateOption,
} from "../llb/index.ts";
import type { Plan } from "../plan/index.ts";
import type { Abilities } from "./abilities.ts";
import type { Resolved } from "./types.ts";
import { named } from "./name.ts";

export interface Toolchain {
  /** The image as it is, with git and ssh. */
  readonly full: State;
  /** What compiling and a public module proxy need; the same as `full` where that cannot be told. */
  readonly slim: State;
}

/** Where the golang images keep the toolchain (docker-library/golang:Dockerfile-linux.template). */
const GOROOT = "/usr/local/go";

/**
 * Parts of GOROOT that `go build` reads: of its sources, whatever has a suffix. The patterns match files and no
 * directory, because a directory that matches is hashed whole, with what is left out, and again for each directory
 * in it (moby/buildkit:cache/contenthash/checksum.go): 0.9 s in place of 2.8 s.
 */
const NEEDED = ["VERSION", "go.env", "bin/go", "pkg/include/*", "pkg/tool/*/*", "src/**/*.*", "lib/time/*"];

/** Large parts of those that it never reads: the go command's own source, tests, tools for people. */
const UNUSED = [
  "src/cmd",
  "**/testdata",
  "**/*_test.go",
  ...[
    "addr2line",
    "api",
    "cover",
    "covdata",
    "dist",
    "distpack",
    "doc",
    "fix",
    "nm",
    "objdump",
    "pprof",
    "test2json",
    "trace",
    "vet",
  ].map((tool) => `pkg/tool/*/${tool}`),
];

/** Where Linux systems keep their CA roots, below /etc: for the module proxy, and for the image's own. */
const CA_BUNDLES = ["ssl/certs/ca-certificates.crt", "pki/tls/certs/ca-bundle.crt"];

const EPOCH = new Date(0);

export function toolchainStates(plan: Plan, resolved: Resolved, abilities: Abilities): Toolchain {
  const { toolchain, settings } = resolved;
  const root =
    toolchain.state ??
    image(
      toolchain.reference,
      platform(plan.buildPlatform),
      imageMode(settings.resolveMode),
      named(`[toolchain] ${toolchain.reference}`),
    );
  // Of the image's configuration only the environment counts: PATH finds the go command. The release that the golang
  // images also tell is in no key: a graph made without a registry, which cannot know it, finds the same results.
  const env = (toolchain.config.config?.Env ?? []).filter((entry) => !withoutEffect.test(entry));
  // A copy has no platform of its own, and its steps would take the target's: keys that platforms do not
  // share, and on a builder with emulators an emulated toolchain.
  const withEnv = (state: State): State => state.platform(plan.buildPlatform).with(...env.map(splitEnv));
  const full = withEnv(root);
  return { full, slim: abilities.copyByPattern && isGolangLayout(env) ? withEnv(slim(root)) : full };
}

/** The release, and settings that would have a step see another module than the plan does. */
const withoutEffect = /^(?:GOLANG_VERSION|GOWORK|GO111MODULE)=/;

function slim(root: State): State {
  const part = (includePatterns: readonly string[], excludePatterns: readonly string[] = []): CopyInfo => ({
    copyDirContentsOnly: true,
    createDestPath: true,
    includePatterns,
    excludePatterns,
    createdTime: EPOCH,
  });
  const files = copy(root, GOROOT, GOROOT, part(NEEDED, UNUSED)).copy(root, "/etc", "/etc", part(CA_BUNDLES));
  return scratch().file(files, named("[toolchain] what compiling needs"));
}

/** Whether the image keeps Go where the golang images do; of any other layout everything is taken. */
function isGolangLayout(env: readonly string[]): boolean {
  const path =
    env
      .find((entry) => entry.startsWith("PATH="))
      ?.slice("PATH=".length)
      .split(":") ?? [];
  return (
    path.includes(`${GOROOT}/bin`) &&
    !env.some((entry) => entry.startsWith("GOROOT=") && entry !== `GOROOT=${GOROOT}`)
  );
}

function splitEnv(entry: string): StateOption {
  const at = entry.indexOf("=");
  return at < 0 ? addEnv(entry, "") : addEnv(entry.slice(0, at), entry.slice(at + 1));
}

/** How image sources are looked up; the docker driver's builders ask for local images first. */
export function imageMode(mode: "default" | "pull" | "local"): ImageOption {
  switch (mode) {
    case "default":
      return resolveModeDefault;
    case "pull":
      return resolveModeForcePull;
    case "local":
      return resolveModePreferLocal;
  }
}
