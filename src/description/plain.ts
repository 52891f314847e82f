import type { Node } from "./node.ts";
import type { Path } from "./position.ts";
import { takesText } from "./schema-walk.ts";

/**
 * A node as plain data for the schema: frozen, maps without a prototype. Where the schema takes
 * text, an unquoted number or boolean counts as the characters that stand there, so
 * `env: { RATE: 1.20 }` is "1.20" as the reader sees it. `go` alone insists on quotes: other tools
 * that read the file would take another version from it.
 */
export function plainOf(node: Node, path: Path = []): unknown {
  switch (node.kind) {
    case "map": {
      const out = Object.create(null) as Record<string, unknown>;
      for (const [name, entry] of node.entries) out[name] = plainOf(entry.value, [...path, name]);
      return Object.freeze(out);
    }
    case "list":
      return Object.freeze(node.items.map((item, index) => plainOf(item, [...path, index])));
    case "scalar": {
      const isWritten =
        node.plain !== undefined && (typeof node.value === "number" || typeof node.value === "boolean");
      return isWritten && !wantsQuotes(path) && takesText(path) ? node.plain : node.value;
    }
  }
}

function wantsQuotes(path: Path): boolean {
  return path.length === 1 && path[0] === "go";
}
