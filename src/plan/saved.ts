import type { Listing } from "./listing.ts";
import type { Contents } from "./stages.ts";
import type { Build } from "./steps/index.ts";

/** A build as `go-frontend plan` writes it, with the digests of the files that it reads. */
export interface SavedPlan {
  readonly build: Pick<Build, "steps" | "results" | "sources">;
  readonly contents: Contents;
}

/** Reads a plan that was written as JSON; undefined where it is something else: the file may come from anywhere. */
export function savedPlan(json: unknown): SavedPlan | undefined {
  if (!isPlan(json)) return undefined;
  const { contents = {}, ...build } = json as SavedPlan["build"] & { readonly contents?: Contents };
  return { build, contents };
}

/** What the listing step gave; undefined where it is something else: the step runs a toolchain that anyone may have made. */
export function readListing(json: unknown): Listing | undefined {
  return isListing(json) ? (json as Listing) : undefined;
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number";

function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function list(item: Check): Check {
  return (value) => Array.isArray(value) && value.every(item);
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record(item: Check): Check {
  return (value) => isFields(value) && Object.values(value).every(item);
}

function fields(checks: Readonly<Record<string, Check>>): Check {
  const all = Object.entries(checks);
  return (value) => isFields(value) && all.every(([key, check]) => check(value[key]));
}

const truth: Check = (value) => typeof value === "boolean";

/** What one of several kinds holds, by its `kind`. */
function oneOf(kinds: Readonly<Record<string, Check>>): Check {
  return (value) => {
    const kind = isFields(value) ? value["kind"] : undefined;
    return typeof kind === "string" && Object.hasOwn(kinds, kind) && kinds[kind]?.(value) === true;
  };
}

function word(...words: readonly string[]): Check {
  return (value) => typeof value === "string" && words.includes(value);
}

/** `NAME=value`. */
const variable: Check = (value) => typeof value === "string" && /^[^=]+=/.test(value);

/** A path that begins at the root, as paths of a step do. */
const path: Check = (value) => typeof value === "string" && value.startsWith("/");

const tree = fields({ step: text, output: optional(text) });
const platform = fields({ os: text, architecture: text, variant: optional(text) });
const position = fields({ line: number, column: number });
const place = fields({ file: text, range: fields({ start: position, end: position }) });

const action = oneOf({
  mkdir: fields({ path }),
  mkfile: fields({ path, text }),
  copy: fields({
    from: tree,
    source: text,
    dest: text,
    contents: optional(truth),
    parents: optional(truth),
    include: optional(list(text)),
    exclude: optional(list(text)),
    times: word("epoch", "source"),
    replace: optional(truth),
  }),
});

const key = optional(word("definition", "content"));

const mount = oneOf({
  tree: fields({ at: path, tree: optional(tree), access: word("read", "discard", "keep"), key }),
  cache: fields({ at: path, id: text, sharing: word("shared", "locked"), tree: optional(tree), key }),
  memory: fields({ at: path }),
  secret: fields({ at: path, id: text, optional: optional(truth) }),
  agent: fields({ at: path, id: text }),
});

const proxy = fields({
  httpProxy: optional(text),
  httpsProxy: optional(text),
  ftpProxy: optional(text),
  noProxy: optional(text),
  allProxy: optional(text),
});

const step: Check = (value) => isNamed(value) && isOfKind(value);
const isNamed = fields({ id: text, title: text });
const isOfKind = oneOf({
  image: fields({
    use: word("toolchain", "base"),
    reference: text,
    platform,
    lookup: word("default", "pull", "local"),
    replaced: optional(truth),
  }),
  context: fields({ role: text, paths: list(text), exclude: list(text) }),
  files: fields({ on: optional(tree), actions: list(action), exported: optional(truth) }),
  merge: fields({ trees: list(tree), exported: optional(truth) }),
  run: fields({
    at: place,
    on: tree,
    platform,
    argv: list(text),
    env: list(variable),
    dir: path,
    mounts: list(mount),
    network: word("none", "sandbox", "host"),
    hosts: optional(list(fields({ host: text, ip: text }))),
    proxy: optional(proxy),
    uncached: optional(truth),
  }),
});

const config: Check = (value) =>
  isFields(value) && (value["config"] === undefined || isFields(value["config"]));

const isPlan = fields({
  steps: list(step),
  results: list(fields({ id: text, platform, tree, config: optional(config) })),
  sources: list(fields({ filename: text, language: word("YAML", ""), text })),
  contents: optional(record(text)),
});

const isListing = record(
  fields({
    packages: list(fields({ path: text, module: text, version: text, imports: optional(list(text)) })),
    back: list(text),
    cgo: optional(list(fields({ path: text, file: text, line: number }))),
    kept: optional(truth),
  }),
);
