// A step of a build, as plain data. Everything that decides a step's cache key stands in it: the graph room turns steps
// into LLB and decides nothing. A list of steps that was printed as JSON and read again gives the same bytes.
import type { Owner, Platform } from "../description/index.ts";
import type { Place } from "./types.ts";

/** Something that a build runs or lays together. */
export type Step = ImageStep | UrlStep | ContextStep | FilesStep | RunStep | MergeStep | DiffStep;

interface AnyStep {
  /** Unique within a plan, and the same for the same purpose in every plan: `std linux/amd64`. */
  readonly id: string;
  /** The line under which clients show it. */
  readonly title: string;
}

/**
 * A tree of files: what a step yields. Of a step that runs something: what is in one of its mounts afterwards, or in its
 * root filesystem, where it may write there.
 */
export interface Tree {
  readonly step: string;
  /** Path of a mount with `access: "keep"`. */
  readonly output?: string | undefined;
}

/** An image from a registry. */
export interface ImageStep extends AnyStep {
  readonly kind: "image";
  readonly use: "toolchain" | "base" | "step" | "profile" | "shell";
  readonly reference: string;
  readonly platform: Platform;
  /** Where it is looked up: the docker driver's builders ask for local images first. */
  readonly lookup: "default" | "pull" | "local";
  /** Set where the client puts something else in its place (`--build-context NAME=…`). */
  readonly replaced?: boolean | undefined;
}

/** A file that the builder fetches, by the name `file`. */
export interface UrlStep extends AnyStep {
  readonly kind: "url";
  readonly url: string;
  /** `sha256:` and hexadecimal digits: what it holds, or the build fails. */
  readonly checksum: string;
  /** Where its reason stands: a failure is shown with these lines. */
  readonly at: Place;
}

/** Files of the build context, or of a directory that the client hands in beside it. */
export interface ContextStep extends AnyStep {
  readonly kind: "context";
  /** The name of such a directory, and where it stands in the tree; absent: the build context. */
  readonly named?: { readonly name: string; readonly at: string } | undefined;
  /** What they are for; also the name under which a client's transfers are compared. */
  readonly role: string;
  /** Exact files, or directories that are taken whole; relative to the context's root, which is ".". */
  readonly paths: readonly string[];
  /** Patterns of an ignore file, of what is left out. */
  readonly exclude: readonly string[];
}

/** Files that are made or copied, without running anything. */
export interface FilesStep extends AnyStep {
  readonly kind: "files";
  /** The tree that is changed; absent: an empty one. */
  readonly on?: Tree | undefined;
  readonly actions: readonly FileAction[];
  /** Where its reason stands, if it may fail: for what may not be there. */
  readonly at?: Place | undefined;
  /** False keeps the result out of cache exports. */
  readonly exported?: false | undefined;
}

export type FileAction = MkdirAction | MkfileAction | LinkAction | CopyAction;

/** A directory of mode 0755 with those above it, with the epoch as its time. */
export interface MkdirAction {
  readonly kind: "mkdir";
  readonly path: string;
}

/** A file of mode 0644, with the epoch as its time. */
export interface MkfileAction {
  readonly kind: "mkfile";
  readonly path: string;
  readonly text: string;
}

/** A symbolic link of root's, with the epoch as its time. */
export interface LinkAction {
  readonly kind: "link";
  readonly path: string;
  /** What stands in it. */
  readonly target: string;
}

export interface CopyAction {
  readonly kind: "copy";
  readonly from: Tree;
  readonly source: string;
  readonly dest: string;
  /** Set: the source is a directory, of which the contents are copied. */
  readonly contents?: true | undefined;
  /** Set: directories above the destination are made. */
  readonly parents?: true | undefined;
  /** Patterns of BuildKit (moby/patternmatcher): what is copied, all where absent; and what of that is left out. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** One time for whatever is copied, the epoch or so many seconds after it; or the source's times. */
  readonly times: "epoch" | "source" | number;
  /** Set: a directory takes the place of a file or a link. */
  readonly replace?: true | undefined;
  /** Permissions of whatever is copied, links excepted, in octal digits: `0755`; absent: the source's. */
  readonly mode?: string | undefined;
  /** Who has whatever is copied; names are looked up in the tree that is changed. Absent: who has the source. */
  readonly owner?: Owner | undefined;
}

