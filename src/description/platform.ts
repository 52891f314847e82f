import { type Parsed, parsed, type Platform, refused } from "../oci/index.ts";
import { suggest } from "./suggest.ts";
import { quote } from "./visible.ts";

/** What is wrong with a platform: a sentence that quotes the text, and what to write instead. */
export interface PlatformProblem {
  readonly message: string;
  readonly help: string;
}

/** What Go 1.26 compiles for (`go tool dist list`), by GOOS. */
const ports: Readonly<Record<string, readonly string[]>> = {
  aix: ["ppc64"],
  android: ["386", "amd64", "arm", "arm64"],
  darwin: ["amd64", "arm64"],
  dragonfly: ["amd64"],
  freebsd: ["386", "amd64", "arm", "arm64"],
  illumos: ["amd64"],
  ios: ["amd64", "arm64"],
  js: ["wasm"],
  linux: [
    "386",
    "amd64",
    "arm",
    "arm64",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mipsle",
    "ppc64",
    "ppc64le",
    "riscv64",
    "s390x",
  ],
  netbsd: ["386", "amd64", "arm", "arm64"],
  openbsd: ["386", "amd64", "arm", "arm64", "ppc64", "riscv64"],
  plan9: ["386", "amd64", "arm"],
  solaris: ["amd64"],
  wasip1: ["wasm"],
  windows: ["386", "amd64", "arm64"],
};

/** OCI variants that Go has a setting for: GOARM, GOAMD64, GOARM64. The first is what no variant means. */
const variants: Readonly<Record<string, readonly string[]>> = {
  amd64: ["v1", "v2", "v3", "v4"],
  arm: ["v7", "v6", "v5"],
  arm64: ["v8"],
};

/** Names that other systems use for the same machines, and what to write here. */
const otherNames: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  x64: "amd64",
  aarch64: "arm64",
  armv8: "arm64",
  armhf: "arm/v7",
  armv7: "arm/v7",
  armv7l: "arm/v7",
  armel: "arm/v6",
  armv6: "arm/v6",
  armv6l: "arm/v6",
  i386: "386",
  i686: "386",
  x86: "386",
  loongarch64: "loong64",
  ppc64el: "ppc64le",
  macos: "darwin",
  osx: "darwin",
};

/**
 * Reads `os/arch` or `os/arch/variant`. The variant that is the architecture's default is left
 * out (`linux/arm64/v8` is `linux/arm64`), except arm's, which is always said (`linux/arm/v7`),
 * as containerd's platforms.Normalize does. `variant` is there only where it says more than the default. The error's
 * message quotes the text.
 */
export function goPlatform(text: string): Parsed<Platform, PlatformProblem> {
  const [os = "", architecture = "", variant, ...rest] = text.split("/");
  const known = entryOf(ports, os);
  if (known === undefined || !known.includes(architecture) || rest.length > 0) {
    return unknown(text, os, architecture);
  }

  const allowed = entryOf(variants, architecture) ?? [];
  if (variant !== undefined && !allowed.includes(variant)) {
    const help =
      allowed.length === 0
        ? `write \`${os}/${architecture}\``
        : `variants of ${architecture}: ${allowed.join(", ")}`;
    return refused({ message: `unknown platform ${quote(text)}: ${architecture} has no such variant`, help });
  }
  const effective = variant ?? allowed[0];
  const isDefault = effective === allowed[0] && architecture !== "arm";
  return parsed(
    effective === undefined || isDefault ? { os, architecture } : { os, architecture, variant: effective },
  );
}

const HOW_WRITTEN = "platforms are written like `linux/amd64` or `linux/arm64`";

function unknown(text: string, os: string, architecture: string): Parsed<never, PlatformProblem> {
  return refused({ message: `unknown platform ${quote(text)}`, help: adviceFor(text, os, architecture) });
}

function adviceFor(text: string, os: string, architecture: string): string {
  const osName = named(os);
  const known = entryOf(ports, osName);
  const several = text
    .slice(0, 512)
    .split(/[\s,;]+/)
    .filter((part) => part !== "");
  if (several.length > 1 && several.length <= 16 && several.every((part) => goPlatform(part).ok)) {
    return `name one each: \`[${several.join(", ")}]\``;
  }
  if (!text.includes("/")) {
    // An architecture alone means linux to most who write it.
    const [base = ""] = osName.split("/");
    if (entryOf(ports, "linux")?.includes(base) === true) {
      return `use \`linux/${osName}\``;
    }
    if (known === undefined) return HOW_WRITTEN;
    const common = known.filter((architecture) => architecture === "amd64" || architecture === "arm64");
    const examples = (common.length > 0 ? common : known).map(
      (architecture) => `\`${osName}/${architecture}\``,
    );
    return `name the architecture too: ${examples.join(" or ")}`;
  }
  const meant = known === undefined ? suggest(os, Object.keys(ports)) : osName;
  const allowed = meant === undefined ? undefined : entryOf(ports, meant);
  if (meant === undefined || allowed === undefined) return HOW_WRITTEN;
  const archName = named(architecture);
  const near = allowed.includes(archName.split("/")[0] ?? "") ? archName : nearest(archName, allowed);
  return near === undefined ? `architectures of ${meant}: ${allowed.join(", ")}` : `use \`${meant}/${near}\``;
}

/** The word that is written here for a system or an architecture, as far as another one is known. */
function named(word: string): string {
  return entryOf(otherNames, word.toLowerCase()) ?? word.toLowerCase();
}

/** Digits are the width of a machine: a name that differs in them is another machine, not a slip. */
function nearest(architecture: string, allowed: readonly string[]): string | undefined {
  const digits = (text: string): string =>
    text
      .replaceAll(/[^0-9]/g, "")
      .split("")
      .toSorted()
      .join("");
  const width = digits(architecture);
  return suggest(
    architecture,
    allowed.filter((variant) => width === "" || digits(variant) === width),
  );
}

function entryOf<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
