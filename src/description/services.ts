import { formatPlatform, type Platform } from "../oci/index.ts";
import type { Path, Range } from "./position.ts";
import type { LocatedDescription } from "./located.ts";
import type { BuildDescription, ImageDescription, ServiceEntry } from "./schema.ts";

/** A text with `${name}` in it, for {@link expand}. Maps of them have no prototype. */
export type Template = string;

/** One service with what is shared put in, and every default that needs no look at the source tree. */
export interface ServiceDescription {
  /** Its key under `services:`, which is its build target; absent when the file has no `services:`. */
  readonly key?: string | undefined;
  /** `name:` or the key; absent: to be taken from the module path. */
  readonly name?: string | undefined;
  /** Module directory in the context, cleaned: `.` or `services/orders`. */
  readonly module: string;
  /** What is compiled, in the order of the file; at least one. */
  readonly binaries: readonly BinaryDescription[];
  /** Normalized and without repetition; absent: what the client or the builder says. */
  readonly platforms?: readonly Platform[] | undefined;
  readonly build: Filled<BuildDescription>;
  /** `user` absent: the default of the base; `entrypoint` absent: the service's binary; `workdir` absent: the base's. */
  readonly image: Filled<Omit<ImageDescription, BaseDecides>> & Pick<ImageDescription, BaseDecides>;
  /** The path in the file of an effective value: the service's own, else the shared one. `path` is as for a file with one service. */
  readonly pathOf: (path: Path) => Path;
  /** Where an effective value stands; for defaults the nearest parent, at last the service's key or line 1. */
  readonly rangeOf: (path: Path) => Range;
  readonly keyRangeOf: (path: Path) => Range;
}

/** A main package of a service. */
export interface BinaryDescription {
  /** Of the executable; absent: the service's. */
  readonly name?: string | undefined;
  /** Module directory in the context, cleaned. */
  readonly module: string;
  /** Main package relative to the module, cleaned; absent: the only main package. */
  readonly main?: string | undefined;
  /** Where the description chooses them, for {@link ServiceDescription.rangeOf}. */
  readonly at: Path;
  readonly moduleAt: Path;
}

type Filled<T> = { readonly [Key in keyof T]-?: NonNullable<T[Key]> };

/** Keys of the image whose default is not known without its base. */
type BaseDecides = "user" | "entrypoint" | "workdir";

/** The services of a description in the order of the file; at least one. */
export function servicesOf(located: LocatedDescription): readonly ServiceDescription[] {
  const { services } = located.description;
  if (services === undefined) return [serviceOf(located, undefined, {})];
  return Object.entries(services).map(([key, entry]) => serviceOf(located, key, entry));
}

function serviceOf(
  located: LocatedDescription,
  key: string | undefined,
  own: ServiceEntry,
): ServiceDescription {
  const shared = located.description;
  const build: BuildDescription = { ...shared.build, ...own.build };
  const image: ImageDescription = { ...shared.image, ...own.image };
  const platforms = own.platforms ?? shared.platforms;
  const module = own.module ?? shared.module ?? ".";
  const prefix: Path = key === undefined ? [] : ["services", key];

  const pathOf = (path: Path): Path => {
    const inService = [...prefix, ...path];
    if (key === undefined || located.has(inService)) return inService;
    if (located.has(path)) return path;
    // Neither is written: the one whose nearest parent is nearer to the value.
    const depth = (from: Path): number =>
      path.findLastIndex((_, at) => located.has([...from, ...path.slice(0, at + 1)]));
    return depth([]) > depth(prefix) ? path : inService;
  };

  return {
    key,
    name: key ?? shared.name,
    module,
    binaries: [{ module, main: own.main ?? shared.main, at: ["main"], moduleAt: ["module"] }],
    platforms: platforms === undefined ? undefined : unique(platforms, formatPlatform),
    build: {
      tags: build.tags ?? [],
      vars: merged(shared.build?.vars, own.build?.vars),
      strip: build.strip ?? true,
      pgo: build.pgo ?? { kind: "auto" },
      vcs: build.vcs ?? "auto",
      dirty: build.dirty ?? "mark",
    },
    image: {
      base: image.base ?? { kind: "static" },
      user: image.user,
      ports: unique(image.ports ?? [], String),
      env: merged(shared.image?.env, own.image?.env),
      entrypoint: image.entrypoint,
      args: image.args ?? [],
      labels: merged(shared.image?.labels, own.image?.labels),
      workdir: image.workdir,
    },
    pathOf,
    rangeOf: (path) => located.rangeOf(pathOf(path)),
    keyRangeOf: (path) => located.keyRangeOf(pathOf(path)),
  };
}

function merged(
  shared: Readonly<Record<string, string>> = {},
  own: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return Object.freeze(Object.assign(Object.create(null) as Record<string, string>, shared, own));
}

/** One of all that have the same name, where the first of them stood. */
function unique<T>(values: readonly T[], nameOf: (value: T) => string): readonly T[] {
  return [...new Map(values.map((value) => [nameOf(value), value])).values()];
}
