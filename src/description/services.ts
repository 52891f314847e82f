import { formatPlatform, type Platform } from "../oci/index.ts";
import type { Owner, Target } from "./content-values.ts";
import type { Path, Range } from "./position.ts";
import type { LocatedDescription } from "./located.ts";
import type {
  BinaryEntry,
  BuildDescription,
  CgoEntry,
  DirectoryEntry,
  FileEntry,
  ImageDescription,
  ProfileEntry,
  ServiceEntry,
  StepDescription,
} from "./schema.ts";
import type { Pgo } from "./values.ts";

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
  /** What is compiled, in the order of the file; at least one. The image starts the first. */
  readonly binaries: readonly BinaryDescription[];
  /** Normalized and without repetition; absent: what the client or the builder says. */
  readonly platforms?: readonly Platform[] | undefined;
  /** With the tags of a static binary with cgo; `cgo` absent: off. */
  readonly build: Filled<Omit<BuildDescription, "pgo" | "cgo">> & {
    readonly pgo: PgoSetting;
    readonly cgo?: CgoSettings | undefined;
  };
  /** `user` absent: the default of the base; `entrypoint` absent: the service's binary; `workdir`, `stopSignal` absent: the base's. */
  readonly image: Filled<Omit<ImageDescription, BaseDecides | "dirs" | "files">> &
    Pick<ImageDescription, BaseDecides> & {
      readonly dirs: readonly DirectoryDescription[];
      readonly files: readonly FileDescription[];
    };
  /** Programs that run before the compiler, by name, in the order of the file: the shared ones first. */
  readonly steps: ReadonlyMap<string, StepDescription>;
  /**
   * The path in the file of an effective value: the service's own, else that of a service which it extends, else the
   * shared one. `path` is as for a file with one service.
   */
  readonly pathOf: (path: Path) => Path;
  /** Where an effective value stands; for defaults the nearest parent, at last the service's key or line 1. */
  readonly rangeOf: (path: Path) => Range;
  readonly keyRangeOf: (path: Path) => Range;
}

/** Where the compiler's profile comes from. */
export type PgoSetting = Pgo | { readonly kind: "profiles"; readonly items: readonly ProfileEntry[] };

const isList = (pgo: BuildDescription["pgo"]): pgo is readonly ProfileEntry[] => Array.isArray(pgo);

/** How C is compiled and linked. */
export interface CgoSettings {
  readonly libc: "glibc" | "musl";
  readonly link: "static" | "dynamic";
  /** Debian packages, each once. */
  readonly packages: readonly string[];
}

/** A main package of a service. */
export interface BinaryDescription {
  /** Of the executable; absent: the service's. */
  readonly name?: string | undefined;
  /** Module directory in the context, cleaned. */
  readonly module: string;
  /** Main package relative to the module, cleaned; absent: the only main package. */
  readonly main?: string | undefined;
  /** Where the executable stands in the image, cleaned; absent: the default. */
  readonly path?: string | undefined;
  /** Where the description chooses them, for {@link ServiceDescription.rangeOf}. */
  readonly at: Path;
  readonly moduleAt: Path;
}

/** A directory of the image. */
export interface DirectoryDescription {
  /** Absolute and cleaned. */
  readonly path: string;
  /** Four octal digits. */
  readonly mode: string;
  /** Absent: the image's user. */
  readonly owner?: Owner | undefined;
}

/** A file of the image, or several. */
export interface FileDescription {
  /** A path or a pattern of the tree, or the text itself. */
  readonly source:
    | { readonly kind: "tree"; readonly path: string }
    | { readonly kind: "text"; readonly text: Template };
  readonly to: Target;
  /** Four octal digits; absent: by what the file is. */
  readonly mode?: string | undefined;
  /** Absent: root. */
  readonly owner?: Owner | undefined;
}

type Filled<T> = { readonly [Key in keyof T]-?: NonNullable<T[Key]> };

/** Keys of the image whose default is not known without its base. */
type BaseDecides = "user" | "entrypoint" | "workdir" | "stopSignal";

