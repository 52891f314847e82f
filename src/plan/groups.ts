// Cuts the packages of other modules into groups that are compiled one upon the other, so that a new
// version of one module compiles its group and those above it, and nothing else.
//
// A chain, not a graph of merged caches: for every build, cached or not, BuildKit walks all ways down
// through merged results to write its history record (moby/buildkit:cache/blobs.go, computeBlobChain).
// Seven groups in a graph cost each build without a change 0.2 s; a chain of as many costs next to nothing.

import type { ModuleVersion } from "./subset.ts";

/** One package of another module, as listed by the go command in the toolchain image. */
export interface ListedPackage {
  readonly path: string;
  readonly module: string;
  readonly version: string;
  /** Only those that are in the list themselves. */
  readonly imports?: readonly string[];
}

export interface Group {
  /** Modules compiled here. */
  readonly modules: readonly ModuleVersion[];
  /** Modules whose source the compilation may read: its own, and those of all groups before it. */
  readonly closure: readonly ModuleVersion[];
  /** Import paths to compile; `internal` packages come along with those that import them. */
  readonly packages: readonly string[];
  /** Packages of those modules whose source it does not read, with all that lies below. */
  readonly without: readonly ListedPackage[];
  /** Whether there may be such packages, now or after an edit. */
  readonly partial: boolean;
}

/** Each group loads its packages anew, a second and more of a cold build, so there are few. */
const MOST_GROUPS = 4;
const PACKAGES_PER_GROUP = 40;

/** From this many groups on, what only the service imports is one of them. */
const MANY_GROUPS = 3;

/**
 * Groups in an order in which each comes after those it needs. Modules that need each other in a
 * circle stay together. One group when there is little to gain.
 *
 * Packages of a needed module that no other package imports, only the service does, are compiled after
 * all needed ones: such a package can be imported for the first time without the rest being compiled
 * again.
 */
export function groupPackages(packages: readonly ListedPackage[]): readonly Group[] {
  const imported = new Set(packages.flatMap((each) => each.imports ?? []));
  const modules = moduleGraph(packages, imported);
  const most = Math.min(MOST_GROUPS, Math.max(2, Math.floor(packages.length / PACKAGES_PER_GROUP)));
  const apart = most >= MANY_GROUPS;
  const { layers, tops } = layer(components(modules), modules, apart ? most - 2 : most - 1);
  const inner = new Set(layers.flat());
  const isEnd = ({ path, module }: ListedPackage): boolean =>
    apart && inner.has(module) && !imported.has(path);
  return chain(layers, tops, modules, packages, isEnd, apart);
}

interface ModuleNode {
  readonly version: string;
  /** How many of its packages others import: what the service alone imports moves no boundary. */
  readonly weight: number;
  readonly needs: ReadonlySet<string>;
}

type ModuleGraph = ReadonlyMap<string, ModuleNode>;

function moduleGraph(packages: readonly ListedPackage[], imported: ReadonlySet<string>): ModuleGraph {
  const moduleOf = new Map(packages.map((each) => [each.path, each.module]));
  const nodes = new Map<string, { version: string; weight: number; needs: Set<string> }>();
  for (const each of packages) {
    const node = nodes.get(each.module) ?? { version: each.version, weight: 0, needs: new Set<string>() };
    if (imported.has(each.path)) node.weight++;
    for (const path of each.imports ?? []) {
      const other = moduleOf.get(path);
      if (other !== undefined && other !== each.module) node.needs.add(other);
    }
    nodes.set(each.module, node);
  }
  return nodes;
}

/** Strongly connected components (Tarjan), those that others need first. Iterative: chains may be long. */
function components(graph: ModuleGraph): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found: string[][] = [];
  for (const start of [...graph.keys()].toSorted()) {
    if (index.has(start)) continue;
    const work: { name: string; rest: string[] }[] = [];
    const enter = (name: string): void => {
      index.set(name, index.size);
      low.set(name, index.get(name) ?? 0);
      open.push(name);
      isOpen.add(name);
      work.push({ name, rest: [...(graph.get(name)?.needs ?? [])].toSorted() });
    };
    enter(start);
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const next = top.rest.shift();
      if (next !== undefined) {
        if (!index.has(next)) enter(next);
        else if (isOpen.has(next)) low.set(top.name, Math.min(low.get(top.name) ?? 0, index.get(next) ?? 0));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) {
        low.set(parent.name, Math.min(low.get(parent.name) ?? 0, low.get(top.name) ?? 0));
      }
      if (low.get(top.name) !== index.get(top.name)) continue;
      const part: string[] = [];
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        isOpen.delete(name);
        part.push(name);
        if (name === top.name) break;
      }
      found.push(part.toSorted());
    }
  }
  return found;
}

