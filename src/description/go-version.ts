/** A Go version as written in go.mod, in `go:` and in tags of the golang image. */
export interface GoVersion {
  readonly major: number;
  readonly minor: number;
  /** Absent for a language version ("1.26"), whose newest patch release is meant. */
  readonly patch?: number | undefined;
  /** "rc1", "beta2". */
  readonly prerelease?: string | undefined;
}

const pattern =
  /^(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})(?:\.(0|[1-9][0-9]{0,3}))?((?:rc|beta)[1-9][0-9]{0,2})?$/;

/**
 * Reads "1.26", "1.26.3" or "1.26rc1" (go.dev/ref/mod#versions of the toolchain: no "v", no "go"
 * before it). Undefined for everything else, Go 1.26.0rc1 included: releases never had that form.
 */
export function goVersion(text: string): GoVersion | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, major = "", minor = "", patch, prerelease] = match;
  if (patch !== undefined && prerelease !== undefined) return undefined;
  return {
    major: Number(major),
    minor: Number(minor),
    ...(patch === undefined ? {} : { patch: Number(patch) }),
    ...(prerelease === undefined ? {} : { prerelease }),
  };
}

/** Go's order: 1.26 < 1.26rc1 < 1.26.0 (golang/go:src/internal/gover/gover.go, Compare). */
export function compareGoVersions(a: GoVersion, b: GoVersion): number {
  return a.major - b.major || a.minor - b.minor || step(a) - step(b);
}

/** Where a release stands in its minor release: the language version, betas, candidates, patches. */
function step({ patch, prerelease }: GoVersion): number {
  if (patch !== undefined) return 10_000 + patch;
  if (prerelease === undefined) return 0;
  return (prerelease.startsWith("rc") ? 1000 : 0) + Number(prerelease.replace(/^[a-z]+/, ""));
}

/** The newest minor release that this project was tried with; golang images of it are there. */
export const NEWEST_GO_MINOR = 26;

/**
 * The minor release of any text that names one: 26 for "1.26.3", "1.26", "go1.26rc1" and "go1.26.3-custom". What is newer
 * than Go 1 is newer than all of its releases: Infinity. Undefined when the text names no release.
 */
export function goMinor(text: string): number | undefined {
  const [, major, minor] = /^(?:go)?([0-9]{1,4})\.([0-9]{1,4})(?![0-9])/.exec(text) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return Number(major) > 1 ? Infinity : Number(minor);
}
