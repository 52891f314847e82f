// What services import from other modules, cut into parts that are compiled one upon the other where nobody has listed
// packages: a service compiles what it imports and no more, and what several import is compiled once for them.

/** A service, or rather those of its programs that are compiled alike. */
export interface Importer {
  readonly service: string;
  readonly imports: ReadonlySet<string>;
}

export interface ImportPart {
  /** In the name of its step; empty for what all import. */
  readonly name: string;
  /** Import paths, sorted; at least one. */
  readonly imports: readonly string[];
}

/** A step loads its packages anew and takes half a second and more. */
const MOST_PARTS = 3;

/** Of a description, so that one of a thousand services is cut as soon; what is left over each compiles for itself. */
const MOST_CUTS = 32;

/**
 * The parts of each service, each after those it builds on; none for a service that imports nothing.
 *
 * What all import is the first part. What most import, and not all, is the next one of those that do; and so on for
 * them and for the others, each by themselves. So every part is one step for all services that have it, since they have
 * the same parts before it.
 */
export function cutImports(all: readonly Importer[]): ReadonlyMap<string, readonly ImportPart[]> {
  const found = new Map<string, readonly ImportPart[]>();
  let cuts = 0;
  const importing = all.filter(({ imports }) => imports.size > 0);
  const cut = (
    importers: readonly Importer[],
    taken: ReadonlySet<string>,
    before: readonly ImportPart[],
  ): void => {
    const [first] = importers;
    if (first === undefined) return;
    const common = [...first.imports].filter(
      (path) => !taken.has(path) && importers.every(({ imports }) => imports.has(path)),
    );
    const name = importers.length === importing.length ? "" : nameOf(first, importers.length);
    const parts = common.length === 0 ? before : [...before, { name, imports: common.toSorted() }];
    const known = new Set([...taken, ...common]);
    const isDone = ({ imports }: Importer): boolean => imports.isSubsetOf(known);
    for (const { service } of importers.filter(isDone)) found.set(service, parts);
    const more = importers.filter((importer) => !isDone(importer));
    const mayCut = parts.length + 1 < MOST_PARTS && cuts++ < MOST_CUTS;
    const next = mayCut ? mostImported(more, known) : undefined;
    if (next === undefined) {
      for (const { service, imports } of more) {
        const rest = [...imports].filter((path) => !known.has(path)).toSorted();
        found.set(service, [...parts, { name: service, imports: rest }]);
      }
      return;
    }
    cut(
      more.filter(({ imports }) => imports.has(next)),
      known,
      parts,
    );
    cut(
      more.filter(({ imports }) => !imports.has(next)),
      known,
      parts,
    );
  };
  cut(importing, new Set(), []);
  return found;
}

function nameOf({ service }: Importer, count: number): string {
  return count === 1 ? service : `${service}+${count - 1}`;
}

/** What most services import of what is not taken yet, the first of the alphabet among equals; undefined: none is shared. */
function mostImported(importers: readonly Importer[], taken: ReadonlySet<string>): string | undefined {
  const counts = new Map<string, number>();
  for (const path of importers.flatMap(({ imports }) => [...imports])) {
    if (!taken.has(path)) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  const shared = [...counts].filter(([, count]) => count > 1);
  return shared.toSorted(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))[0]?.[0];
}
