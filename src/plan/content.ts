// What an image holds beside its base and its binaries: directories, links, volumes and files.
import type { FileDescription, LocatedDescription, Owner, Path } from "../description/index.ts";
import { isWithin } from "../facts/index.ts";
import type { ImageFile, ImageFiles } from "./image-file.ts";
import { foldersAbove } from "./image-folders.ts";
import { staticId } from "./image-users.ts";
import type { InspectedService } from "./inspected.ts";
import type { ContentPlan, CopiesPlan, Place } from "./types.ts";

/** Of a file's text, in characters, once its variables are put in. */
const LONGEST_TEXT = 131_072;

/** The content of a service's image; undefined where the description asks for none. */
export function planContent(
  { description, imageFiles }: Pick<InspectedService, "description" | "imageFiles">,
  located: LocatedDescription,
  fill: (template: string, path: Path, most: number) => string,
): ContentPlan | undefined {
  const { base, dirs, files, links, volumes } = description.image;
  const named = new Set(dirs.map(({ path }) => path));
  const absent = volumes.filter((path) => !named.has(path));
  const targets = Object.entries(links);
  const made = [
    [dirs, "dirs"],
    [targets, "links"],
    [absent, "volumes"],
    [files, "files"],
  ] as const;
  const [, key] = made.find(([list]) => list.length > 0) ?? [];
  if (key === undefined) return undefined;
  const byId = (name: string): string =>
    base.kind === "static" || name === "root" ? (staticId(name) ?? name) : name;
  const idsOf = ({ user, group }: Owner): Owner => ({
    user: byId(user),
    ...(group === undefined ? {} : { group: byId(group) }),
  });
  const ownerOf = (file: FileDescription | undefined): Owner => idsOf(file?.owner ?? ROOT);
  const at = (path: Path): Place => ({ file: located.source.filename, range: description.rangeOf(path) });
  return {
    dirs: dirs.map(({ path, mode, owner }) => ({
      path,
      mode,
      ...(owner === undefined ? {} : { owner: idsOf(owner) }),
    })),
    absent,
    links: targets.map(([path, target]) => ({ path, target })),
    texts: files.flatMap((file, index) => {
      const path: Path = ["image", "files", index, "text"];
      if (file.source.kind !== "text") return [];
      const text = fill(file.source.text, path, LONGEST_TEXT);
      return [{ path: file.to.path, text, mode: file.mode ?? "0644", owner: ownerOf(file), at: at(path) }];
    }),
    copies: imageFiles.map((entry) => copiesOf(entry, files[entry.index], ownerOf(files[entry.index]))),
    at: { file: located.source.filename, range: description.keyRangeOf(["image", key]) },
  };
}

const ROOT: Owner = { user: "root", group: "root" };

function copiesOf(
  { from, folder, files, at }: ImageFiles,
  described: FileDescription | undefined,
  owner: Owner,
): CopiesPlan {
  return {
    from,
    dirs: folder === undefined ? [] : foldersIn(folder, files),
    files: files.map(({ source, path, kind }) => {
      const mode = kind === "link" ? undefined : (described?.mode ?? MODES[kind]);
      return { source, path, ...(mode === undefined ? {} : { mode }) };
    }),
    owner,
    at,
  };
}

const MODES = { file: "0644", executable: "0755" } as const;

/** A folder and those in it that files are in. */
function foldersIn(folder: string, files: readonly ImageFile[]): readonly string[] {
  const above = files.flatMap(({ path }) => foldersAbove(path));
  const found = folder === "/" ? above : [folder, ...above.filter((dir) => isWithin(dir, folder))];
  return [...new Set(found)].toSorted();
}

/** A line of the image's history for each layer of it. */
export function contentHistory({ dirs, absent, links, texts, copies }: ContentPlan): readonly string[] {
  const paths = [...dirs.map(({ path }) => path), ...absent];
  const parts = [
    ...(paths.length === 0 ? [] : [`directories: ${paths.join(", ")}`]),
    ...(links.length === 0 ? [] : [`links: ${links.map(({ path }) => path).join(", ")}`]),
  ];
  return [
    ...(parts.length === 0 ? [] : [parts.join("; ")]),
    ...(texts.length === 0 ? [] : [`files: ${texts.map(({ path }) => path).join(", ")}`]),
    ...copies.map(({ from }) => `files: ${from}`),
  ];
}
