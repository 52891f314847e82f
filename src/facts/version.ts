const NUMBER = "(?:0|[1-9]\\d*)";
const PRERELEASE = `(?:${NUMBER}|\\d*[A-Za-z-][\\dA-Za-z-]*)`;
const BUILD = "[\\dA-Za-z-]+";
/** `v1`, `v1.2`, `v1.2.3-rc.1+build`: a prerelease and what stands behind `+` only with all three numbers. */
const version = new RegExp(
  `^v${NUMBER}(?:\\.${NUMBER}(\\.${NUMBER}(?:-${PRERELEASE}(?:\\.${PRERELEASE})*)?(\\+${BUILD}(?:\\.${BUILD})*)?)?)?$`,
);

/** Whether a text is a version, which may leave numbers out: `v1`. Rules: golang/mod:semver/semver.go (IsValid). */
export function isVersion(text: string): boolean {
  return version.test(text);
}

/** A version of three numbers in two parts: without what stands behind `+`, and that with its sign, or `""`. */
export interface FullVersion {
  readonly canonical: string;
  readonly build: string;
}

/** Reads a version of three numbers. Rules: golang/mod:semver/semver.go (Canonical). */
export function fullVersion(text: string): FullVersion | undefined {
  const [, patch, build = ""] = version.exec(text) ?? [];
  return patch === undefined ? undefined : { canonical: text.slice(0, text.length - build.length), build };
}

/**
 * Compares two module versions as Go's minimal version selection does: negative when `a` is the older.
 * Rules: golang/mod:semver/semver.go (Compare), of canonical versions.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  for (const [index, number] of left.numbers.entries()) {
    const other = right.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  return comparePrerelease(left.prerelease, right.prerelease);
}

interface Version {
  readonly numbers: readonly bigint[];
  readonly prerelease: string;
}

function parse(version: string): Version {
  const [, major = "0", minor = "0", patch = "0", prerelease = ""] =
    /^v(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?/.exec(version) ?? [];
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], prerelease };
}

/** A prerelease is older than its release; its elements are compared one after another, numbers as numbers. */
function comparePrerelease(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? 1 : -1;
  const [left, right] = [a.split("."), b.split(".")];
  for (const [index, element] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (element === other) continue;
    const [isNumber, otherIsNumber] = [/^\d+$/.test(element), /^\d+$/.test(other)];
    if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
    if (isNumber) return BigInt(element) < BigInt(other) ? -1 : 1;
    return element < other ? -1 : 1;
  }
  return -1;
}
