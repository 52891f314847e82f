// File actions: what State.file does to a tree (moby/buildkit:client/llb/fileop.go).
import type { Draft } from "../graph/draft.ts";
import type {
  ChmodOpt,
  ChownOpt,
  CopyInfo,
  MkdirInfo,
  MkfileInfo,
  RmInfo,
  SymlinkInfo,
  Timestamp,
  UserOpt,
} from "../graph/file.ts";
import type { CopySource, FileNode, Output, SubAction, Tree } from "../graph/vertex.ts";

/** An option is a function that changes the info, or an object that sets what it names. */
type ActionOption<T> = ((info: Draft<T>) => void) | T;

export type MkdirOption = ActionOption<MkdirInfo>;
export type MkfileOption = ActionOption<MkfileInfo>;
export type SymlinkOption = ActionOption<SymlinkInfo>;
export type RmOption = ActionOption<RmInfo>;
export type CopyOption = ActionOption<CopyInfo>;

/** An option for the owner or the time: fits every action that makes something. */
export type OwnerOption = (info: { chownOpt?: ChownOpt | undefined }) => void;
export type TimeOption = (info: { createdTime?: Timestamp | undefined }) => void;

/** What a file action needs of a State. */
export interface TreeState {
  readonly output: Output | undefined;
  getDir(): string;
}

const treeOf = (state: TreeState): Tree => ({ output: state.output, dir: state.getDir() });

/** Where copy takes files from: a state, or what an action of the same op leaves (FileAction.withState). */
export type CopyInput = TreeState | ActionWithState;

export interface ActionWithState {
  readonly action: FileAction;
}

/** One action, or a chain of them; State.file makes one op of the chain. */
export class FileAction implements FileNode {
  readonly action: SubAction;
  readonly previous: FileAction | undefined;
  readonly base: Tree | undefined;

  /** For this library; mkdir(), mkfile(), symlink(), rm() and copy() make these. */
  constructor(action: SubAction, previous?: FileAction, base?: Tree) {
    this.action = action;
    this.previous = previous;
    this.base = base;
  }

  mkdir(path: string, mode: number, ...options: readonly MkdirOption[]): FileAction {
    return new FileAction(mkdir(path, mode, ...options).action, this);
  }
  mkfile(
    path: string,
    mode: number,
    data: Uint8Array | string,
    ...options: readonly MkfileOption[]
  ): FileAction {
    return new FileAction(mkfile(path, mode, data, ...options).action, this);
  }
  symlink(oldpath: string, newpath: string, ...options: readonly SymlinkOption[]): FileAction {
    return new FileAction(symlink(oldpath, newpath, ...options).action, this);
  }
  rm(path: string, ...options: readonly RmOption[]): FileAction {
    return new FileAction(rm(path, ...options).action, this);
  }
  copy(input: CopyInput, src: string, dest: string, ...options: readonly CopyOption[]): FileAction {
    return new FileAction(copy(input, src, dest, ...options).action, this);
  }

  /** The result of this chain on `state`, as the source of a copy within another chain. */
  withState(state: TreeState): ActionWithState {
    return { action: bindAction(this, treeOf(state)) };
  }
}

/** The same chain, with the tree it works on. */
export function bindAction(action: FileAction, base: Tree): FileAction {
  const chain: SubAction[] = [];
  for (let link: FileAction | undefined = action; link !== undefined; link = link.previous) {
    chain.push(link.action);
  }
  let bound: FileAction | undefined;
  for (const link of chain.toReversed()) bound = new FileAction(link, bound, base);
  return bound ?? action;
}

function applyOptions<T extends object>(options: readonly ActionOption<T>[]): T {
  const info: Draft<T> = {} as T;
  for (const option of options) {
    if (typeof option === "function") option(info);
    else Object.assign(info, option);
  }
  return info;
}

// ------------------------------------------------------------------ actions

/** Makes a directory; `mode` counts only with its lowest nine bits. */
export const mkdir = (path: string, mode: number, ...options: readonly MkdirOption[]): FileAction =>
  new FileAction({ kind: "mkdir", path, mode, info: applyOptions<MkdirInfo>(options) });

