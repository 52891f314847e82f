import { BOUNDS, gate } from "./bounds.ts";
import type { Budget } from "./budget.ts";
import type { Constraint } from "./constraint.ts";
import { detach } from "./detach.ts";
import { scanGoFile, scanOtherFile, type GoFile } from "./go-file.ts";
import { readIncludes, type Includes } from "./includes.ts";
import { once } from "./once.ts";
import type { Rounds } from "./rounds.ts";

/** What is in the files of a tree, as far as it counts. Paths are free of symlinks; nothing is read twice. */
export interface Contents {
  goFile(path: string, size: number): Promise<GoFile>;
  /** A C, assembly or header file. */
  otherFile(path: string, size: number): Promise<OtherFile>;
  /** A file as text, as far as {@link BOUNDS}.sourceFile. */
  text(path: string): Promise<string>;
  /** A whole go.mod or the like; one that is too large counts as empty, and stands in `oversized`. */
  moduleText(path: string, size: number): Promise<string>;
  /** Module files that were asked for and are larger than they may be, with their sizes; or all of them together are. */
  readonly oversized: ReadonlyMap<string, number>;
}

export interface OtherFile {
  readonly constraint: Constraint;
  readonly includes: Includes;
}

/** The first range of a Go file; files up to `wholeBytes` are read at once because a second request costs more. */
const HEAD_BYTES = 8 * 1024;
const WHOLE_BYTES = 32 * 1024;

/** The files of a tree, each read once and within the budget. */
export function contentsOf(rounds: Rounds, budget: Budget): Contents {
  const { bounds } = budget;
  const goFiles = new Map<string, Promise<GoFile>>();
  const otherFiles = new Map<string, Promise<OtherFile>>();
  const texts = new Map<string, Promise<string>>();
  const moduleTexts = new Map<string, Promise<string>>();
  const oversized = new Map<string, number>();
  let moduleBytes = 0;
  const inTurn = gate(bounds.atOnce);

  const read = async (path: string, offset: number, length: number): Promise<Uint8Array> => {
    const bytes = await rounds.read({ path, offset, length });
    budget.take("bytes", bytes.length);
    return bytes;
  };

  const loadGoFile = (path: string, size: number): Promise<GoFile> => {
    if (!budget.take("files", 1)) return Promise.resolve(cutOff(""));
    const length = size <= WHOLE_BYTES ? Math.max(size, 1) : HEAD_BYTES;
    const head = inTurn(Math.max(length, bounds.oneRead), async () => {
      const bytes = await read(path, 0, length);
      const scan = scanGoFile(decoder.decode(bytes), bytes.length >= size);
      return scan.done ? bounded(scan.file) : bytes;
    });
    return head.then((found) => (found instanceof Uint8Array ? loadRest(path, size, found) : found));
  };

  const loadRest = (path: string, size: number, head: Uint8Array): Promise<GoFile> =>
    inTurn(Math.min(size, bounds.sourceFile), async () => {
      // After a bound was met nothing more of a file is used.
      if (budget.isCut) return cutOff(decoder.decode(head));
      const rest = await read(path, head.length, Math.min(size, bounds.sourceFile) - head.length);
      const text = decoder.decode(Buffer.concat([head, rest]));
      const scan = scanGoFile(text, head.length + rest.length >= size);
      return scan.done ? bounded(scan.file) : cutOff(text);
    });

  /** What is known of a Go file of which no more is read. */
  const cutOff = (text: string): GoFile => {
    budget.cut();
    const scan = scanGoFile(text, true);
    return scan.done ? bounded(scan.file) : unreadable;
  };

  const bounded = (file: GoFile): GoFile => {
    const count = file.importedAt.size + file.embeds.length + file.generates.length;
    const isFew = budget.take("items", count) && count <= bounds.itemsOfOne;
    if (isFew && file.cgoText.length <= bounds.preamble) return detached(file);
    budget.cut();
    return detached({ ...file, cgoText: "", ...(isFew ? {} : noItems) });
  };

  const loadOtherFile = (path: string, size: number): Promise<OtherFile> => {
    if (!budget.take("files", 1)) {
      return Promise.resolve({
        constraint: { kind: "always" },
        includes: { targets: [], system: [], unclear: true },
      });
    }
    const most = Math.max(1, Math.min(size, budget.isCut ? HEAD_BYTES : bounds.sourceFile));
    return inTurn(Math.max(most, bounds.oneRead), async () => {
      const isWhole = most >= size;
      if (!isWhole) budget.cut();
      const text = decoder.decode(await read(path, 0, most));
      const { targets, system, unclear } = readIncludes(text);
      return {
        constraint: scanOtherFile(text, isWhole),
        includes: {
          targets: targets.map(detach),
          system: system.map(detach),
          unclear: unclear || !isWhole,
        },
      };
    });
  };

  const loadText = (path: string, most: number): Promise<string> => {
    budget.take("files", 1);
    return inTurn(most, async () => decoder.decode(await read(path, 0, most)));
  };

  return {
    goFile: (path, size) => once(goFiles, path, () => loadGoFile(path, size)),
    otherFile: (path, size) => once(otherFiles, path, () => loadOtherFile(path, size)),
    text: (path) => once(texts, path, () => loadText(path, bounds.sourceFile)),
    moduleText: async (path, size) => {
      if (!moduleTexts.has(path) && !oversized.has(path)) moduleBytes += size;
      if (size > mostOf(path) || moduleBytes > bounds.moduleFiles) oversized.set(path, size);
      return oversized.has(path) ? "" : once(moduleTexts, path, () => loadText(path, size + 1));
    },
    oversized,
  };
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What a module file may have. */
export function mostOf(path: string): number {
  return /(?:^|\/)go\.(?:mod|work)$/.test(path) ? BOUNDS.moduleFile : BOUNDS.sumFile;
}

const unreadable: GoFile = {
  constraint: { kind: "invalid", reason: "import section does not end" },
  constraintAt: { line: 1, column: 1 },
  packageName: "",
  packageAt: { line: 1, column: 1 },
  imports: [],
  importedAt: new Map(),
  embeds: [],
  embeddedAt: new Map(),
  generates: [],
  cgoText: "",
  malformed: true,
};

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
