import { unhide } from "./ignore.ts";
import type { OpenTree } from "./open-tree.ts";
import { joinPath } from "./paths.ts";
import type { FactsDiagnostic } from "./types.ts";

export type NamedFile = FoundFile | Refused;

export interface FoundFile {
  readonly ok: true;
  /** Where it really is, links followed. */
  readonly path: string;
  /** Where the description says that it is. */
  readonly named: string;
  readonly size: number;
}

export interface Refused {
  readonly ok: false;
  readonly diagnostic: FactsDiagnostic;
}

/** How a file is spoken of, and what helps where it is not as it has to be. */
export interface FileWords {
  /** What it is: `profile`. */
  readonly what: string;
  readonly whenOutside: string;
  readonly whenDirectory: string;
  readonly whenAbsent: string;
}

/**
 * A file that a description names.
 *
 * @param dir directory of the module, to which the name is relative
 */
export async function findNamedFile(
  tree: OpenTree,
  dir: string,
  named: string,
  { what, whenOutside, whenDirectory, whenAbsent }: FileWords,
): Promise<NamedFile> {
  const path = joinPath(dir, named);
  const place = path === undefined ? undefined : await tree.resolve(path);
  if (path === undefined || place === undefined || place.kind === "outside") {
    return refuse("GF003", `the ${what} ${named} lies outside the build context`, whenOutside);
  }
  if (place.kind === "file") return { ok: true, path: place.path, named: path, size: place.size };
  const rule = tree.ignoredBy(path);
  if (rule !== undefined) {
    const message = `the ${what} ${path} is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`;
    return refuse("GF004", message, unhide(path, rule));
  }
  return place.kind === "dir"
    ? refuse("GF046", `the ${what} ${path} is a directory`, whenDirectory)
    : refuse("GF046", `the ${what} ${path} is not in the build context`, whenAbsent);
}

export function refuse(code: FactsDiagnostic["code"], message: string, help: string): Refused {
  return { ok: false, diagnostic: { severity: "error", code, message, help } };
}
