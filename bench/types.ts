import type { Bench } from "./bench.ts";

/** What a build is run on: how its files are made, and how they are changed. */
export interface Subject {
  readonly name: string;
  /** For the report. */
  readonly description: string;
  /** The module's path: what starts with it is first party. */
  readonly module: string;
  /** The main package, relative to the module's root. */
  readonly main: string;
  /** The target of our description, when it holds several services. */
  readonly target?: string;
  /** Writes the files into an empty folder. */
  readonly write: (folder: string) => Promise<void>;
  /** Changes, by name; `salt` makes the change unlike every other. */
  readonly edits: Readonly<Partial<Record<EditName, (folder: string, salt: string) => void>>>;
  /** Whether the go command has modules to download. */
  readonly modules: boolean;
}

export type EditName =
  | "main"
  | "header"
  | "leaf"
  | "shared"
  | "bump-leaf"
  | "bump-root"
  | "import"
  | "readme"
  | "test"
  | "pgo";

/** One vertex of a build, as the daemon told its client. */
export interface VertexTime {
  readonly name: string;
  readonly seconds: number;
  readonly cached: boolean;
}

/** Packages compiled, as `go build -v` names them. */
export interface Compiled {
  readonly firstParty: number;
  readonly thirdParty: number;
  readonly std: number;
}

/** What is measured of one build. */
export interface Measurement {
  readonly seconds: number;
  /** Of the daemon and its steps, where there is one. */
  readonly cpuSeconds?: number;
  readonly vertices: readonly VertexTime[];
  readonly compiled: Compiled;
  /** Bytes sent from the client's folders. */
  readonly contextBytes: number;
  /** Bytes between the daemon (or ko) and the registry. */
  readonly pulledBytes: number;
  readonly pushedBytes: number;
  /** Bytes of the module proxy. */
  readonly moduleBytes: number;
  /** Of the exported cache: all its blobs. */
  readonly exportedBytes?: number;
  /** The same once more after one file has changed. */
  readonly againSeconds?: number;
  readonly againContextBytes?: number;
}

export type DesignName =
  | "D0"
  | "D1"
  | "D1 external"
  | "D1 alpine"
  | "D2"
  | "D3"
  | "xx"
  | "ours"
  | "ours before"
  | "ko"
  | "ko cold"
  | "go build"
  | "go build cold";

/** One measured build with where it belongs; `error` when it failed. */
export type Sample = Readonly<{
  scenario: string;
  /** The case within the scenario: `with export`, `main`. */
  variant: string;
  subject: string;
  design: string;
  round: number;
  /** One-minute load average just before. */
  load: number;
}> &
  ((Readonly<{ ok: true }> & Measurement) | Readonly<{ ok: false; error: string }>);

/** One cell of a scenario: what is done in each round, in random order among its neighbours. */
export interface Cell {
  readonly variant: string;
  readonly subject: string;
  readonly design: string;
  /** At most this many rounds, for cells that take long and vary little. */
  readonly rounds?: number;
  readonly run: (round: number) => Promise<Measurement>;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly run: (bench: Bench) => Promise<void>;
}
