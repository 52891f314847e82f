// The options of file actions (moby/buildkit:client/llb/fileop.go).

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
