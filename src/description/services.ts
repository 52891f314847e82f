import { cleanPath } from "./path.ts";
import { formatPlatform, type Platform } from "../oci/index.ts";
import { parsePlatform } from "./platform.ts";
import type { Path, Range } from "./position.ts";
import type { LocatedDescription } from "./located.ts";
import type { BuildDescription, ImageDescription, ServiceEntry } from "./schema.ts";

/** What an image starts from. */
export type Base =
  | { readonly kind: "static" }
  | { readonly kind: "scratch" }
  | { readonly kind: "image"; readonly reference: string };

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
  /** Main package relative to `module`, cleaned; absent: the only main package. */
  readonly main?: string | undefined;
  /** Normalized and without repetition; absent: what the client or the builder says. */
  readonly platforms?: readonly Platform[] | undefined;
  readonly build: {
    readonly tags: readonly string[];
    readonly vars: Readonly<Record<string, Template>>;
    readonly strip: boolean;
    /** `auto`, `off` or a cleaned path relative to `module` (`./auto` for a file of that name). */
    readonly pgo:
      | { readonly kind: "auto" }
      | { readonly kind: "off" }
      | { readonly kind: "profile"; readonly path: string };
  };
  readonly image: {
    readonly base: Base;
    /** `65532`, `1000:1000`, `nobody`; absent: the default of the base. */
    readonly user?: string | undefined;
    /** As in OCI's ExposedPorts: `8080/tcp`. */
    readonly ports: readonly string[];
    readonly env: Readonly<Record<string, Template>>;
    /** Absent: the service's binary. */
    readonly entrypoint?: readonly string[] | undefined;
    readonly args: readonly Template[];
    readonly labels: Readonly<Record<string, Template>>;
    /** Absolute and cleaned; absent: the base's. */
    readonly workdir?: string | undefined;
  };
  /** The path in the file of an effective value: the service's own, else the shared one. `path` is as for a file with one service. */
  readonly pathOf: (path: Path) => Path;
  /** Where an effective value stands; for defaults the nearest parent, at last the service's key or line 1. */
  readonly rangeOf: (path: Path) => Range;
  readonly keyRangeOf: (path: Path) => Range;
}

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
  const name = key ?? shared.name;
  const main = own.main ?? shared.main;
  const platforms = own.platforms ?? shared.platforms;
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
    ...(key === undefined ? {} : { key }),
    ...(name === undefined ? {} : { name }),
    module: clean(own.module ?? shared.module ?? "."),
    ...(main === undefined ? {} : { main: clean(main) }),
    ...(platforms === undefined ? {} : { platforms: platformsOf(platforms) }),
    build: {
      tags: build.tags ?? [],
      vars: merged(shared.build?.vars, own.build?.vars),
      strip: build.strip ?? true,
      pgo: pgoOf(build.pgo ?? "auto"),
    },
    image: {
      base: baseOf(image.base ?? "static"),
      ...(image.user === undefined ? {} : { user: String(image.user) }),
      ports: [...new Set((image.ports ?? []).map(portOf))],
      env: merged(shared.image?.env, own.image?.env),
      ...(image.entrypoint === undefined ? {} : { entrypoint: image.entrypoint }),
      args: image.args ?? [],
      labels: merged(shared.image?.labels, own.image?.labels),
      ...(image.workdir === undefined ? {} : { workdir: cleanAbsolute(image.workdir) }),
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

function clean(path: string): string {
  const result = cleanPath(path);
  if (!result.ok) throw new Error(`path was not checked: ${result.message}`);
  return result.path;
}

function cleanAbsolute(path: string): string {
  const relative = path.split("/").filter((part) => part !== "" && part !== ".");
  return `/${relative.join("/")}`;
}

function platformsOf(texts: readonly string[]): readonly Platform[] {
  const unique = new Map<string, Platform>();
  for (const text of texts) {
    const result = parsePlatform(text);
    if (!result.ok) throw new Error(`platform was not checked: ${result.message}`);
    unique.set(formatPlatform(result.platform), result.platform);
  }
  return [...unique.values()];
}

function baseOf(base: string): Base {
  switch (base) {
    case "static":
    case "scratch":
      return { kind: base };
    default:
      return { kind: "image", reference: base };
  }
}

function pgoOf(pgo: string): ServiceDescription["build"]["pgo"] {
  return pgo === "auto" || pgo === "off" ? { kind: pgo } : { kind: "profile", path: clean(pgo) };
}

function portOf(port: string | number): string {
  const text = String(port);
  return text.includes("/") ? text : `${text}/tcp`;
}
