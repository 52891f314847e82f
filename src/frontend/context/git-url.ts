import { parseGitURL } from "../../llb/index.ts";

/** A git repository as build context (moby/buildkit:frontend/dockerfile/dfgitutil/git_ref.go). */
export interface GitContext {
  readonly kind: "git";
  /** What git is called with: without query and fragment. */
  readonly url: string;
  /** A branch, a tag or a commit; empty: the repository's own choice. */
  readonly ref: string;
  /** Empty: the whole repository. */
  readonly subdir: string;
  /** The commit that the ref must be; empty: any. */
  readonly checksum: string;
  /** Undefined: as the build's options say. */
  readonly keepGitDir: boolean | undefined;
  readonly submodules: boolean;
  readonly mtime: "checkout" | "commit" | undefined;
  readonly fetchByCommit: boolean;
}

/** A URL of a repository whose query makes no sense. */
export interface BadGitContext {
  readonly kind: "bad";
  readonly problem: string;
}

/**
 * Tells whether a context is a git repository, and reads its fragment (`#ref:subdir`) and its query
 * (`?branch=main&subdir=svc`): `git@host:path`, `git://`, `ssh://`, `github.com/…`, and http(s) URLs whose path ends
 * in `.git`. Undefined: it is something else.
 */
export function parseGitContext(context: string): GitContext | BadGitContext | undefined {
  if (context.startsWith("./") || context.startsWith("../")) return undefined;
  const [rest, fragment] = cut(context, "#");
  const [base, query] = cut(rest, "?");
  const url = repositoryOf(base);
  return url === undefined ? undefined : withQuery(url, fragment, new URLSearchParams(query));
}

/** What BuildKit 0.34 knows, in the order of its documentation. */
export const GIT_QUERY_KEYS = [
  "ref",
  "tag",
  "branch",
  "subdir",
  "checksum",
  "commit",
  "keep-git-dir",
  "submodules",
  "mtime",
  "fetch-by-commit",
] as const;

function repositoryOf(base: string): string | undefined {
  if (base.startsWith("github.com/")) return `https://${base}`;
  const remote = parseGitURL(base);
  if (!remote.ok) return undefined;
  const { scheme, path } = remote.value;
  return (scheme !== "http" && scheme !== "https") || path.endsWith(".git") ? base : undefined;
}

function withQuery(url: string, fragment: string, query: URLSearchParams): GitContext | BadGitContext {
  const bad = (problem: string): BadGitContext => ({ kind: "bad", problem });
  const given = new Map<string, string>();
  for (const [key, value] of query) {
    if (!GIT_QUERY_KEYS.some((known) => known === key)) return bad(`unknown key ${JSON.stringify(key)}`);
    if (given.has(key)) return bad(`${key} stands twice`);
    if (value === "" && !flags.has(key)) return bad(`${key} has no value`);
    given.set(key, value);
  }
  const [fragmentRef, fragmentDir] = cut(unescape(fragment), ":");
  const refs = [
    fragmentRef,
    given.get("ref") ?? "",
    prefixed("refs/tags/", given.get("tag")),
    prefixed("refs/heads/", given.get("branch")),
  ].filter((value) => value !== "");
  const dirs = [cleanDir(fragmentDir), given.get("subdir") ?? ""].filter((value) => value !== "");
  const sums = [given.get("checksum"), given.get("commit")].filter((value) => value !== undefined);
  for (const [what, values] of [
    ["ref", refs],
    ["subdir", dirs],
    ["commit", sums],
  ] as const) {
    if (new Set(values).size > 1) return bad(`several values for ${what}: ${values.join(", ")}`);
  }
  const mtime = given.get("mtime");
  if (mtime !== undefined && mtime !== "checkout" && mtime !== "commit") {
    return bad(`mtime is checkout or commit, not ${mtime}`);
  }
  const [keepGitDir, submodules, fetchByCommit] = ["keep-git-dir", "submodules", "fetch-by-commit"].map(
    (key) => {
      const value = given.get(key);
      return value === undefined
        ? undefined
        : (parseBool(value) ?? bad(`${key} is true or false, not ${value}`));
    },
  );
  for (const flag of [keepGitDir, submodules, fetchByCommit]) if (typeof flag === "object") return flag;
  return {
    kind: "git",
    url,
    ref: refs[0] ?? "",
    subdir: dirs[0] ?? "",
    checksum: sums[0] ?? "",
    keepGitDir: keepGitDir === undefined ? undefined : keepGitDir === true,
    submodules: submodules !== false,
    mtime,
    fetchByCommit: fetchByCommit === true,
  };
}

/** Keys that say true by being there. */
const flags: ReadonlySet<string> = new Set(["keep-git-dir", "submodules", "fetch-by-commit"]);

/** Go's strconv.ParseBool, and true for no value at all; undefined: neither. */
export function parseBool(value: string): boolean | undefined {
  if (["", "1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  return ["0", "f", "F", "false", "FALSE", "False"].includes(value) ? false : undefined;
}

function prefixed(prefix: string, name: string | undefined): string {
  return name === undefined || name.startsWith(prefix) ? (name ?? "") : `${prefix}${name}`;
}

function cut(text: string, separator: string): readonly [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function unescape(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** Go's path.Join("/", dir) without its first slash. */
function cleanDir(dir: string): string {
  const parts: string[] = [];
  for (const part of dir.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
