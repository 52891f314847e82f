// Platforms as containerd reads and writes them (containerd/platforms:platforms.go, database.go).
// Nothing here asks the machine it runs on: a frontend's own platform says nothing of its targets.
import { type Parsed, parsed, refused } from "./parsed.ts";

/** An OCI platform. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly osVersion?: string | undefined;
  readonly osFeatures?: readonly string[] | undefined;
}

const knownOS = new Set(
  "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos".split(
    " ",
  ),
);
const knownArch = new Set(
  (
    "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 " +
    "mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm"
  ).split(" "),
);

/**
 * Parses `os[(version+feature…)]/arch[/variant]`.
 *
 * A single word is an operating system or an architecture; the other half then comes from
 * `local`, where containerd would take the running machine's. Without `local` it is refused.
 */
export function parsePlatform(specifier: string, local?: Platform): Parsed<Platform> {
  if (specifier.includes("*")) return refused("wildcards are not supported");
  const [first = "", arch, variant, ...rest] = specifier.split("/");
  const match = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/.exec(first);
  if (match === null) return refused("the first part must be like linux or windows(10.0.17763)");
  for (const part of [arch, variant, ...rest]) {
    if (part !== undefined && !/^[A-Za-z0-9_.-]+$/.test(part)) {
      return refused(`${JSON.stringify(part)} has other characters than letters, digits, _, . and -`);
    }
  }
  if (rest.length > 0) return refused("it has more than three parts");
  const options = [match[2] ?? "", ...(match[3] ?? "").split("+").slice(1)];
  const decoded = options.map(decodeOption);
  const broken = options.find((_, i) => decoded[i] === undefined);
  if (broken !== undefined) return refused(`${JSON.stringify(broken)} has a broken percent escape`);
  const [osVersion = "", ...features] = decoded;
  const osFeatures = features.flatMap((feature) => feature || []);
  const extra = {
    ...(osVersion === "" ? {} : { osVersion }),
    ...(osFeatures.length === 0 ? {} : { osFeatures }),
  };
  const os = normalizeOS(match[1] ?? "");
  if (arch === undefined) {
    const word = parseWord(first, os, local);
    return word.ok ? parsed({ ...word.value, ...extra }) : word;
  }
  const normal = normalizeArch(arch, variant ?? "");
  let shown = normal.variant;
  // Without a variant `linux/arm` stays bare; with one, `arm64/v8` keeps it.
  if (variant === undefined && normal.architecture === "arm" && shown === "v7") shown = "";
  if (variant !== undefined && normal.architecture === "arm64" && shown === "") shown = "v8";
  return parsed({
    os,
    architecture: normal.architecture,
    ...(shown === "" ? {} : { variant: shown }),
    ...extra,
  });
}

function parseWord(word: string, os: string, local: Platform | undefined): Parsed<Platform> {
  const isOS = knownOS.has(os);
  const { architecture, variant } = normalizeArch(word, "");
  if (!isOS && !knownArch.has(architecture)) return refused("unknown operating system or architecture");
  if (local === undefined) {
    return refused(
      isOS
        ? `add an architecture, such as ${os}/amd64`
        : `add an operating system, such as linux/${architecture}`,
    );
  }
  if (isOS) {
    return parsed({
      os,
      architecture: local.architecture,
      ...(local.architecture === "arm" && local.variant !== "v7" && local.variant !== undefined
        ? { variant: local.variant }
        : {}),
    });
  }
  const shown = architecture === "arm" && variant === "v7" ? "" : variant;
  return parsed({ os: local.os, architecture, ...(shown === "" ? {} : { variant: shown }) });
}

/** Turns aliases into canonical names: x86_64 into amd64, arm into arm/v7, macos into darwin; features sorted. */
export function normalizePlatform(platform: Platform): Platform {
  const { architecture, variant } = normalizeArch(platform.architecture, platform.variant ?? "");
  const features = platform.osFeatures ?? [];
  return {
    os: normalizeOS(platform.os),
    architecture,
    ...(variant === "" ? {} : { variant }),
    ...(platform.osVersion === undefined || platform.osVersion === ""
      ? {}
      : { osVersion: platform.osVersion }),
    ...(features.length === 0 ? {} : { osFeatures: [...new Set(features)].toSorted(byCodePoints) }),
  };
}

/** `os/arch[/variant]`. */
export function formatPlatform({ os, architecture, variant = "" }: Platform): string {
  return os === "" ? "unknown" : joined(os, architecture, variant);
}

/** `os[(version+features)]/arch[/variant]`, the form of result keys and of `--platform`. */
export function formatPlatformAll(platform: Platform): string {
  const { os, architecture, variant = "", osVersion = "", osFeatures = [] } = platform;
  if (os === "") return "unknown";
  const features = [...new Set(osFeatures)].filter((feature) => feature !== "").toSorted(byCodePoints);
  const options = [osVersion, ...features].map(encodeOption).join("+");
  return joined(options === "" ? os : `${os}(${options})`, architecture, variant);
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join("/");

/** Go's order of strings, by their UTF-8 bytes, is that of their code points. */
function byCodePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const at = left.findIndex((char, i) => char !== right[i]);
  if (at < 0) return left.length - right.length;
  return (left[at]?.codePointAt(0) ?? -1) - (right[at]?.codePointAt(0) ?? -1);
}

function normalizeOS(os: string): string {
  const lower = os.toLowerCase();
  return lower === "macos" ? "darwin" : lower;
}

function normalizeArch(arch: string, given: string): { architecture: string; variant: string } {
  const variant = given.toLowerCase();
  const architecture = arch.toLowerCase();
  switch (architecture) {
    case "i386":
      return { architecture: "386", variant: "" };
    case "x86_64":
    case "x86-64":
    case "amd64":
      return { architecture: "amd64", variant: variant === "v1" ? "" : variant };
    case "aarch64":
    case "arm64":
      if (["8", "v8", "v8.0"].includes(variant)) return { architecture: "arm64", variant: "" };
      return { architecture: "arm64", variant: ["9", "9.0", "v9.0"].includes(variant) ? "v9" : variant };
    case "armhf":
      return { architecture: "arm", variant: "v7" };
    case "armel":
      return { architecture: "arm", variant: "v6" };
    case "arm":
      if (variant === "") return { architecture, variant: "v7" };
      return { architecture, variant: ["5", "6", "7", "8"].includes(variant) ? `v${variant}` : variant };
    default:
      return { architecture, variant };
  }
}

/** Undefined: a broken percent escape. */
function decodeOption(text: string): string | undefined {
  try {
    return text.includes("%") ? decodeURIComponent(text) : text;
  } catch {
    return undefined;
  }
}

const escapes: Readonly<Record<string, string>> = {
  "%": "%25",
  "+": "%2B",
  "(": "%28",
  ")": "%29",
  "/": "%2F",
};
const encodeOption = (text: string): string => text.replace(/[%+()/]/g, (char) => escapes[char] ?? char);