/** The services of a description in the order of the file; at least one. */
export function servicesOf(located: LocatedDescription): readonly ServiceDescription[] {
  const { services } = located.description;
  const shared: Layer = { prefix: [], entry: located.description };
  if (services === undefined) return [serviceOf(located, undefined, [shared])];
  return Object.keys(services).map((key) => serviceOf(located, key, [...ownLayers(services, key), shared]));
}

/** Some of the keys that hold for a service, and where they stand. */
interface Layer {
  /** Absent for what all services share. */
  readonly key?: string | undefined;
  readonly prefix: Path;
  readonly entry: ServiceEntry;
}

/** A service and those that it extends, nearest first; a name twice ends the chain, which is an error told elsewhere. */
function ownLayers(services: Readonly<Record<string, ServiceEntry>>, key: string): readonly Layer[] {
  const found = new Map<string, Layer>();
  for (let at: string | undefined = key; at !== undefined && !found.has(at);) {
    const entry: ServiceEntry | undefined = Object.hasOwn(services, at) ? services[at] : undefined;
    if (entry === undefined) break;
    found.set(at, { key: at, prefix: ["services", at], entry });
    at = entry.extends;
  }
  return [...found.values()];
}

/** @param layers the service's own keys first, then what it takes over, nearest first */
function serviceOf(
  located: LocatedDescription,
  key: string | undefined,
  layers: readonly Layer[],
): ServiceDescription {
  const entries = layers.map(({ entry }) => entry).toReversed();
  const build: BuildDescription = laidOver(entries.map((entry) => entry.build));
  const image: ImageDescription = laidOver(entries.map((entry) => entry.image));
  const nearest = <Key extends "module" | "platforms">(name: Key): ServiceEntry[Key] =>
    layers.find(({ entry }) => entry[name] !== undefined)?.entry[name];
  const platforms = nearest("platforms");
  const cgo = cgoOf(build.cgo ?? false);
  const module = nearest("module") ?? ".";

  const pathOf = (path: Path): Path => {
    const places = layers.map(({ prefix }) => prefix);
    const written = places.find((prefix) => located.has([...prefix, ...path]));
    if (written !== undefined) return [...written, ...path];
    // It is written nowhere: the layer whose nearest parent is nearer to the value.
    const depth = (prefix: Path): number =>
      path.findLastIndex((_, at) => located.has([...prefix, ...path.slice(0, at + 1)]));
    const best = places.reduce((chosen, prefix) => (depth(prefix) > depth(chosen) ? prefix : chosen));
    return [...best, ...path];
  };

  return {
    key,
    name: key ?? located.description.name,
    module,
    binaries: binariesOf(layers, module),
    platforms: platforms === undefined ? undefined : unique(platforms, formatPlatform),
    build: {
      tags:
        cgo?.link === "static" ? unique([...(build.tags ?? []), ...STATIC_TAGS], String) : (build.tags ?? []),
      vars: merged(entries.map((entry) => entry.build?.vars)),
      strip: build.strip ?? true,
      pgo: isList(build.pgo) ? { kind: "profiles", items: build.pgo } : (build.pgo ?? { kind: "auto" }),
      experiments: unique(build.experiments ?? [], String),
      levels: merged(entries.map((entry) => entry.build?.levels)),
      gcflags: build.gcflags ?? [],
      asmflags: build.asmflags ?? [],
      ldflags: build.ldflags ?? [],
      mode: build.mode ?? "exe",
      cover: build.cover ?? false,
      race: build.race ?? false,
      asan: build.asan ?? false,
      fips140: build.fips140 ?? "off",
      godebug: merged(entries.map((entry) => entry.build?.godebug)),
      ...(cgo === undefined ? {} : { cgo }),
      buildId: build.buildId ?? false,
      vcs: build.vcs ?? "auto",
      dirty: build.dirty ?? "mark",
    },
    image: {
      base: image.base ?? { kind: "static" },
      user: image.user,
      ports: unique(image.ports ?? [], String),
      env: merged(entries.map((entry) => entry.image?.env)),
      path: image.path ?? [],
      entrypoint: image.entrypoint,
      args: image.args ?? [],
      labels: merged(entries.map((entry) => entry.image?.labels)),
      workdir: image.workdir,
      dirs: (image.dirs ?? []).map(directoryOf),
      files: (image.files ?? []).map(fileOf),
      links: merged(entries.map((entry) => entry.image?.links)),
      volumes: image.volumes ?? [],
      stopSignal: image.stopSignal,
    },
    steps: new Map(layers.toReversed().flatMap(({ entry }) => Object.entries(entry.steps ?? {}))),
    pathOf,
    rangeOf: (path) => located.rangeOf(pathOf(path)),
    keyRangeOf: (path) => located.keyRangeOf(pathOf(path)),
  };
}