/** Trees laid on each other, later ones on top, without a copy. */
export interface MergeStep extends AnyStep {
  readonly kind: "merge";
  /** Two or more. */
  readonly trees: readonly Tree[];
  /** False keeps the result out of cache exports. */
  readonly exported?: false | undefined;
}

/** What one tree has and another one has not: the changes between them, as a layer. */
export interface DiffStep extends AnyStep {
  readonly kind: "diff";
  readonly lower: Tree;
  readonly upper: Tree;
}

/** A process. Its root filesystem is read-only, so what it leaves stands in mounts; unless it says otherwise. */
export interface RunStep extends AnyStep {
  readonly kind: "run";
  /** Where its reason stands: a failure is shown with these lines. */
  readonly at: Place;
  /** Root filesystem. */
  readonly on: Tree;
  /** Of the machine that it runs on. */
  readonly platform: Platform;
  readonly argv: readonly string[];
  /** `NAME=value`, complete and in this order. */
  readonly env: readonly string[];
  readonly dir: string;
  readonly mounts: readonly Mount[];
  readonly network: "none" | "sandbox" | "host";
  /** Lines for /etc/hosts. */
  readonly hosts?: readonly { readonly host: string; readonly ip: string }[] | undefined;
  /** Proxies for the process, which are in no key. */
  readonly proxy?: ProxySettings | undefined;
  /** Set: its root filesystem is an output, too. */
  readonly rootfs?: "writable" | undefined;
  /** Set: it runs again whatever the cache holds. */
  readonly uncached?: true | undefined;
}

export interface ProxySettings {
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  readonly ftpProxy?: string | undefined;
  readonly noProxy?: string | undefined;
  readonly allProxy?: string | undefined;
}

export type Mount = TreeMount | CacheMount | MemoryMount | SecretMount | AgentMount;

export interface TreeMount {
  readonly kind: "tree";
  readonly at: string;
  /** Absent: empty. */
  readonly tree?: Tree | undefined;
  /** Read-only; or writable, and what is written is thrown away; or writable, and kept as an output. */
  readonly access: "read" | "discard" | "keep";
  readonly key?: MountKey | undefined;
}

/**
 * What of a mounted tree is in the step's key: how it was made, or what its files hold. Absent: BuildKit's default,
 * content where the mount is read-only and both where it is not (moby/buildkit:solver/llbsolver/ops/exec.go,
 * getMountDeps).
 */
export type MountKey = "definition" | "content";

/** A folder of the builder that outlives the build. Neither its id nor its content is in the key. */
export interface CacheMount {
  readonly kind: "cache";
  readonly at: string;
  readonly id: string;
  readonly sharing: "shared" | "locked";
  /** What it holds where it is new; absent: nothing. */
  readonly tree?: Tree | undefined;
  readonly key?: MountKey | undefined;
}

/** A folder in memory. */
export interface MemoryMount {
  readonly kind: "memory";
  readonly at: string;
}

/** A secret of the client as a file. Its id is in the key, what it holds is not. */
export interface SecretMount {
  readonly kind: "secret";
  readonly at: string;
  readonly id: string;
  readonly optional?: true | undefined;
}

/** The socket of an ssh agent of the client. */
export interface AgentMount {
  readonly kind: "agent";
  readonly at: string;
  readonly id: string;
}

/** A file that places of steps are in, for the excerpts that clients print. */
export interface SourceFile {
  readonly filename: string;
  /** As GitHub's linguist calls it; empty: none. */
  readonly language: "YAML" | "";
  readonly text: string;
}
