import {
  type Diagnostic,
  errorAt,
  type LocatedDescription,
  type Owner,
  type Path,
  quote,
  type ServiceDescription,
} from "../description/index.ts";
import type { ImageFiles } from "./image-file.ts";
import { foldersAbove } from "./image-folders.ts";
import { followLinks } from "./image-links.ts";
import { staticId, STATIC_USERS } from "./image-users.ts";

/** What stands at a path of the image. */
interface Occupant {
  readonly path: string;
  readonly kind: "directory" | "file" | "link" | "volume";
  /** In messages: "the binary orders". */
  readonly what: string;
  /** Absent: the description does not name it. */
  readonly at?: Path | undefined;
}

/** Files of `static` (src/plan/helper/rootfs.go, which the tests compare). */
export const STATIC_FILES = [
  "/etc/group",
  "/etc/nsswitch.conf",
  "/etc/passwd",
  "/etc/ssl/certs/ca-certificates.crt",
] as const;

/** Directories of `static` beside those that they lie in; in the last one are time zones. */
export const STATIC_DIRECTORIES = ["/home/nonroot", "/tmp", "/usr/share/zoneinfo"] as const;

/**
 * What of an image's content contradicts itself or its binaries: two things at one path, something below a file or a
 * link, links in a circle, owners whose names nobody knows.
 */
export function contentProblems(
  { image, rangeOf, keyRangeOf }: ServiceDescription,
  programs: readonly { readonly name: string; readonly path: string }[],
  files: readonly ImageFiles[],
  located: LocatedDescription,
): readonly Diagnostic[] {
  const report = (code: "GF040" | "GF043", message: string, help: string, at: Path): Diagnostic =>
    errorAt(code, message, {
      file: located.source.filename,
      range: at.at(-2) === "links" ? keyRangeOf(at) : rangeOf(at),
      help,
    });
  const given: readonly Occupant[] = [
    ...programs.map(({ name, path }) => ({ path, kind: "file" as const, what: `the binary ${quote(name)}` })),
    ...(image.base.kind === "static" ? ofStatic() : []),
  ];
  const described: readonly Occupant[] = [
    ...image.dirs.map(({ path }, index) => ({
      path,
      kind: "directory" as const,
      what: `the directory ${quote(path)}`,
      at: ["image", "dirs", index],
    })),
    ...Object.keys(image.links).map((path) => ({
      path,
      kind: "link" as const,
      what: `the link ${quote(path)}`,
      at: ["image", "links", path],
    })),
    ...image.files.flatMap(({ source, to }, index): readonly Occupant[] => {
      const at: Path = ["image", "files", index, "to"];
      if (source.kind === "text") {
        return [{ path: to.path, kind: "file", what: `the file ${quote(to.path)}`, at }];
      }
      const taken = files.find((entry) => entry.index === index)?.files ?? [];
      return taken.map(({ path, kind }) => ({
        path,
        kind: kind === "link" ? "link" : "file",
        what: `the file ${quote(path)}`,
        at,
      }));
    }),
    ...image.volumes.map((path, index) => ({
      path,
      kind: "volume" as const,
      what: `the volume ${quote(path)}`,
      at: ["image", "volumes", index],
    })),
  ];
  const circles = Object.keys(image.links)
    .filter((path) => followLinks(path, image.links) === undefined)
    .map((path) =>
      report(
        "GF043",
        `the link ${quote(path)} leads in a circle`,
        "name a file or a directory that it leads to",
        ["image", "links", path],
      ),
    );
  const owners = [
    ...image.dirs.map(({ owner }, index) => ({ owner, at: ["image", "dirs", index, "owner"] })),
    ...image.files.map(({ owner }, index) => ({ owner, at: ["image", "files", index, "owner"] })),
  ];
  return [
    ...clashes([...given, ...described], (message, help, at) => report("GF043", message, help, at)),
    ...circles,
    ...owners.flatMap(({ owner, at }) => {
      const found = owner === undefined ? undefined : ownerProblem(image.base.kind, owner);
      return found === undefined ? [] : [report("GF040", found.message, found.help, at)];
    }),
  ];
}

function ofStatic(): readonly Occupant[] {
  const files = STATIC_FILES.map((path) => ({ path, kind: "file" as const, what: `a file of static` }));
  const dirs = new Set<string>([
    ...STATIC_DIRECTORIES,
    ...[...STATIC_FILES, ...STATIC_DIRECTORIES].flatMap(foldersAbove),
  ]);
  return [
    ...files,
    ...[...dirs].map((path) => ({ path, kind: "directory" as const, what: `a directory of static` })),
  ];
}

/** Of two at one path, or one below another, the one that the description names later. */
function clashes(
  occupants: readonly Occupant[],
  report: (message: string, help: string, at: Path) => Diagnostic,
): readonly Diagnostic[] {
  const known = new Map<string, Occupant>();
  const found: Diagnostic[] = [];
  for (const occupant of occupants) {
    const { path, what, at } = occupant;
    const other = known.get(path);
    if (other === undefined) known.set(path, occupant);
    else if (at !== undefined && !agree(other, occupant)) {
      found.push(
        report(
          what === other.what ? `${what} is named twice` : `${what} would take the place of ${other.what}`,
          "remove it, or choose another path",
          at,
        ),
      );
    }
  }
  for (const occupant of known.values()) {
    const above = firstAbove(occupant.path, known);
    if (above === undefined) continue;
    // The binary and what is in the base cannot be at fault.
    const [at, message] =
      occupant.at === undefined
        ? [above.at, `${above.what} would take the place of a directory: ${occupant.what} is below it`]
        : [occupant.at, `${occupant.what} lies below ${above.what}, which is no directory`];
    if (at !== undefined) found.push(report(message, "choose another path", at));
  }
  return found;
}

const isDirectory = ({ kind }: Occupant): boolean => kind === "directory" || kind === "volume";

/** A directory may be a volume, too, and one of the base may get another mode. */
function agree(first: Occupant, second: Occupant): boolean {
  return isDirectory(first) && isDirectory(second) && (first.at === undefined || first.kind !== second.kind);
}

/** What something lies below that is no directory. */
function firstAbove(path: string, known: ReadonlyMap<string, Occupant>): Occupant | undefined {
  return foldersAbove(path)
    .flatMap((folder) => known.get(folder) ?? [])
    .findLast((above) => !isDirectory(above));
}

/** BuildKit takes a name that it does not find for root's, so names are those that are known here. */
function ownerProblem(
  base: "static" | "scratch" | "image",
  { user, group }: Owner,
): { readonly message: string; readonly help: string } | undefined {
  const isKnown = (name: string): boolean =>
    /^[0-9]+$/.test(name) || name === "root" || (base === "static" && staticId(name) !== undefined);
  const parts = [user, ...(group === undefined ? [] : [group])];
  const unknown = parts.find((name) => !isKnown(name));
  if (unknown === undefined) return undefined;
  const ids = parts.map((name) => (isKnown(name) && name !== "root" ? name : (staticId(name) ?? "65532")));
  const names = base === "static" ? Object.keys(STATIC_USERS).join(", ") : "root";
  return {
    message: `owner has a name that is not known here (${quote(unknown)})`,
    help: `write \`${ids.join(":")}\`: owners are ids, and names that are known on this base are ${names}`,
  };
}
