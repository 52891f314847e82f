import { compareVersions, fullVersion } from "../version.ts";

/** Where a module is: what Go's versions of it are named after. */
export interface VersionedModule {
  readonly path: string;
  /** In the repository. */
  readonly dir: string;
  /** Module path of the go.mod in the repository's root. */
  readonly root: string;
}

/** A module as its repository names its versions. */
export interface Versioning {
  /** The version of a tag; undefined: it names none of this module. */
  readonly versionOf: (
    tag: string,
  ) => { readonly version: string; readonly isCanonical: boolean } | undefined;
  /** The version of a commit without one, after the highest version in its history. */
  readonly pseudo: (after: string | undefined, time: number, commit: string) => string;
}

const PSEUDO = /^v[0-9]+\.(?:0\.0-|\d+\.\d+-(?:[^+]*\.)?0\.)\d{14}-[A-Za-z0-9]+(?:\+.*)?$/;

/**
 * How a module's versions are named (golang/go:src/cmd/go/internal/modfetch/coderepo.go, convert; golang/mod:module/pseudo.go).
 * Undefined: Go knows no version of a module that stands at another place than its path says.
 */
export function versioningOf({ path, dir, root }: VersionedModule): Versioning | undefined {
  const [codeRoot] = splitMajor(root);
  const [bare, major] = splitMajor(path);
  const isRoot = codeRoot === path;
  if (!isRoot && bare !== codeRoot && !bare.startsWith(`${codeRoot}/`)) return undefined;
  const codeDir = isRoot ? "" : bare.slice(codeRoot.length).replace(/^\/+|\/+$/g, "");
  const number = major.replace(/^[/.]/, "").replace(/-unstable$/, "");
  const places = [codeDir, ...(number === "" ? [] : [codeDir === "" ? number : `${codeDir}/${number}`])];
  if (!places.some((place) => (place === "" ? "." : place) === dir)) return undefined;
  const prefix = codeDir === "" ? "" : `${codeDir}/`;
  const fits = (version: string): boolean => {
    const [of = ""] = version.split(".");
    return number === "" ? of === "v0" || of === "v1" : of === number;
  };
  return {
    versionOf: (tag) => {
      if (!tag.startsWith(prefix) || PSEUDO.test(tag)) return undefined;
      const version = fullVersion(tag.slice(prefix.length));
      if (version === undefined || !fits(version.canonical)) return undefined;
      return { version: version.canonical, isCanonical: version.build === "" };
    },
    pseudo: (after, time, commit) => {
      const stamp = new Date(time * 1000).toISOString().replaceAll(/[-:T]|\.\d+Z$/g, "");
      const segment = `${stamp}-${commit.slice(0, 12)}`;
      if (after === undefined) return `${number === "" ? "v0" : number}.0.0-${segment}`;
      if (after.includes("-")) return `${after}.0.${segment}`;
      const [first = "", second = "", third = "0"] = after.split(".");
      return `${first}.${second}.${BigInt(third) + 1n}-0.${segment}`;
    },
  };
}

/** A module path without its major version, and that: `/v2`, for gopkg.in `.v2` (golang/mod:module/module.go, SplitPathVersion). */
function splitMajor(path: string): readonly [bare: string, major: string] {
  const pattern = path.startsWith("gopkg.in/")
    ? /^(.*?)(\.v\d+(?:-unstable)?)$/
    : /^(.+)(\/v(?:[2-9]|[1-9]\d+))$/;
  const [, bare = path, major = ""] = pattern.exec(path) ?? [];
  return [bare, major];
}

/** The highest of versions. */
export function highest(versions: readonly string[]): string | undefined {
  return versions.toSorted(compareVersions).at(-1);
}

/** Of tags of one commit the highest version, with or without `v` and a folder before it, else the last by name. */
export function chosenTag(tags: readonly string[]): string | undefined {
  const versionIn = (tag: string): string | undefined =>
    /^(?:.*\/)?v?(\d+(?:\.\d+){0,2}(?:[-+][0-9A-Za-z.+-]+)?)$/.exec(tag)?.[1];
  const versions = tags.filter((tag) => versionIn(tag) !== undefined);
  if (versions.length === 0) return tags.toSorted().at(-1);
  const read = (tag: string): string => `v${versionIn(tag) ?? ""}`;
  return versions.toSorted((a, b) => compareVersions(read(a), read(b))).at(-1);
}
