import { detach } from "../detach.ts";
import { isObjectName } from "./refs.ts";

export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** When it was committed, in seconds since 1970. */
  readonly time: number;
}

/** Reads a commit object; undefined: it is none. */
export function parseCommit(bytes: Uint8Array): Commit | undefined {
  const headers = headersOf(bytes);
  const all = (key: string): readonly string[] =>
    headers.flatMap(([name, value]) => (name === key ? [value] : []));
  const [tree] = all("tree");
  const [, seconds] = / (\d{1,12}) [+-]\d+$/.exec(all("committer")[0] ?? "") ?? [];
  if (tree === undefined || !isObjectName(tree) || seconds === undefined) return undefined;
  const parents = all("parent").filter(isObjectName).map(detach);
  return { tree: detach(tree), parents, time: Number(seconds) };
}

export interface TagObject {
  /** What it names, and of what type that is. */
  readonly object: string;
  readonly type: string;
  /** When it was made, in seconds since 1970; 0 where it does not say. */
  readonly time: number;
}

/** Reads the object of an annotated tag; undefined: it is none. */
export function parseTag(bytes: Uint8Array): TagObject | undefined {
  const headers = new Map(headersOf(bytes));
  const object = headers.get("object") ?? "";
  const [, seconds = "0"] = / (\d{1,12}) [+-]\d+$/.exec(headers.get("tagger") ?? "") ?? [];
  return isObjectName(object)
    ? { object: detach(object), type: headers.get("type") ?? "", time: Number(seconds) }
    : undefined;
}

/** The lines before the first empty one. */
function headersOf(bytes: Uint8Array): readonly (readonly [name: string, value: string])[] {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf("\n\n");
  const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  return text.split("\n").map((line) => {
    const space = line.indexOf(" ");
    return space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
  });
}
