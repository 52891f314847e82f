import type { Listing } from "./refine.ts";
import type { Contents } from "./stages.ts";
import type { Plan } from "./types.ts";

export interface SavedPlan {
  readonly plan: Plan;
  readonly contents: Contents | undefined;
}

/**
 * A plan that was written as JSON, with the digests of the files it reads; undefined where the JSON is something else.
 * What {@link stagesOf} reads of it was looked at: the file may come from anywhere.
 */
export function savedPlan(json: unknown): SavedPlan | undefined {
  if (!isPlan(json)) return undefined;
  const { contents } = json as { readonly contents?: Contents };
  return { plan: json as Plan, contents };
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

/** What a command line takes for no flag. */
const packagePath: Check = (value) => typeof value === "string" && /^[^-]/.test(value);

const file = fields({ path: text, text });

const auth: Check = (value) => {
  if (!isFields(value)) return false;
  switch (value["kind"]) {
    case "netrc":
      return text(value["secret"]);
    case "token":
      return [value["host"], value["secret"], value["user"]].every(text);
    case "ssh":
      return (
        [value["host"], value["agent"], value["user"]].every(text) &&
        number(value["port"]) &&
        list(text)(value["knownHosts"])
      );
    default:
      return false;
  }
};

const modules = fields({
  files: list(file),
  parts: optional(list(fields({ name: text, files: list(file), command: list(text) }))),
  imports: optional(
    fields({
      files: list(file),
      platforms: list(fields({ id: text, env: record(text) })),
      tags: list(text),
    }),
  ),
  proxy: optional(text),
  env: record(text),
  private: list(text),
  auth: list(auth),
});

const variant = fields({
  platform: fields({ os: text, architecture: text, variant: optional(text) }),
  profile: optional(text),
  env: record(text),
  tags: list(text),
  std: fields({ packages: list(packagePath) }),
  deps: optional(
    fields({
      dir: text,
      stub: file,
      imports: list(text),
      files: list(file),
      groups: optional(list(fields({ name: text, files: list(file), packages: list(packagePath) }))),
    }),
  ),
  vendor: optional(text),
  vendorLinks: optional(list(fields({ from: text }))),
});

const link = fields({
  variant,
  argv: list(text),
  own: optional(
    fields({
      modFiles: list(text),
      strata: list(fields({ packages: list(packagePath), files: list(text) })),
    }),
  ),
});

const image = fields({
  base: (value) =>
    isFields(value) && text(value["kind"]) && (value["kind"] !== "image" || text(value["reference"])),
  user: optional(text),
});

const isPlan = fields({
  toolchain: fields({ reference: text }),
  output: text,
  epoch: number,
  modules: optional(modules),
  listing: optional(fields({ files: list(file) })),
  service: fields({ name: text, files: list(text), links: list(link), images: list(image) }),
  contents: optional(record(text)),
});

const truth: Check = (value) => typeof value === "boolean";

const isListing = record(
  fields({
    packages: list(fields({ path: text, module: text, version: text, imports: optional(list(text)) })),
    back: list(text),
    cgo: optional(list(fields({ path: text, file: text, line: number }))),
    kept: optional(truth),
  }),
);
