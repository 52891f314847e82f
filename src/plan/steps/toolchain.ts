// The toolchain as a root filesystem. Steps see a copy of the image that holds nothing but what
// compiling needs: a builder that starts empty pulls some 30 MB of registry cache for it, and not the
// 200 MB of a golang image with its C compiler and its shell.
import type { CopyAction, Tree } from "../step.ts";
import { type Site, type Toolchain, type ToolchainParts, variableOf } from "./site.ts";

/** Where the golang images keep the toolchain (docker-library/golang:Dockerfile-linux.template). */
export const GOROOT = "/usr/local/go";

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

/** Puts the toolchain image into the list, and the part of it that compiling needs. */
export function addToolchain({ plan, resolved, abilities, add }: Omit<Site, "toolchain">): Toolchain {
  const { toolchain, settings } = resolved;
  const full = add({
    kind: "image",
    id: "toolchain",
    title: `[toolchain] ${toolchain.reference}`,
    use: "toolchain",
    reference: toolchain.reference,
    platform: plan.buildPlatform,
    lookup: settings.resolveMode,
    ...(toolchain.replaced === true ? { replaced: true } : {}),
  });
  // Of the image's configuration only the environment counts: PATH finds the go command. The release that the golang
  // images also tell is in no key: a graph made without a registry, which cannot know it, finds the same results.
  const env = (toolchain.config.config?.Env ?? [])
    .filter((entry) => !withoutEffect.test(entry))
    .map(variableOf);
  if (!abilities.copyByPattern || !isGolangLayout(env)) return { full, slim: full, with: () => full, env };
  const slim = add({
    kind: "files",
    id: "toolchain files",
    title: "[toolchain] what compiling needs",
    actions: [part(full, GOROOT, NEEDED, UNUSED), part(full, "/etc", CA_BUNDLES, [])],
  });
  const more = ({ cover, fips }: ToolchainParts): Tree => {
    const parts = [...(cover ? ["pkg/tool/*/cover"] : []), ...(fips ? ["lib/fips140/*"] : [])];
    if (parts.length === 0) return slim;
    const words = [...(cover ? ["coverage"] : []), ...(fips ? ["FIPS modules"] : [])].join(" and ");
    return add({
      kind: "files",
      id: `toolchain files with ${words}`,
      title: `[toolchain] what compiling needs, with ${words}`,
      on: slim,
      actions: [part(full, GOROOT, parts, [])],
    });
  };
  return { full, slim, with: more, env };
}

/** The release, and settings that would have a step see another module than the plan does. */
const withoutEffect = /^(?:GOLANG_VERSION|GOWORK|GO111MODULE)=/;

const part = (
  from: Tree,
  path: string,
  include: readonly string[],
  exclude: readonly string[],
): CopyAction => ({
  kind: "copy",
  from,
  source: path,
  dest: path,
  contents: true,
  parents: true,
  include,
  exclude,
  times: "epoch",
});

/** Whether the image keeps Go where the golang images do; of any other layout everything is taken. */
function isGolangLayout(env: Toolchain["env"]): boolean {
  const path = env.find(([name]) => name === "PATH")?.[1].split(":") ?? [];
  return (
    path.includes(`${GOROOT}/bin`) && env.every(([name, value]) => name !== "GOROOT" || value === GOROOT)
  );
}
