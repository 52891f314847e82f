// Files of the source tree that an image has: which they are, where they stand, and what keeps them from it.
import { posix } from "node:path";
import {
  contentPath,
  type Diagnostic,
  errorAt,
  type FileDescription,
  type LocatedDescription,
  type Path,
  quote,
} from "../description/index.ts";
import { childPath, type Entry, isWithin, matchFiles, type OpenTree, relativeTo } from "../facts/index.ts";
import type { ServiceTree } from "./generated-trees.ts";
import type { ImageFile, ImageFiles } from "./image-file.ts";
import type { Place } from "./place.ts";

/** More than these are no settings but a program: each is a copy of its own. */
const MOST_FILES = 2000;

interface Found {
  readonly found: readonly ImageFiles[];
  readonly problems: readonly Diagnostic[];
}

/** What the entries of a service's `image.files` take of its tree, in their order. */
export async function imageFiles(of: ServiceTree, located: LocatedDescription): Promise<Found> {
  const { description } = of;
  const entries = await Promise.all(
    description.image.files.map(async (entry, index): Promise<Found> => {
      if (entry.source.kind === "text") return { found: [], problems: [] };
      const path: Path = ["image", "files", index, "from"];
      const at = { file: located.source.filename, range: description.rangeOf(path) };
      const { path: from } = entry.source;
      const found = await takenBy(of, from, entry.to);
      const taken = !found.ok && found.code === "GF046" && mayBeWritten(of, from) ? NOTHING : found;
      if (!taken.ok) {
        return { found: [], problems: [errorAt(taken.code, taken.message, { ...at, help: taken.help })] };
      }
      return { found: [{ index, from: entry.source.path, ...taken.files, at }], problems: [] };
    }),
  );
  const found = entries.flatMap((entry) => entry.found);
  const count = found.reduce((sum, { files }) => sum + files.length, 0);
  const [most] = found.toSorted((a, b) => b.files.length - a.files.length);
  const problems = entries.flatMap((entry) => entry.problems);
  return most === undefined || count <= MOST_FILES
    ? { found, problems }
    : { found: [], problems: [...problems, tooMany(most.from, most.at)] };
}

function tooMany(from: string, at: Place): Diagnostic {
  return errorAt("GF084", `${from} makes the image's files more than ${MOST_FILES}`, {
    ...at,
    help: "name fewer of them, embed them into the program, or take a base that has them",
  });
}

/** Whether a step may write what is not there, where nobody knows what the steps write. */
function mayBeWritten({ known, generators }: ServiceTree, from: string): boolean {
  const start = plainStart(from);
  return (
    !known &&
    generators.some(({ outputs }) =>
      outputs.some(({ path }) => isWithin(start, path) || isWithin(path, start)),
    )
  );
}

/** The directories of a pattern that have a plain name; all of a path that is none. */
function plainStart(pattern: string): string {
  const elements = pattern.split("/");
  const first = elements.findIndex((element) => /[*?]/.test(element));
  return first === 0 ? "." : elements.slice(0, first < 0 ? elements.length : first).join("/");
}

type Taken =
  | { readonly ok: true; readonly files: Pick<ImageFiles, "folder" | "files"> }
  | {
      readonly ok: false;
      readonly code: "GF003" | "GF004" | "GF040" | "GF046" | "GF084";
      readonly message: string;
      readonly help: string;
    };

const NOTHING: Taken = { ok: true, files: { files: [] } };

const refusal = (code: Exclude<Taken, { ok: true }>["code"], message: string, help: string): Taken => ({
  ok: false,
  code,
  message,
  help,
});

async function takenBy(
  { tree, known, generators }: ServiceTree,
  from: string,
  to: FileDescription["to"],
): Promise<Taken> {
  if (/[*?]/.test(from)) return matching(tree, from, to.path);
  const place = await tree.resolve(from);
  switch (place.kind) {
    case "file": {
      const path = to.isFolder ? posix.join(to.path, posix.basename(from)) : to.path;
      return placed([{ source: place.path, path, kind: await kindOf(tree, place.path) }]);
    }
    case "dir": {
      const files = await below(tree, place.path, to.path);
      return files.ok && files.files.files.length === 0
        ? refusal("GF046", `the folder ${from} holds no file`, "correct the path, or remove it")
        : files;
    }
    case "outside":
      return refusal(
        "GF003",
        `${from} is a link that leads outside the build context`,
        "name files of the build context",
      );
    case "absent": {
      const isOutput = generators.some(({ outputs }) => outputs.some(({ path }) => isWithin(from, path)));
      // Nobody knows yet whether it is a file or a folder.
      if (!known && isOutput) return placed([{ source: from, path: to.path, kind: "file" }]);
      const rule = tree.ignoredBy(from);
      return rule === undefined
        ? refusal(
            "GF046",
            `the build context has no ${from}, which the image is to have`,
            "correct the path, which is relative to the build context, or remove it",
          )
        : refusal(
            "GF004",
            `${from} is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`,
            `add \`!${from}\` after it or remove the line`,
          );
    }
  }
}

