// Directories of the client (moby/buildkit:client/llb/source.go, Local).
import { emptyConstraints, type HasConstraints } from "../graph/constraints.ts";
import { finishSource, patternFault, patternList, sourceDraft } from "./source.ts";
import type { State } from "./state.ts";

/** How the daemon finds out what changed since the last transfer. */
export type DiffType = "none" | "metadata";
export const diffNone = "none";
export const diffMetadata = "metadata";

/** What local options fill in. */
export interface LocalInfo extends HasConstraints {
  sessionID: string;
  includePatterns: readonly string[];
  excludePatterns: readonly string[];
  followPaths: readonly string[];
  sharedKeyHint: string;
  differ: { readonly type: DiffType; readonly required: boolean } | undefined;
  /** The files whose content is transferred all the same; undefined transfers all content. */
  metadataOnlyExceptions: readonly string[] | undefined;
}

/** An option of local. Constraint options are local options too. */
export type LocalOption = (info: LocalInfo) => void;

/** The session that has the directory. */
export const sessionID =
  (id: string): LocalOption =>
  (info) => {
    info.sessionID = id;
  };

/** Transfers only what matches, in .dockerignore syntax; an empty list takes the restriction away. */
export const includePatterns =
  (patterns: readonly string[]): LocalOption =>
  (info) => {
    info.includePatterns = patterns;
  };

/** Leaves out what matches, in .dockerignore syntax. */
export const excludePatterns =
  (patterns: readonly string[]): LocalOption =>
  (info) => {
    info.excludePatterns = patterns;
  };

/** Transfers these paths and what symbolic links there point to. */
export const followPaths =
  (paths: readonly string[]): LocalOption =>
  (info) => {
    info.followPaths = paths;
  };

/** Sources with one hint share what was transferred; different patterns need different hints. */
export const sharedKeyHint =
  (hint: string): LocalOption =>
  (info) => {
    info.sharedKeyHint = hint;
  };

/** How changed files are found; `required` refuses daemons that cannot. */
export const differ =
  (type: DiffType, required: boolean): LocalOption =>
  (info) => {
    info.differ = { type, required };
  };

/** Transfers names, sizes and times but no content, except of the files named. */
export const metadataOnlyTransfer =
  (exceptions: readonly string[] = []): LocalOption =>
  (info) => {
    info.metadataOnlyExceptions = exceptions;
  };

/**
 * A directory of the client. Needs sessionID, or localUniqueID here or at marshal: Go would take
 * a random id, and every marshal would give other digests.
 */
export function local(name: string, ...options: readonly LocalOption[]): State {
  const info: LocalInfo = {
    constraints: emptyConstraints,
    sessionID: "",
    includePatterns: [],
    excludePatterns: [],
    followPaths: [],
    sharedKeyHint: "",
    differ: undefined,
    metadataOnlyExceptions: undefined,
  };
  for (const option of options) option(info);
  const draft = sourceDraft("source.local");
  draft.set("local.session", info.sessionID, "source.local.sessionid");
  draft.set("local.includepattern", patternList(info.includePatterns), "source.local.includepatterns");
  draft.set("local.followpaths", patternList(info.followPaths), "source.local.followpaths");
  draft.set("local.excludepatterns", patternList(info.excludePatterns), "source.local.excludepatterns");
  draft.set("local.sharedkeyhint", info.sharedKeyHint, "source.local.sharedkeyhint");
  if (info.differ !== undefined) {
    draft.set("local.differ", info.differ.type, info.differ.required ? "source.local.differ" : undefined);
  }
  if (info.metadataOnlyExceptions !== undefined) {
    draft.set("local.metadatatransfer", "true", "source.local.metadatatransfer");
    draft.set("local.metadatatransferexclude", patternList(info.metadataOnlyExceptions));
  }
  const fault =
    name === ""
      ? { option: "", message: "the name of the local directory is empty" }
      : (patternFault("includePatterns", info.includePatterns) ??
        patternFault("excludePatterns", info.excludePatterns) ??
        patternFault("followPaths", info.followPaths) ??
        patternFault("metadataOnlyTransfer", info.metadataOnlyExceptions ?? []));
  return finishSource(`local://${name}`, draft, info.constraints, fault);
}
