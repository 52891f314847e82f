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
  readonly imports?: readonly string[] | undefined;
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
  const imported = new Set(packages.flatMap((listed) => listed.imports ?? []));
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
  const moduleOf = new Map(packages.map((listed) => [listed.path, listed.module]));
  const nodes = new Map<string, { version: string; weight: number; needs: Set<string> }>();
  for (const listed of packages) {
    const node = nodes.get(listed.module) ?? { version: listed.version, weight: 0, needs: new Set<string>() };
    if (imported.has(listed.path)) node.weight++;
    for (const path of listed.imports ?? []) {
      const other = moduleOf.get(path);
      if (other !== undefined && other !== listed.module) node.needs.add(other);
    }
    nodes.set(listed.module, node);
  }
  return nodes;
}

/** Strongly connected components (Tarjan), those that others need first. Iterative: chains may be long. */
function components(graph: ModuleGraph): readonly Part[] {
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

/** Modules that need each other in a circle; most often one. */
type Part = readonly string[];

/** Puts the parts that others need into layers, none of which needs a later one. */
function layer(parts: readonly Part[], graph: ModuleGraph, most: number): Layers {
  const needs = needsOf(parts, graph);
  const needed = new Set([...needs.values()].flatMap((below) => [...below]));
  const inner = parts.filter((part) => needed.has(part));
  const layers = cut(lightLast(inner, needs, graph), graph, most);
  return {
    layers: layers.map((some) => some.flat()),
    tops: parts.filter((part) => !needed.has(part)).flat(),
  };
}

type PartGraph = ReadonlyMap<Part, ReadonlySet<Part>>;

function needsOf(parts: readonly Part[], graph: ModuleGraph): PartGraph {
  const partOf = new Map(parts.flatMap((part) => part.map((name) => [name, part] as const)));
  return new Map(
    parts.map((part) => {
      const others = part.flatMap((name) =>
        [...(graph.get(name)?.needs ?? [])].map((needed) => partOf.get(needed)),
      );
      return [
        part,
        new Set(others.filter((other): other is Part => other !== undefined && other !== part)),
      ] as const;
    }),
  );
}

/**
 * Parts in an order in which each comes after those it needs, and light ones as late as those that need them
 * allow: a new version of a module compiles all that comes later again, whether it needs that module or not.
 */
function lightLast(parts: readonly Part[], needs: PartGraph, graph: ModuleGraph): readonly Part[] {
  const needers = new Map<Part, number>();
  for (const part of parts) {
    for (const below of needs.get(part) ?? []) needers.set(below, (needers.get(below) ?? 0) + 1);
  }
  const lighter = (a: Part, b: Part): number =>
    weigh(a, graph) - weigh(b, graph) || ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1);
  const open = parts.filter((part) => !needers.has(part)).toSorted(lighter);
  const fromAbove: Part[] = [];
  for (let next = open.shift(); next !== undefined; next = open.sort(lighter).shift()) {
    fromAbove.push(next);
    for (const part of needs.get(next) ?? []) {
      const left = (needers.get(part) ?? 0) - 1;
      needers.set(part, left);
      if (left === 0) open.push(part);
    }
  }
  return fromAbove.toReversed();
}

/**
 * Cuts an order into layers so that a new version of any one module compiles as little as possible on average. Each
 * layer is heavy enough to be worth a step.
 */
function cut(order: readonly Part[], graph: ModuleGraph, most: number): readonly (readonly Part[])[] {
  // Of what comes before an index: packages, and modules.
  const weights = totals(order.map((part) => weigh(part, graph)));
  const counts = totals(order.map((part) => part.length));
  const between = (sums: readonly number[], from: number, to: number): number =>
    (sums[to] ?? 0) - (sums[from] ?? 0);
  const end = order.length;
  /** The best cut of what begins at an index into at most so many layers, and what it costs. */
  const best = (
    from: number,
    layers: number,
  ): { readonly cost: number; readonly starts: readonly number[] } => {
    const weight = between(weights, from, end);
    let found = { cost: between(counts, from, end) * weight, starts: [from] };
    for (let at = from + 1; layers > 1 && at < end; at++) {
      const smaller = Math.min(between(weights, from, at), between(weights, at, end));
      if (smaller * 2 < PACKAGES_PER_GROUP) continue;
      const rest = best(at, layers - 1);
      const cost = between(counts, from, at) * weight + rest.cost;
      if (cost < found.cost) found = { cost, starts: [from, ...rest.starts] };
    }
    return found;
  };
  if (order.length === 0) return [];
  const { starts } = best(0, most);
  return starts.map((start, index) => order.slice(start, starts[index + 1]));
}

/** Sums of the first none, one, two and more. */
function totals(values: readonly number[]): readonly number[] {
  let sum = 0;
  return [0, ...values.map((value) => (sum += value))];
}

function chain(
  layers: readonly (readonly string[])[],
  tops: readonly string[],
  graph: ModuleGraph,
  packages: readonly ListedPackage[],
  isEnd: (listed: ListedPackage) => boolean,
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
    modules: readonly string[],
    closure: readonly string[],
    some: readonly ListedPackage[],
  ): Group => ({
    modules: versions(modules),
    closure: versions(closure),
    packages: named(some),
    without: [],
    partial: false,
  });
  const within = (names: readonly string[]): readonly ListedPackage[] => {
    const set = new Set(names);
    return packages.filter((listed) => set.has(listed.module) && !isEnd(listed));
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
  isEnd: (listed: ListedPackage) => boolean,
): boolean {
  return path !== module && !packages.some((other) => other.path.startsWith(`${path}/`) && !isEnd(other));
}

/** Number of packages: what compiling takes, near enough. */
function weigh(names: readonly string[], graph: ModuleGraph): number {
  return names.reduce((sum, name) => sum + (graph.get(name)?.weight ?? 0), 0);
}
