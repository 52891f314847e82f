import { BOUNDS, gate, inParallel } from "./bounds.ts";
import { scanGoFile, scanOtherFile, type GoFile } from "./go-file.ts";
import type { Constraint } from "./constraint.ts";
import { detach } from "./detach.ts";
import { readIncludes, type Includes } from "./includes.ts";
import { makePlaces, pending, type Known, type Places } from "./places.ts";
import type { SourceTree } from "./tree.ts";

export { pending, type Known, type Listing } from "./places.ts";

/**
 * What is known of a tree so far. Questions are answered at once or with `pending`, which notes what is missing;
 * `fetch` then gets everything missing in one go. So the rules of Go are written as plain functions over knowledge, and
 * the number of round trips is the depth of what they follow, not its size.
 */
export interface Knowledge extends Omit<Places, "fetch"> {
  readonly tree: SourceTree;
  goFile(path: string, size: number): Known<GoFile>;
  /** A C, assembly or header file. */
  otherFile(path: string, size: number): Known<OtherFile>;
  /** A file as text, as far as {@link BOUNDS}.sourceFile. */
  text(path: string): Known<string>;
  /** A whole go.mod or the like; one that is too large counts as empty, and stands in `oversized`. */
  moduleText(path: string, size: number): Known<string>;
  /** Module files that were asked for and are larger than they may be, with their sizes; or all of them together are. */
  readonly oversized: ReadonlyMap<string, number>;
  /** Takes note of work that is a product of two sizes; false once there was too much of it, and the scan is cut. */
  spend(steps: number): boolean;
  /** Gets what was found missing; false when nothing was. */
  fetch(): Promise<boolean>;
  readonly counters: Counters;
}

export interface OtherFile {
  readonly constraint: Constraint;
  readonly includes: Includes;
}

export interface Counters {
  readonly levels: number;
  readonly dirs: number;
  readonly files: number;
  readonly bytes: number;
  /** Files that were not read to the end of what counts, because of a bound: what is known of them is not to be trusted. */
  readonly cut: number;
}

/** One knowledge per tree object, so that every scan of a tree shares what was read. */
export function knowledgeOf(tree: SourceTree): Knowledge {
  const found = known.get(tree);
  if (found !== undefined) return found;
  const made = makeKnowledge(tree);
  known.set(tree, made);
  return made;
}

/** Asks again and again, fetching in between, until there is an answer. */
export async function solve<T>(
  knowledge: Knowledge,
  question: () => Known<T>,
  signal?: AbortSignal,
): Promise<T> {
  let idle = 0;
  while (idle < 3) {
    signal?.throwIfAborted();
    const answer = question();
    if (answer !== pending) return answer;
    idle = (await knowledge.fetch()) ? 0 : idle + 1;
  }
  throw new Error("facts: a question stays open although nothing is missing");
}

const known = new WeakMap<SourceTree, Knowledge>();

/** The first range of a Go file; files up to `wholeBytes` are read at once because a second request costs more. */
const headBytes = 8 * 1024;
const wholeBytes = 32 * 1024;

