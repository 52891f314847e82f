// Detectors that the compiler builds into every package: of data races, and of wrong use of C's memory.
import {
  type Diagnostic,
  errorAt,
  formatPlatform,
  type LocatedDescription,
  type Path,
  type Platform,
  type ServiceDescription,
} from "../description/index.ts";
import type { Instrument, VariantPlan } from "./types.ts";

/** The detector that a service is compiled with; {@link instrumentProblems} refuses two. */
export function instrumentOf({
  race,
  asan,
}: Pick<ServiceDescription["build"], "race" | "asan">): Instrument | undefined {
  return race ? "race" : asan ? "asan" : undefined;
}

/**
 * Tags that choose the files of a package: those of the description, and the one that `-race` and `-asan` bring
 * (golang/go:src/cmd/go/internal/work/init.go, instrumentInit).
 */
export function fileTags({ tags, instrument }: Pick<VariantPlan, "tags" | "instrument">): readonly string[] {
  return instrument === undefined ? tags : [...tags, instrument];
}

/** The package that the go command adds to an instrumented program (golang/go:src/cmd/go/internal/load/pkg.go, LinkerDeps). */
export const runtimeOf = (instrument: Instrument): string => `runtime/${instrument}`;

/**
 * Where a detector is there. Go has them on more platforms (golang/go:src/internal/platform/supported.go), and needs C
 * there, which is compiled for Linux on two architectures; on macOS races are found without.
 */
const platformsOf: Readonly<Record<Instrument, readonly string[]>> = {
  race: ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"],
  asan: ["linux/amd64", "linux/arm64"],
};

/**
 * @param from where the compiler runs
 * @returns GF034 for a platform without the detector; the go command takes gcc for `-asan` by its name alone, which no
 * cross compiler has (golang/go:src/cmd/go/internal/work/init.go, compilerVersion)
 */
export function instrumentPlatformProblems(
  { build, rangeOf }: Pick<ServiceDescription, "build" | "rangeOf">,
  { source }: Pick<LocatedDescription, "source">,
  from: Platform,
  platforms: readonly Platform[],
): readonly Diagnostic[] {
  const instrument = instrumentOf(build);
  if (instrument === undefined) return [];
  const at = { file: source.filename, range: rangeOf(["build", instrument]) };
  const known = platformsOf[instrument];
  const others = platforms.filter(({ os, architecture }) => !known.includes(`${os}/${architecture}`));
  if (others.length > 0) {
    const message = `${instrument} is for ${known.join(", ")}, and this is built for ${others.map(formatPlatform).join(", ")}`;
    const help = `build other platforms as a service of its own, without \`${instrument}\``;
    return [errorAt("GF034", message, { ...at, help })];
  }
  if (instrument === "race") return [];
  const crossed = platforms.filter(({ architecture }) => architecture !== from.architecture);
  return crossed.map(({ os, architecture }) => {
    const name = `${os}/${architecture}`;
    const message = `asan for ${name} takes a builder on ${name}: for it the go command takes no cross compiler`;
    const help = `add such a builder, \`docker buildx create --append --platform ${name} NODE\`, or build for ${formatPlatform(from)} alone`;
    return errorAt("GF034", message, { ...at, help });
  });
}

/** @returns GF043 and GF060 for keys that a detector does not go with, or needs */
export function instrumentProblems(
  { build, rangeOf }: Pick<ServiceDescription, "build" | "rangeOf">,
  { source }: Pick<LocatedDescription, "source">,
  platforms: readonly Platform[],
): readonly Diagnostic[] {
  const { cgo, race, asan, mode, fips140 } = build;
  const instrument = instrumentOf(build);
  if (instrument === undefined) return [];
  const at = (...path: Path) => ({ file: source.filename, range: rangeOf(["build", ...path]) });
  if (race && asan) {
    const help = "leave one out, or make two services, of which the second has `extends`";
    const message = "race and asan do not go together: a program has one of them";
    return [errorAt("GF043", message, { ...at("asan"), help })];
  }
  const isLinux = platforms.some(({ os }) => os === "linux");
  const problems: Diagnostic[] = [];
  if (cgo === undefined && (asan || isLinux)) {
    const message = `${instrument} needs cgo, which is off: its detector is called by way of C`;
    const help = `write \`build: { ${asan ? "asan: true, cgo: { link: dynamic }" : "race: true, cgo: true"} }\``;
    problems.push(errorAt("GF060", message, { ...at(instrument), help }));
  }
  if (cgo?.libc === "musl") {
    const why = race
      ? "Go does not test its race detector with musl (https://go.dev/issue/14481)"
      : "gcc's library for it is made for no other";
    const help = "leave `libc: musl` out";
    problems.push(errorAt("GF043", `${instrument} takes glibc: ${why}`, { ...at("cgo", "libc"), help }));
  } else if (asan && cgo?.link === "static") {
    const message = "asan takes `link: dynamic`: its library cannot be put into a static binary";
    const help =
      "write `cgo: { link: dynamic }`; on `static` and `scratch` the library is put beside the binary";
    problems.push(errorAt("GF043", message, { ...at("cgo"), help }));
  }
  if (race && isLinux && mode === "pie") {
    const message = "go build makes no position-independent executable with -race for Linux";
    problems.push(errorAt("GF043", message, { ...at("mode"), help: "leave `mode` or `race` out" }));
  }
  if (asan && fips140 !== "off") {
    const message = "Go's FIPS 140-3 module ends a program that is compiled with -asan";
    problems.push(errorAt("GF043", message, { ...at("fips140"), help: "leave `fips140` or `asan` out" }));
  }
  return problems;
}
