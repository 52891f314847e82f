import { createHash } from "node:crypto";

/** Stands for values in a name that cannot hold them, or must not tell them. */
export function hashOf(...values: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 32);
}
