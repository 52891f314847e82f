import type { ContainerConfig, HistoryEntry, ImageConfig } from "./resolved.ts";
import { fields, type Guard, kinds, list, number, optional, record, text, truth, word } from "./guards.ts";
import type { Listing, PlatformListing } from "./listing.ts";
import type { Contents } from "./stages.ts";
import type {
  AgentMount,
  CacheMount,
  ContextStep,
  CopyAction,
  DiffStep,
  FileAction,
  FilesStep,
  ImageStep,
  LinkAction,
  MemoryMount,
  MergeStep,
  MkdirAction,
  MkfileAction,
  Mount,
  RunStep,
  SecretMount,
  SourceFile,
  Step,
  Tree,
  TreeMount,
  UrlStep,
} from "./step.ts";
import type { Build, PlatformResult } from "./steps/index.ts";
import type { Place } from "./types.ts";

/** A build as `go-frontend plan` writes it, with the digests of the files that it reads. */
export interface SavedPlan {
  readonly build: Pick<Build, "steps" | "results" | "sources">;
  readonly contents: Contents;
}

/** Reads a plan that was written as JSON; undefined where it is something else: the file may come from anywhere. */
export function savedPlan(json: unknown): SavedPlan | undefined {
  if (!isPlan(json)) return undefined;
  const { contents = {}, ...build } = json;
  return { build, contents };
}

/** What the listing step gave; undefined where it is something else: the step runs a toolchain that anyone may have made. */
export function readListing(json: unknown): Listing | undefined {
  return isListing(json) ? json : undefined;
}

/** A path that begins at the root, as paths of a step do. */
const path: Guard<string> = (value): value is string => typeof value === "string" && value.startsWith("/");

/** `NAME=value`. */
const variable: Guard<string> = (value): value is string =>
  typeof value === "string" && /^[^=]+=/.test(value);

const tree = fields<Tree>({ step: text, output: optional(text) });
const platform = fields<RunStep["platform"]>({
  os: text,
  architecture: text,
  variant: optional(text),
  osVersion: optional(text),
  osFeatures: optional(list(text)),
});
const position = fields<Place["range"]["start"]>({ line: number, column: number, offset: number });
const place = fields<Place>({
  file: text,
  range: fields<Place["range"]>({ start: position, end: position }),
});

const mode: Guard<string> = (value): value is string => typeof value === "string" && /^[0-7]{4}$/.test(value);

const namedTimes = word("epoch", "source");
const fixedTimes: Guard<CopyAction["times"]> = (value): value is CopyAction["times"] =>
  namedTimes(value) || number(value);

const action = kinds<FileAction>({
  mkdir: fields<MkdirAction>({ kind: word("mkdir"), path }),
  mkfile: fields<MkfileAction>({ kind: word("mkfile"), path, text }),
  link: fields<LinkAction>({ kind: word("link"), path, target: text }),
  copy: fields<CopyAction>({
    kind: word("copy"),
    from: tree,
    source: text,
    dest: text,
    contents: optional(word(true)),
    parents: optional(word(true)),
    include: optional(list(text)),
    exclude: optional(list(text)),
    times: fixedTimes,
    replace: optional(word(true)),
    mode: optional(mode),
    owner: optional(fields<NonNullable<CopyAction["owner"]>>({ user: text, group: optional(text) })),
  }),
});

const key = optional(word("definition", "content"));

const mount = kinds<Mount>({
  tree: fields<TreeMount>({
    kind: word("tree"),
    at: path,
    tree: optional(tree),
    access: word("read", "discard", "keep"),
    key,
  }),
  cache: fields<CacheMount>({
    kind: word("cache"),
    at: path,
    id: text,
    sharing: word("shared", "locked"),
    tree: optional(tree),
    key,
  }),
  memory: fields<MemoryMount>({ kind: word("memory"), at: path }),
  secret: fields<SecretMount>({ kind: word("secret"), at: path, id: text, optional: optional(word(true)) }),
  agent: fields<AgentMount>({ kind: word("agent"), at: path, id: text }),
});

