import type { Bench } from "./bench.ts";

/** What a build is run on: how its files are made, and how they are changed. */
export type Subject = Readonly<{
  name: string;
  /** For the report. */
  description: string;
  /** The module's path: what starts with it is first party. */
  module: string;
  /** The main package, relative to the module's root. */
  main: string;
  /** The target of our description, when it holds several services. */
  target?: string;
  /** Writes the files into an empty folder. */
  write: (folder: string) => Promise<void>;
  /** Changes, by name; `salt` makes the change unlike every other. */
  edits: Readonly<Partial<Record<EditName, (folder: string, salt: string) => void>>>;
  /** Whether the go command has modules to download. */
  modules: boolean;
}>;

export type EditName =
  | "main"
  | "leaf"
  | "shared"
  | "bump-leaf"
  | "bump-root"
  | "import"
  | "readme"
  | "test"
  | "pgo";

/** One vertex of a build, as the daemon told its client. */
export type VertexTime = Readonly<{ name: string; seconds: number; cached: boolean }>;

/** Packages compiled, as `go build -v` names them. */
export type Compiled = Readonly<{ firstParty: number; thirdParty: number; std: number }>;

/** What is measured of one build. */
export type Measurement = Readonly<{
  seconds: number;
  /** Of the daemon and its steps, where there is one. */
  cpuSeconds?: number;
  vertices: readonly VertexTime[];
  compiled: Compiled;
  /** Bytes sent from the client's folders. */
  contextBytes: number;
  /** Bytes between the daemon (or ko) and the registry. */
  pulledBytes: number;
  pushedBytes: number;
  /** Bytes of the module proxy. */
  moduleBytes: number;
  /** Of the exported cache: all its blobs. */
  exportedBytes?: number;
  /** The same once more after one file has changed. */
  againSeconds?: number;
  againContextBytes?: number;
}>;

export type DesignName =
  | "D0"
  | "D1"
  | "D1 external"
  | "D1 alpine"
  | "D2"
  | "D3"
  | "ours"
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
export type Cell = Readonly<{
  variant: string;
  subject: string;
  design: string;
  /** At most this many rounds, for cells that take long and vary little. */
  rounds?: number;
  run: (round: number) => Promise<Measurement>;
}>;

export type Scenario = Readonly<{
  id: string;
  title: string;
  run: (bench: Bench) => Promise<void>;
}>;
