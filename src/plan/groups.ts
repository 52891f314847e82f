// Cuts the packages of other modules into groups that are compiled apart, so that a new version of
// one module compiles its group and the groups above it, and nothing else.

/** One package of another module, as listed by the go command in the toolchain image. */
export interface ListedPackage {
  readonly path: string;
  readonly module: string;
  readonly version: string;
  /** Only those that are in the list themselves. */
  readonly imports?: readonly string[];
}

export interface ModuleVersion {
  readonly path: string;
  readonly version: string;
}

export interface Group {
  /** Modules compiled here. */
  readonly modules: readonly ModuleVersion[];
  /** Modules whose source the compilation reads: its own, and those of all groups below. */
  readonly closure: readonly ModuleVersion[];
  /** Import paths to compile; `internal` packages come along with those that import them. */
  readonly packages: readonly string[];
  /** Groups whose results it needs, by index in the list, the lower ones first; transitive. */
  readonly below: readonly number[];
}

/** Each vertex costs 0.1 s and more, so there are few: a layer of modules for each, large ones apart. */
const LAYERS = 4;
const MOST_GROUPS = 8;

/**
 * Groups in an order in which each comes after those it needs. Modules that need each other in a
 * circle stay together. One group when there is little to gain.
 */
export function groupPackages(packages: readonly ListedPackage[]): readonly Group[] {
  const modules = moduleGraph(packages);
  const parts = components(modules);
  const levels = layer(parts, modules);
  const chunks = split(levels, modules);
  return link(chunks, modules, packages);
}

interface ModuleNode {
  readonly version: string;
  readonly weight: number;
  readonly needs: ReadonlySet<string>;
}

type ModuleGraph = ReadonlyMap<string, ModuleNode>;

function moduleGraph(packages: readonly ListedPackage[]): ModuleGraph {
  const moduleOf = new Map(packages.map((each) => [each.path, each.module]));
  const nodes = new Map<string, { version: string; weight: number; needs: Set<string> }>();
  for (const each of packages) {
    const node = nodes.get(each.module) ?? { version: each.version, weight: 0, needs: new Set<string>() };
    node.weight++;
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

/**
 * Puts components into layers of about equal weight, none of which needs a later one. What no other
 * module needs stands in the last layer by itself: a new version of it concerns nobody else.
 */
function layer(
  parts: readonly (readonly string[])[],
  graph: ModuleGraph,
): readonly (readonly (readonly string[])[])[] {
  const needed = new Set(
    parts.flatMap((part) =>
      part.flatMap((name) => [...(graph.get(name)?.needs ?? [])].filter((other) => !part.includes(other))),
    ),
  );
  const tops = parts.filter((part) => !part.some((name) => needed.has(name)));
  const inner = parts.filter((part) => !tops.includes(part));
  const layers: (readonly string[])[][] = [];
  const total = weigh(inner.flat(), graph);
  let filled = 0;
  for (const level of byHeight(inner, graph)) {
    const last = layers.at(-1);
    if (last === undefined || filled >= (total * layers.length) / (LAYERS - 1)) layers.push([...level]);
    else last.push(...level);
    filled += weigh(level.flat(), graph);
  }
  return tops.length > 0 ? [...layers, tops] : layers;
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

/**
 * Within a layer, what does not need each other may stand apart: the heaviest independent pieces get
 * groups of their own, as many as the limit leaves, and the rest of the layer is one group.
 */
function split(
  layers: readonly (readonly (readonly string[])[])[],
  graph: ModuleGraph,
): readonly (readonly string[])[] {
  const pieces = layers.map((parts) => independent(parts.flat(), graph));
  const weight = (names: readonly string[]): number => weigh(names, graph);
  const total = weight([...graph.keys()]);
  const heavy = pieces
    .flatMap((each) => (each.length > 1 ? each : []))
    .filter((names) => weight(names) * 16 >= total)
    .toSorted((a, b) => weight(b) - weight(a) || ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1))
    .slice(0, Math.max(0, MOST_GROUPS - layers.length));
  return pieces.flatMap((each) => {
    const rest = each.filter((names) => !heavy.includes(names)).flat();
    return [...each.filter((names) => heavy.includes(names)), ...(rest.length > 0 ? [rest] : [])];
  });
}

/** Connected pieces of a set of modules, direction left aside. */
function independent(names: readonly string[], graph: ModuleGraph): readonly (readonly string[])[] {
  const piece = new Map(names.map((name) => [name, name]));
  const rootOf = (name: string): string => {
    let root = name;
    for (let up = piece.get(root); up !== undefined && up !== root; up = piece.get(root)) root = up;
    return root;
  };
  for (const name of names) {
    for (const other of graph.get(name)?.needs ?? []) {
      if (piece.has(other)) piece.set(rootOf(name), rootOf(other));
    }
  }
  const pieces = new Map<string, string[]>();
  for (const name of names.toSorted()) pieces.set(rootOf(name), [...(pieces.get(rootOf(name)) ?? []), name]);
  return [...pieces.values()];
}

function link(
  chunks: readonly (readonly string[])[],
  graph: ModuleGraph,
  packages: readonly ListedPackage[],
): readonly Group[] {
  const groupOf = new Map(chunks.flatMap((names, index) => names.map((name) => [name, index] as const)));
  const groups: Group[] = [];
  for (const [index, names] of chunks.entries()) {
    const direct = new Set(
      names.flatMap((name) => [...(graph.get(name)?.needs ?? [])]).map((name) => groupOf.get(name) ?? index),
    );
    direct.delete(index);
    const below = [
      ...new Set([...direct].flatMap((each) => [each, ...(groups[each]?.below ?? [])])),
    ].toSorted((a, b) => a - b);
    const modules = names.toSorted().map((path) => ({ path, version: graph.get(path)?.version ?? "" }));
    const closure = [...modules, ...below.flatMap((each) => groups[each]?.modules ?? [])].toSorted((a, b) =>
      a.path < b.path ? -1 : 1,
    );
    const own = packages.filter(
      (each) => groupOf.get(each.module) === index && !/(^|\/)internal(\/|$)/.test(each.path),
    );
    groups.push({ modules, closure, packages: own.map((each) => each.path), below });
  }
  return groups;
}

/** Number of packages: what compiling takes, near enough. */
function weigh(names: readonly string[], graph: ModuleGraph): number {
  return names.reduce((sum, name) => sum + (graph.get(name)?.weight ?? 0), 0);
}
