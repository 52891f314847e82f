import { inflateSync } from "node:zlib";

export type ObjectType = "commit" | "tree" | "blob" | "tag";

export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/** Bytes of an object's name, where it does not stand as text: all of a repository have as many. */
export const nameBytes = (name: string): number => name.length / 2;

/** Bytes of one object: commits, tags and trees are small. */
export const MOST_OBJECT = 4 << 20;

/** Undefined: it does not end here, or is no such data. What stands behind its end is passed over. */
export function inflated(bytes: Uint8Array, most = MOST_OBJECT): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: most });
  } catch {
    return undefined;
  }
}
