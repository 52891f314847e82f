/** A module of the proxy, and where it stands in the tree that is built. */
export interface LaidModule {
  readonly path: string;
  readonly version: string;
  /** Relative to the tree; `.` is its root. */
  readonly folder: string;
}

/** A question that a running service answers. */
export type Question =
  | Readonly<{ kind: "http"; path: string; says: RegExp }>
  | Readonly<{ kind: "dns"; name: string }>;

/** How a service is started from its image, and what it is asked on its port. */
export interface Serving {
  /** In place of the image's own arguments. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files that are put into the container, as a mount would: the image does not hold them yet. */
  readonly files?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly questions: readonly [Question, ...Question[]];
}

/** A program of the image, and the arguments that make it tell its version. */
export interface VersionQuestion {
  /** Its path in the image. */
  readonly program: string;
  readonly args: readonly string[];
  readonly says: RegExp;
}

/** A thing of the official image that ours does not have. */
export interface Missing {
  readonly what: string;
  readonly why: string;
}

/** A public service, where its source comes from and what is asked of its image. */
export interface Service {
  /** The folder of its description in `examples/services`. */
  readonly name: string;
  readonly title: string;
  /** The first is the one that the row names. */
  readonly modules: readonly [LaidModule, ...LaidModule[]];
  /** Why `go mod vendor` fills the tree before it is built; most services have none. */
  readonly vendored?: string;
  /** What stands in the tree besides the modules' zips and the description, or another note on the source. */
  readonly note?: string;
  readonly versions: readonly VersionQuestion[];
  /** How it is asked, or why it is not. */
  readonly serving: Serving | string;
  readonly official: Readonly<{
    /** Its name, or that there is none. */
    image: string;
    /** The file that says what it holds. */
    source: string;
    has: readonly string[];
    lacks: readonly Missing[];
  }>;
}