/** What net and os/user would ask of the C library: glibc loads shared libraries for it, which a static binary has not. */
const STATIC_TAGS = ["netgo", "osusergo"];

function cgoOf(entry: CgoEntry): CgoSettings | undefined {
  if (entry === false) return undefined;
  const { libc = "glibc", link = "static", packages = [] } = entry === true ? {} : entry;
  return { libc, link, packages: unique(packages, String) };
}

/** What is said nearest to the service decides: a `main`, or `binaries` with those that lie behind them. */
function binariesOf(layers: readonly Layer[], module: string): readonly BinaryDescription[] {
  const mainAt = layers.findIndex(({ entry }) => entry.main !== undefined);
  const nearer = layers.slice(0, mainAt < 0 ? layers.length : mainAt);
  const named = nearer
    .map(({ entry }) => entry.binaries)
    .filter((binaries) => binaries !== undefined)
    .toReversed();
  if (named.length === 0) {
    const main = layers[mainAt]?.entry.main;
    return [{ name: executableOf(layers), module, main, at: ["main"], moduleAt: ["module"] }];
  }
  const names = new Set(named.flatMap((binaries) => Object.keys(binaries)));
  return [...names].map((name): BinaryDescription => {
    const parts = named.flatMap((binaries) =>
      Object.hasOwn(binaries, name) ? [wholeOf(binaries[name])] : [],
    );
    const entry = laidOver(parts);
    return {
      name,
      module: entry.module ?? module,
      main: entry.main,
      path: entry.path,
      at: ["binaries", name, "main"],
      moduleAt: entry.module === undefined ? ["module"] : ["binaries", name, "module"],
    };
  });
}

/** A service that extends another has its executable, under its name, unless it has a main package of its own. */
function executableOf(layers: readonly Layer[]): string | undefined {
  const services = layers.filter(({ key }) => key !== undefined);
  return (services.find(({ entry }) => entry.main !== undefined) ?? services.at(-1))?.key;
}

function directoryOf(entry: DirectoryEntry): DirectoryDescription {
  const { path = "", mode = "0755", owner } = typeof entry === "string" ? { path: entry } : entry;
  return { path, mode, owner };
}

function fileOf({ from, text, to, mode, owner }: FileEntry): FileDescription {
  // The description's checks have seen that one of both is there, and `to`.
  const source =
    from === undefined ? { kind: "text" as const, text: text ?? "" } : { kind: "tree" as const, path: from };
  return { source, to: to ?? { path: "/", isFolder: true }, mode, owner };
}

function wholeOf(entry: BinaryEntry | undefined): Exclude<BinaryEntry, string> {
  return typeof entry === "string" ? { main: entry } : (entry ?? {});
}

/** Maps laid over each other, the last first to be asked; without a prototype, since their names are anyone's. */
function merged(
  maps: readonly (Readonly<Record<string, string>> | undefined)[],
): Readonly<Record<string, string>> {
  const all = Object.create(null) as Record<string, string>;
  for (const map of maps) Object.assign(all, map);
  return Object.freeze(all);
}

/** Keys laid over each other, the last first to be asked. */
function laidOver<T extends object>(parts: readonly (T | undefined)[]): Partial<T> {
  return parts.reduce<Partial<T>>((all, part) => ({ ...all, ...part }), {});
}

/** One of all that have the same name, where the first of them stood. */
function unique<T>(values: readonly T[], nameOf: (value: T) => string): readonly T[] {
  return [...new Map(values.map((value) => [nameOf(value), value])).values()];
}
