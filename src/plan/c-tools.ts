// What compiles C for a platform, as a list of Debian packages and an environment. Debian has a compiler for each of the
// two architectures on the other, and the libraries of both, so nothing is emulated.
import {
  type CgoSettings,
  type Diagnostic,
  errorAt,
  formatPlatform,
  type LocatedDescription,
  type Platform,
  type ServiceDescription,
} from "../description/index.ts";
import type { CToolsPlan } from "./types.ts";

/** The distribution whose packages are installed: the oldest with security updates, whose libraries most bases have. */
const DISTRIBUTION = "debian:bookworm-slim";

/** The library that a binary with `-asan` is linked with, of that distribution's gcc. */
const ASAN = "libasan8";

interface Machine {
  /** As Debian calls the architecture. */
  readonly debian: "amd64" | "arm64";
  /** As its compilers call it. */
  readonly cpu: "x86_64" | "aarch64";
}

const machines: Readonly<Record<string, Machine>> = {
  "linux/amd64": { debian: "amd64", cpu: "x86_64" },
  "linux/arm64": { debian: "arm64", cpu: "aarch64" },
};

const machineOf = ({ os, architecture }: Platform): Machine | undefined => machines[`${os}/${architecture}`];

/** What each binary with C has in it. */
export const RUNTIME_CGO = "runtime/cgo";

/** Programs that the step of {@link CToolsPlan} makes beside the packages. */
export const PKG_CONFIG = "/usr/local/bin/pkg-config-static";
export const NO_CXX = "/usr/local/bin/no-c++";

/**
 * @param from where the compiler runs
 * @param to what it compiles for
 * @returns nothing without cgo
 */
export function planCTools(
  { build, rangeOf }: Pick<ServiceDescription, "build" | "rangeOf">,
  { source }: Pick<LocatedDescription, "source">,
  from: Platform,
  to: Platform,
): CToolsPlan | undefined {
  const { cgo } = build;
  const [host, target] = [machineOf(from), machineOf(to)];
  if (cgo === undefined || host === undefined || target === undefined) return undefined;
  const isCross = host.debian !== target.debian;
  // Cross compilers bring glibc of a name of its own. Whatever else is of the target is a package of its architecture.
  const isForeign = isCross && (cgo.packages.length > 0 || cgo.link === "dynamic" || cgo.libc === "musl");
  const of = (name: string): string =>
    name.endsWith(":native")
      ? name.slice(0, -":native".length)
      : isForeign
        ? `${name}:${target.debian}`
        : name;
  const suffix = isCross ? `-${target.cpu.replace("_", "-")}-linux-gnu` : "";
  return {
    image: DISTRIBUTION,
    compilers: [`gcc${suffix}`, `g++${suffix}`, ...(isCross ? [] : ["libc6-dev"]), "pkgconf"],
    libraries: [...librariesOf(cgo), ...(build.asan ? [ASAN] : []), ...cgo.packages].map(of),
    ...(isForeign ? { foreign: target.debian } : {}),
    link: cgo.link,
    env: environmentOf(cgo, target, isCross ? `${target.cpu}-linux-gnu-` : ""),
    at: { file: source.filename, range: rangeOf(["build", "cgo"]) },
  };
}

/** Libraries of the target that a binary may need when it runs, in the version that has Debian's security updates. */
function librariesOf({ libc, link }: CgoSettings): readonly string[] {
  if (libc === "musl") return ["musl-dev"];
  return link === "dynamic" ? ["libc6", "libgcc-s1", "libstdc++6"] : [];
}

function environmentOf(
  { libc, link }: CgoSettings,
  { cpu }: Machine,
  prefix: string,
): Readonly<Record<string, string>> {
  const compilers =
    libc === "musl"
      ? { CC: `${prefix}gcc -specs /usr/lib/${cpu}-linux-musl/musl-gcc.specs`, CXX: NO_CXX }
      : { CC: `${prefix}gcc`, CXX: `${prefix}g++` };
  return {
    ...compilers,
    ...(link === "static" ? { PKG_CONFIG } : {}),
    PKG_CONFIG_LIBDIR: `/usr/lib/${cpu}-linux-gnu/pkgconfig:/usr/share/pkgconfig`,
  };
}

/** @returns GF064 where a platform has no C tools */
export function cgoPlatformProblems(
  { build, rangeOf }: Pick<ServiceDescription, "build" | "rangeOf">,
  { source }: Pick<LocatedDescription, "source">,
  from: Platform,
  platforms: readonly Platform[],
): readonly Diagnostic[] {
  if (build.cgo === undefined) return [];
  const at = { file: source.filename, range: rangeOf(["build", "cgo"]) };
  const targets = platforms.filter((platform) => machineOf(platform) === undefined).map(formatPlatform);
  const has = Object.keys(machines).join(" and ");
  if (targets.length > 0) {
    const message = `cgo is for ${has}, and this is built for ${targets.join(", ")}`;
    const help = "build other platforms as a service of its own, without `cgo`";
    return [errorAt("GF064", message, { ...at, help })];
  }
  if (machineOf(from) !== undefined) return [];
  const message = `cgo needs a builder on ${has}, and this one is ${formatPlatform(from)}`;
  return [errorAt("GF064", message, { ...at, help: "build on another builder: docker buildx create --use" })];
}
