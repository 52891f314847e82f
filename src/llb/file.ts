// File actions: what State.file does to a tree (moby/buildkit:client/llb/fileop.go).
import type { Draft } from "./draft.ts";
import type { State } from "./state.ts";

/** Unix nanoseconds; a Date for whole milliseconds. */
export type Timestamp = bigint | Date;

/** A user or group, by id or by a name looked up in the base state's /etc/passwd or /etc/group. */
export interface UserOpt {
  readonly uid?: number | undefined;
  readonly name?: string | undefined;
}

export interface ChownOpt {
  readonly user?: UserOpt | undefined;
  readonly group?: UserOpt | undefined;
}

export interface MkdirInfo {
  readonly makeParents?: boolean | undefined;
  readonly chownOpt?: ChownOpt | undefined;
  readonly createdTime?: Timestamp | undefined;
}

export interface MkfileInfo {
  readonly chownOpt?: ChownOpt | undefined;
  readonly createdTime?: Timestamp | undefined;
}

export type SymlinkInfo = MkfileInfo;

export interface RmInfo {
  readonly allowNotFound?: boolean | undefined;
  readonly allowWildcard?: boolean | undefined;
}

/** Permissions of copied files: a number, or text such as `u=rwX,go=rX` (which BuildKit does not announce as a capability). */
export interface ChmodOpt {
  readonly mode?: number | undefined;
  readonly modeStr?: string | undefined;
}

export interface CopyInfo {
  readonly mode?: ChmodOpt | undefined;
  readonly followSymlinks?: boolean | undefined;
  /** Copies what is in a directory instead of the directory. */
  readonly copyDirContentsOnly?: boolean | undefined;
  readonly includePatterns?: readonly string[] | undefined;
  readonly excludePatterns?: readonly string[] | undefined;
  readonly requiredPaths?: readonly string[] | undefined;
  /** Unpacks archives, as ADD of a Dockerfile does. */
  readonly attemptUnpack?: boolean | undefined;
  readonly createDestPath?: boolean | undefined;
  readonly allowWildcard?: boolean | undefined;
  readonly allowEmptyWildcard?: boolean | undefined;
  readonly chownOpt?: ChownOpt | undefined;
  readonly createdTime?: Timestamp | undefined;
  readonly alwaysReplaceExistingDestPaths?: boolean | undefined;
}

/** An option is a function that changes the info, or an info that replaces all set before it. */
type ActionOption<T> = ((info: Draft<T>) => void) | T;

export type MkdirOption = ActionOption<MkdirInfo>;
export type MkfileOption = ActionOption<MkfileInfo>;
export type SymlinkOption = ActionOption<SymlinkInfo>;
export type RmOption = ActionOption<RmInfo>;
export type CopyOption = ActionOption<CopyInfo>;

/** An option for the owner or the time: fits every action that makes something. */
export type OwnerOption = (info: { chownOpt?: ChownOpt | undefined }) => void;
export type TimeOption = (info: { createdTime?: Timestamp | undefined }) => void;

/** What an action does, without the state it works on. */
export type SubAction =
  | { readonly kind: "mkdir"; readonly path: string; readonly mode: number; readonly info: MkdirInfo }
  | {
      readonly kind: "mkfile";
      readonly path: string;
      readonly mode: number;
      readonly data: Uint8Array;
      readonly info: MkfileInfo;
    }
  | {
      readonly kind: "symlink";
      readonly oldpath: string;
      readonly newpath: string;
      readonly info: SymlinkInfo;
    }
  | { readonly kind: "rm"; readonly path: string; readonly info: RmInfo }
  | {
      readonly kind: "copy";
      readonly input: CopyInput;
      readonly src: string;
      readonly dest: string;
      readonly info: CopyInfo;
    };

/** Where copy takes files from: a state, or what an action of the same op leaves (FileAction.withState). */
export type CopyInput = State | ActionWithState;

export interface ActionWithState {
  readonly action: FileAction;
}

/** One action, or a chain of them; State.file makes one op of the chain. */
export class FileAction {
  readonly action: SubAction;
  readonly previous: FileAction | undefined;
  /** The state the action works on, known once it is bound. */
  readonly state: State | undefined;

  /** For this library; mkdir(), mkfile(), symlink(), rm() and copy() make these. */
  constructor(action: SubAction, previous?: FileAction, state?: State) {
    this.action = action;
    this.previous = previous;
    this.state = state;
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
  withState(state: State): ActionWithState {
    return { action: bindAction(this, state) };
  }
}

/** The same chain, with the state it works on. */
export function bindAction(action: FileAction, state: State): FileAction {
  const chain: SubAction[] = [];
  for (let link: FileAction | undefined = action; link !== undefined; link = link.previous) {
    chain.push(link.action);
  }
  let bound: FileAction | undefined;
  for (const link of chain.toReversed()) bound = new FileAction(link, bound, state);
  return bound ?? action;
}

function applyOptions<T extends object>(options: readonly ActionOption<T>[]): T {
  let info: Draft<T> = {} as T;
  for (const option of options) {
    if (typeof option === "function") option(info);
    else info = { ...option };
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
export const copy = (
  input: CopyInput,
  src: string,
  dest: string,
  ...options: readonly CopyOption[]
): FileAction => new FileAction({ kind: "copy", input, src, dest, info: applyOptions<CopyInfo>(options) });

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