function makeKnowledge(tree: SourceTree): Knowledge {
  const places = makePlaces(tree);
  const values = new Map<string, unknown>();
  const wantedFiles = new Map<string, () => Promise<unknown>>();
  const counters = { levels: 0, dirs: 0, files: 0, bytes: 0, names: 0, cut: 0 };
  const oversized = new Map<string, number>();
  const moduleFiles = new Set<string>();
  let moduleBytes = 0;
  let steps = 0;
  let items = 0;
  const inTurn = gate(BOUNDS.atOnce);
  let running: Promise<boolean> | undefined;

  const read = async (path: string, offset: number, length: number): Promise<Uint8Array> => {
    const bytes = await tree.read(path, { offset, length });
    counters.bytes += bytes.length;
    return bytes;
  };

  const value = <T>(kind: string, path: string, load: () => Promise<T>): Known<T> => {
    const key = `${kind}\0${path}`;
    // Values are stored under their kind, so the type is the loader's.
    if (values.has(key)) return values.get(key) as T;
    wantedFiles.set(key, load);
    return pending;
  };

  /** What is read of a file, and whether that is all of it. */
  const readFrom = async (
    path: string,
    size: number,
    head: Uint8Array,
  ): Promise<readonly [Buffer, boolean]> => {
    const rest = await read(path, head.length, Math.min(size, BOUNDS.sourceFile) - head.length);
    return [Buffer.concat([head, rest]), head.length + rest.length >= size];
  };

  const loadGoFile = async (path: string, size: number): Promise<GoFile> => {
    if (counters.files++ >= BOUNDS.files) return cutOff("");
    const first = size <= wholeBytes ? Math.max(size, 1) : headBytes;
    const head = await inTurn(Math.max(first, BOUNDS.oneRead), () => read(path, 0, first));
    const scan = scanGoFile(decoder.decode(head), head.length >= size);
    if (scan.done) return keep(scan.file);
    return inTurn(Math.min(size, BOUNDS.sourceFile), async () => {
      // A scan that was cut once tells no files: what more of them hold is of no use.
      if (counters.cut > 0) return cutOff(decoder.decode(head));
      const [bytes, whole] = await readFrom(path, size, head);
      const text = decoder.decode(bytes);
      const again = scanGoFile(text, whole);
      if (again.done) return keep(again.file);
      return cutOff(text);
    });
  };

  /** What is known of a Go file of which no more is read. */
  const cutOff = (text: string): GoFile => {
    counters.cut++;
    const scan = scanGoFile(text, true);
    return scan.done ? keep(scan.file) : unreadable;
  };

  const keep = (file: GoFile): GoFile => {
    const count = file.importedAt.size + file.embeds.length + file.generates.length;
    items += count;
    const isMuch = count > BOUNDS.itemsOfOne || items > BOUNDS.items;
    if (!isMuch && file.cgoText.length <= BOUNDS.preamble) return detached(file);
    counters.cut++;
    return detached({ ...file, cgoText: "", ...(isMuch ? noItems : {}) });
  };

  const loadOtherFile = async (path: string, size: number): Promise<OtherFile> => {
    if (counters.files++ >= BOUNDS.files) {
      counters.cut++;
      return { constraint: { kind: "always" }, includes: { targets: [], unclear: true } };
    }
    const most = Math.max(1, Math.min(size, counters.cut > 0 ? headBytes : BOUNDS.sourceFile));
    return inTurn(Math.max(most, BOUNDS.oneRead), async () => {
      const isCut = most < size;
      if (isCut) counters.cut++;
      const text = decoder.decode(await read(path, 0, most));
      const { targets, unclear } = readIncludes(text);
      return {
        constraint: scanOtherFile(text),
        includes: { targets: targets.map(detach), unclear: unclear || isCut },
      };
    });
  };

  const loadText = async (path: string, most: number): Promise<string> => {
    counters.files++;
    return inTurn(most, async () => decoder.decode(await read(path, 0, most)));
  };

  const fetchOnce = async (): Promise<boolean> => {
    // Files first: they belong to this level, and what they say can only add to the next level's directories.
    const files = [...wantedFiles].filter(([key]) => !values.has(key));
    wantedFiles.clear();
    if (files.length > 0) {
      await inParallel(files, BOUNDS.atOnce / BOUNDS.oneRead, async ([key, load]) => {
        values.set(key, await load());
      });
      return true;
    }
    const room = BOUNDS.dirs - counters.dirs;
    const { dirs, names } = await places.fetch(room);
    if (dirs === room) counters.cut++;
    if (dirs === 0) return false;
    counters.names += names;
    if (counters.names > BOUNDS.names) counters.cut++;
    counters.levels++;
    counters.dirs += dirs;
    return true;
  };

  return {
    ...places,
    tree,
    goFile: (path, size) => value("go", path, () => loadGoFile(path, size)),
    otherFile: (path, size) => value("other", path, () => loadOtherFile(path, size)),
    text: (path) => value("text", path, () => loadText(path, BOUNDS.sourceFile)),
    moduleText: (path, size) => {
      if (!moduleFiles.has(path)) moduleBytes += size;
      moduleFiles.add(path);
      if (size > mostOf(path) || moduleBytes > BOUNDS.moduleFiles) oversized.set(path, size);
      return oversized.has(path) ? "" : value("module", path, () => loadText(path, size + 1));
    },
    oversized,
    spend: (more) => {
      // Of a scan that is cut nothing is asked any more.
      if (counters.cut > 0) return false;
      steps += more;
      if (steps > BOUNDS.steps) counters.cut++;
      return steps <= BOUNDS.steps;
    },
    fetch: () => {
      // Scans that run side by side wait for the same level.
      running ??= Promise.resolve()
        .then(fetchOnce)
        .finally(() => {
          running = undefined;
        });
      return running;
    },
    counters,
  };
}

const unreadable: GoFile = {
  constraint: { kind: "invalid", reason: "import section does not end" },
  constraintAt: { line: 1, column: 1 },
  packageName: "",
  imports: [],
  importedAt: new Map(),
  embeds: [],
  embeddedAt: new Map(),
  generates: [],
  cgoText: "",
  malformed: true,
};

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What a module file may have. */
export function mostOf(path: string): number {
  return /(?:^|\/)go\.(?:mod|work)$/.test(path) ? BOUNDS.moduleFile : BOUNDS.sumFile;
}

const noPlaces: GoFile["importedAt"] = new Map();

const noItems = { imports: [], importedAt: noPlaces, embeds: [], embeddedAt: noPlaces, generates: [] };

/** The same without a hold on the text that it was read from. */
function detached(file: GoFile): GoFile {
  const places = (map: GoFile["importedAt"]): GoFile["importedAt"] =>
    map.size === 0 ? noPlaces : new Map([...map].map(([text, at]) => [detach(text), at]));
  return {
    ...file,
    packageName: detach(file.packageName),
    imports: file.imports.map(detach),
    importedAt: places(file.importedAt),
    embeds: file.embeds.map(detach),
    embeddedAt: places(file.embeddedAt),
    generates: file.generates.map(({ command, files, at }) => ({
      command: detach(command),
      files: files.map(detach),
      at,
    })),
    cgoText: detach(file.cgoText),
  };
}