function placed(files: readonly ImageFile[], folder?: string): Taken {
  const wrong = files.find(({ path }) => !contentPath(path).ok);
  return wrong === undefined
    ? { ok: true, files: { files, ...(folder === undefined ? {} : { folder }) } }
    : refusal(
        "GF040",
        `no file of an image can stand at ${quote(wrong.path)}`,
        "rename the file, or choose another folder",
      );
}

async function matching(tree: OpenTree, pattern: string, folder: string): Promise<Taken> {
  const paths = await matchFiles(tree, pattern);
  if (paths === undefined || paths.length > MOST_FILES) {
    return refusal("GF084", `${pattern} stands for more than ${MOST_FILES} files`, "name fewer of them");
  }
  if (paths.length === 0) {
    return refusal(
      "GF046",
      `no file of the build context matches ${pattern}`,
      "correct the pattern, or remove it",
    );
  }
  const start = plainStart(pattern);
  const files: ImageFile[] = [];
  for (const path of paths) {
    const place = await tree.resolve(path);
    if (place.kind !== "file") return badLink(path, place.kind);
    files.push({
      source: place.path,
      path: posix.join(folder, relativeTo(path, start)),
      kind: await kindOf(tree, place.path),
    });
  }
  return placed(files, folder);
}

/** All that lies in a folder. Links that stay in it are links in the image, too. */
async function below(tree: OpenTree, top: string, folder: string): Promise<Taken> {
  const files: ImageFile[] = [];
  let level: readonly string[] = [top];
  while (level.length > 0) {
    const listed = await Promise.all(level.map(async (dir) => ({ dir, entries: await tree.list(dir) })));
    const found = listed.flatMap(({ dir, entries }) =>
      [...(entries?.values() ?? [])].map((entry) => ({ dir, entry })),
    );
    level = found.flatMap(({ dir, entry }) => (entry.kind === "dir" ? [childPath(dir, entry.name)] : []));
    if (found.length + files.length > MOST_FILES) return tooManyIn(top);
    for (const { dir, entry } of found) {
      if (entry.kind === "dir") continue;
      const source = childPath(dir, entry.name);
      const path = posix.join(folder, relativeTo(source, top));
      const file = await fileIn(tree, entry, { source, path, top, dir });
      if ("ok" in file) return file;
      files.push(file);
    }
  }
  return placed(
    files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    folder,
  );
}

function tooManyIn(folder: string): Taken {
  return refusal(
    "GF084",
    `${folder} holds more than ${MOST_FILES} files and folders`,
    "name fewer of them, by a pattern",
  );
}

async function fileIn(
  tree: OpenTree,
  entry: Entry,
  {
    source,
    path,
    top,
    dir,
  }: { readonly source: string; readonly path: string; readonly top: string; readonly dir: string },
): Promise<ImageFile | Taken> {
  if (entry.kind === "file") return { source, path, kind: runs(entry) };
  const place = await tree.resolve(source);
  if (entry.kind !== "symlink" || place.kind === "absent" || place.kind === "outside") {
    return badLink(source, place.kind);
  }
  if (staysBelow(top, dir, entry.linkTarget ?? "") && isWithin(place.path, top)) {
    return { source, path, kind: "link" };
  }
  return place.kind === "file"
    ? { source: place.path, path, kind: await kindOf(tree, place.path) }
    : badLink(source, place.kind);
}

/** Whether a link in a directory leads to somewhere in a folder above it without leaving the folder on the way. */
function staysBelow(top: string, dir: string, target: string): boolean {
  if (target.startsWith("/")) return false;
  const inside = relativeTo(dir, top);
  let depth = inside === "." ? 0 : inside.split("/").length;
  for (const element of target.split("/")) {
    if (element === "..") depth--;
    else if (element !== "" && element !== ".") depth++;
    if (depth < 0) return false;
  }
  return true;
}

function badLink(path: string, kind: "dir" | "file" | "absent" | "outside"): Taken {
  switch (kind) {
    case "outside":
      return refusal(
        "GF003",
        `${path} is a link that leads outside the build context`,
        "put a copy in the link's place, or name other files",
      );
    case "dir":
      return refusal(
        "GF040",
        `${path} is a link to a folder that is not taken with it`,
        "name the folder in an entry of its own",
      );
    case "file":
    case "absent":
      return refusal("GF046", `${path} leads to no file`, "remove it, or name other files");
  }
}

const runs = ({ executable }: Entry): ImageFile["kind"] => (executable === true ? "executable" : "file");

async function kindOf(tree: OpenTree, path: string): Promise<ImageFile["kind"]> {
  const entry = (await tree.list(posix.dirname(path)))?.get(posix.basename(path));
  return entry === undefined ? "file" : runs(entry);
}