interface Layers {
  readonly layers: readonly (readonly string[])[];
  /** Modules that no other module needs: a new version of one concerns nobody else. */
  readonly tops: readonly string[];
}

/** Puts the components that others need into layers of about equal weight, none of which needs a later one. */
function layer(parts: readonly (readonly string[])[], graph: ModuleGraph, most: number): Layers {
  const needed = new Set(
    parts.flatMap((part) =>
      part.flatMap((name) => [...(graph.get(name)?.needs ?? [])].filter((other) => !part.includes(other))),
    ),
  );
  const tops = parts.filter((part) => !part.some((name) => needed.has(name)));
  const inner = parts.filter((part) => !tops.includes(part));
  const layers: string[][] = [];
  const total = weigh(inner.flat(), graph);
  let filled = 0;
  for (const level of byHeight(inner, graph)) {
    const last = layers.at(-1);
    const weight = weigh(level.flat(), graph);
    // Levels are not divided: the cut falls on the side where less of this one lies beyond the mark.
    const beyond = filled + weight / 2 >= (total * layers.length) / most;
    if (last === undefined || beyond) layers.push(level.flat());
    else last.push(...level.flat());
    filled += weight;
  }
  const rest = layers.at(-1) ?? [];
  if (layers.length > 1 && weigh(rest, graph) * 2 < PACKAGES_PER_GROUP) {
    layers.splice(-2, 2, [...(layers.at(-2) ?? []), ...rest]);
  }
  return { layers, tops: tops.flat() };
}

/** Components by the longest chain of needs below them. */
function byHeight(
  parts: readonly (readonly string[])[],
  graph: ModuleGraph,
): readonly (readonly (readonly string[])[])[] {
  const height = new Map<string, number>();
  const levels: (readonly string[])[][] = [];
  for (const part of parts) {
    const below = part
      .flatMap((name) => [...(graph.get(name)?.needs ?? [])])
      .filter((name) => !part.includes(name));
    const own = below.reduce((most, name) => Math.max(most, (height.get(name) ?? 0) + 1), 0);
    for (const name of part) height.set(name, own);
    (levels[own] ??= []).push(part);
  }
  return levels;
}

function chain(
  layers: readonly (readonly string[])[],
  tops: readonly string[],
  graph: ModuleGraph,
  packages: readonly ListedPackage[],
  isEnd: (each: ListedPackage) => boolean,
  partial: boolean,
): readonly Group[] {
  const versions = (names: readonly string[]): readonly ModuleVersion[] =>
    names.toSorted().map((path) => ({ path, version: graph.get(path)?.version ?? "" }));
  const named = (some: readonly ListedPackage[]): readonly string[] =>
    some.map(({ path }) => path).filter((path) => !/(^|\/)internal(\/|$)/.test(path));
  const ends = packages.filter(isEnd);
  const closed = ends
    .filter((end) => isClosed(end, packages, isEnd))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const whole = (
    own: readonly string[],
    closure: readonly string[],
    some: readonly ListedPackage[],
  ): Group => ({
    modules: versions(own),
    closure: versions(closure),
    packages: named(some),
    without: [],
    partial: false,
  });
  const within = (names: readonly string[]): readonly ListedPackage[] => {
    const set = new Set(names);
    return packages.filter((each) => set.has(each.module) && !isEnd(each));
  };
  const inner = layers.map((names, index): Group => {
    const upTo = layers.slice(0, index + 1).flat();
    const read = new Set(upTo);
    const without = closed.filter(({ module }) => read.has(module));
    return { ...whole(names, upTo, within(names)), without, partial };
  });
  const needed = layers.flat();
  return [
    ...inner,
    ...(ends.length > 0 ? [whole([], needed, ends)] : []),
    ...(tops.length > 0 ? [whole(tops, [...needed, ...tops], within(tops))] : []),
  ];
}

/** Whether the folder of a package holds no other that is needed sooner, so that it can be left out whole. */
function isClosed(
  { path, module }: ListedPackage,
  packages: readonly ListedPackage[],
  isEnd: (each: ListedPackage) => boolean,
): boolean {
  return path !== module && !packages.some((each) => each.path.startsWith(`${path}/`) && !isEnd(each));
}

/** Number of packages: what compiling takes, near enough. */
function weigh(names: readonly string[], graph: ModuleGraph): number {
  return names.reduce((sum, name) => sum + (graph.get(name)?.weight ?? 0), 0);
}