const proxy = fields<NonNullable<RunStep["proxy"]>>({
  httpProxy: optional(text),
  httpsProxy: optional(text),
  ftpProxy: optional(text),
  noProxy: optional(text),
  allProxy: optional(text),
});

const step = kinds<Step>({
  image: fields<ImageStep>({
    kind: word("image"),
    id: text,
    title: text,
    use: word("toolchain", "base", "step", "profile", "shell"),
    reference: text,
    platform,
    lookup: word("default", "pull", "local"),
    replaced: optional(truth),
  }),
  url: fields<UrlStep>({ kind: word("url"), id: text, title: text, url: text, checksum: text, at: place }),
  context: fields<ContextStep>({
    kind: word("context"),
    named: optional(fields<NonNullable<ContextStep["named"]>>({ name: text, at: text })),
    id: text,
    title: text,
    role: text,
    paths: list(text),
    exclude: list(text),
  }),
  files: fields<FilesStep>({
    kind: word("files"),
    id: text,
    title: text,
    on: optional(tree),
    actions: list(action),
    at: optional(place),
    exported: optional(word(false)),
  }),
  merge: fields<MergeStep>({
    kind: word("merge"),
    id: text,
    title: text,
    trees: list(tree),
    exported: optional(word(false)),
  }),
  diff: fields<DiffStep>({ kind: word("diff"), id: text, title: text, lower: tree, upper: tree }),
  run: fields<RunStep>({
    kind: word("run"),
    id: text,
    title: text,
    at: place,
    on: tree,
    platform,
    argv: list(text),
    env: list(variable),
    dir: path,
    mounts: list(mount),
    network: word("none", "sandbox", "host"),
    hosts: optional(list(fields<{ readonly host: string; readonly ip: string }>({ host: text, ip: text }))),
    proxy: optional(proxy),
    rootfs: optional(word("writable")),
    uncached: optional(word(true)),
  }),
});

const object: Guard<object> = (value) => typeof value === "object" && value !== null;

const config = fields<ImageConfig>({
  created: optional(text),
  architecture: optional(text),
  os: optional(text),
  "os.version": optional(text),
  "os.features": optional(list(text)),
  variant: optional(text),
  author: optional(text),
  config: optional(
    fields<ContainerConfig>({
      User: optional(text),
      ExposedPorts: optional(record(object)),
      Env: optional(list(text)),
      Entrypoint: optional(list(text)),
      Cmd: optional(list(text)),
      Volumes: optional(record(object)),
      WorkingDir: optional(text),
      Labels: optional(record(text)),
      StopSignal: optional(text),
    }),
  ),
  history: optional(
    list(
      fields<HistoryEntry>({
        created: optional(text),
        created_by: optional(text),
        author: optional(text),
        comment: optional(text),
        empty_layer: optional(truth),
      }),
    ),
  ),
});

const isPlan = fields<SavedPlan["build"] & { readonly contents?: Contents | undefined }>({
  steps: list(step),
  results: list(
    fields<PlatformResult>({
      id: text,
      platform,
      tree,
      config: optional(config),
      baseConfig: optional(config),
    }),
  ),
  sources: list(fields<SourceFile>({ filename: text, language: word("YAML", ""), text })),
  contents: optional(record(text)),
});

const isListing = record(
  fields<PlatformListing>({
    packages: list(
      fields<PlatformListing["packages"][number]>({
        path: text,
        module: text,
        version: text,
        imports: optional(list(text)),
      }),
    ),
    back: list(text),
    cgo: optional(
      list(
        fields<{ readonly path: string; readonly file: string; readonly line: number }>({
          path: text,
          file: text,
          line: number,
        }),
      ),
    ),
    kept: optional(truth),
  }),
);
