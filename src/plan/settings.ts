// Settings of a build that not every release of Go, platform or base can honour.
import {
  type Diagnostic,
  diagnosticError,
  errorAt,
  formatPlatform,
  goMinor,
  type LocatedDescription,
  type Platform,
  type ServiceDescription,
} from "../description/index.ts";
import type { InspectedService } from "./inspected.ts";
import { oldestRelease } from "./toolchain.ts";
import type { ToolchainPlan } from "./types.ts";

/** The first minor release that knows a setting; an older one would pass over it, or call its line of go.mod unknown. */
const since = { fips140: 24, godebug: 23 } as const;

/** What a service asks of its toolchain and platforms that they cannot do. */
export function settingProblems(
  description: ServiceDescription,
  { platforms, toolchain }: Pick<InspectedService, "platforms" | "toolchain">,
  located: LocatedDescription,
): readonly Diagnostic[] {
  const { build } = description;
  const at = (key: string) => ({ file: located.source.filename, range: description.rangeOf(["build", key]) });
  const release = oldestRelease(toolchain);
  const used = {
    fips140: build.fips140 !== "off",
    godebug: Object.keys(build.godebug).length > 0,
  };
  const tooOld = (["fips140", "godebug"] as const)
    .filter((key) => used[key] && (goMinor(release) ?? 0) < since[key])
    .map((key) =>
      errorAt("GF015", `${key} takes Go 1.${since[key]}, and ${oldest(toolchain)}`, {
        ...at(key),
        help:
          toolchain.atLeast === undefined
            ? `write \`go: "1.${since[key]}"\` or a newer release, or leave ${key} out`
            : `raise the go line of go.mod to 1.${since[key]}, or leave ${key} out`,
      }),
    );
  const twice = build.ldflags.findIndex((flag) => flag.startsWith("-B="));
  const ids =
    !build.buildId || twice < 0
      ? []
      : [
          errorAt("GF043", "the linker is given a build id, and buildId makes one", {
            file: located.source.filename,
            range: description.rangeOf(["build", "ldflags", twice]),
            help: "leave one of them out",
          }),
        ];
  const others = build.mode === "pie" ? platforms.filter((platform) => !linksPie(platform)) : [];
  const external =
    others.length === 0
      ? []
      : [
          errorAt(
            "GF034",
            `position-independent executables for ${others.map(formatPlatform).join(", ")} are linked with a C toolchain`,
            {
              ...at("mode"),
              help: "leave `mode` out; without a C toolchain Go links them for linux/amd64, linux/arm64, linux/loong64 and linux/ppc64le",
            },
          ),
        ];
  return [...tooOld, ...external, ...ids];
}

function oldest({ atLeast, goVersion }: ToolchainPlan): string {
  return atLeast === undefined ? `this is Go ${goVersion}` : `the toolchain may be Go ${atLeast}`;
}

/** Where the linker needs no other for `-buildmode=pie` (golang/go:src/internal/platform/supported.go, InternalLinkPIESupported). */
function linksPie({ os, architecture }: Platform): boolean {
  switch (os) {
    case "linux":
      return ["amd64", "arm64", "loong64", "ppc64le"].includes(architecture);
    case "windows":
      return ["386", "amd64", "arm64"].includes(architecture);
    case "darwin":
      return true;
    default:
      return false;
  }
}

/**
 * @throws GF045 for position-independent executables in an image that has no loader for them: `static` and `scratch`
 * are made here, so all that is in them is known
 */
export function checkLoader(
  { description }: Pick<InspectedService, "description">,
  located: LocatedDescription,
): void {
  const { base } = description.image;
  // The C compiler links one that needs no loader, or its loader is put beside it.
  if (description.build.cgo !== undefined) return;
  if (description.build.mode !== "pie" || base.kind === "image") return;
  throw diagnosticError([
    errorAt(
      "GF045",
      `a position-independent executable starts by way of glibc's loader, which ${base.kind} has not`,
      {
        file: located.source.filename,
        range: description.rangeOf(["build", "mode"]),
        help: "choose a base with glibc, like `image: { base: debian:bookworm-slim }`, leave `mode` out, or have the C toolchain link one that needs no loader: `build: { mode: pie, cgo: true }`",
      },
    ),
  ]);
}