/** Makes or overwrites a file; `mode` counts only with its lowest nine bits. */
export const mkfile = (
  path: string,
  mode: number,
  data: Uint8Array | string,
  ...options: readonly MkfileOption[]
): FileAction =>
  new FileAction({
    kind: "mkfile",
    path,
    mode,
    data: typeof data === "string" ? encodeText(data) : data,
    info: applyOptions<MkfileInfo>(options),
  });

/** Makes a symbolic link at `newpath` with the text `oldpath`; neither is made absolute. */
export const symlink = (oldpath: string, newpath: string, ...options: readonly SymlinkOption[]): FileAction =>
  new FileAction({ kind: "symlink", oldpath, newpath, info: applyOptions<SymlinkInfo>(options) });

/** Removes a file or a tree. */
export const rm = (path: string, ...options: readonly RmOption[]): FileAction =>
  new FileAction({ kind: "rm", path, info: applyOptions<RmInfo>(options) });

/** Copies `src` of `input` to `dest`; a trailing slash of `dest` is kept. */
export function copy(
  input: CopyInput,
  src: string,
  dest: string,
  ...options: readonly CopyOption[]
): FileAction {
  const from: CopySource =
    "action" in input ? { kind: "action", action: input.action } : { kind: "tree", tree: treeOf(input) };
  return new FileAction({ kind: "copy", from, src, dest, info: applyOptions<CopyInfo>(options) });
}

function encodeText(text: string): Uint8Array {
  // Content may be anything; a lone surrogate can only be a mistake that TextEncoder would hide.
  if (!text.isWellFormed()) {
    throw new RangeError("mkfile: the text has a lone surrogate; pass bytes for binary content");
  }
  return new TextEncoder().encode(text);
}

// ------------------------------------------------------------------ options

/** Makes missing parent directories too. */
export const withParents =
  (makeParents: boolean) =>
  (info: { makeParents?: boolean | undefined }): void => {
    info.makeParents = makeParents;
  };

/** No error when there is nothing to remove. */
export const withAllowNotFound =
  (allow: boolean) =>
  (info: { allowNotFound?: boolean | undefined }): void => {
    info.allowNotFound = allow;
  };

/** The path of rm or copy is a pattern. */
export const withAllowWildcard =
  (allow: boolean) =>
  (info: { allowWildcard?: boolean | undefined }): void => {
    info.allowWildcard = allow;
  };

/** Leaves files out of a copy; adds to patterns given before. */
export const withExcludePatterns =
  (patterns: readonly string[]) =>
  (info: { excludePatterns?: readonly string[] | undefined }): void => {
    info.excludePatterns = [...(info.excludePatterns ?? []), ...patterns];
  };

/** Permissions of what is copied. */
export const chmodOpt =
  (mode: ChmodOpt) =>
  (info: { mode?: ChmodOpt | undefined }): void => {
    info.mode = mode;
  };

/** Owner as ids or names. */
export const chownOpt =
  (owner: ChownOpt): OwnerOption =>
  (info) => {
    info.chownOpt = owner;
  };

/** Owner as `user[:group]`; numbers are ids, `root` is 0, anything else a name. */
export function withUser(owner: string): OwnerOption {
  const colon = owner.indexOf(":");
  const parse = (text: string): UserOpt =>
    text === "root"
      ? { uid: 0 }
      : /^[+-]?\d+$/.test(text) && isInt32(Number(text))
        ? { uid: Number(text) }
        : { name: text };
  return chownOpt(
    colon < 0
      ? { user: parse(owner) }
      : { user: parse(owner.slice(0, colon)), group: parse(owner.slice(colon + 1)) },
  );
}

const isInt32 = (value: number): boolean => value >= -(2 ** 31) && value < 2 ** 31;

/** Owner as ids. */
export const withUIDGID = (uid: number, gid: number): OwnerOption =>
  chownOpt({ user: { uid }, group: { uid: gid } });

/** The modification time; without it copies keep theirs, and new files get the time of the build. */
export const withCreatedTime =
  (time: Timestamp): TimeOption =>
  (info) => {
    info.createdTime = time;
  };
