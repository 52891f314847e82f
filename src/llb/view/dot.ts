// A definition as a Graphviz graph: `dot -Tsvg`.
import type { Definition } from "../marshal/definition.ts";
import { viewDefinition, type OpKind } from "./view.ts";

/** The fill of each kind of op in a picture. */
export const kindColors: Readonly<Record<OpKind, string>> = {
  source: "#dbeafe",
  exec: "#fde68a",
  file: "#dcfce7",
  merge: "#ede9fe",
  diff: "#fae8ff",
  passthrough: "#e5e7eb",
  build: "#ffedd5",
  unknown: "#fecaca",
};

/**
 * The graph in DOT. Edges run from inputs to users and say what they are used for; inputs that the
 * definition lacks are dashed.
 *
 * @throws LlbError when the definition is broken.
 */
export function toDot(definition: Definition): string {
  const { ops, head } = viewDefinition(definition);
  const known = new Set(ops.map(({ digest }) => digest));
  const lines = [
    "digraph llb {",
    "  rankdir=LR;",
    '  node [shape=box, style="rounded,filled", fontname="monospace", fontsize=10];',
    '  edge [fontname="monospace", fontsize=8];',
  ];
  for (const { digest, kind, name, platform } of ops) {
    const label = [platform === "" ? kind : `${kind} ${platform}`, name, digest.slice(0, 19)].join("\n");
    lines.push(`  ${quote(digest)} [label=${quote(label)}, fillcolor=${quote(kindColors[kind])}];`);
  }
  for (const { digest, inputs } of ops) {
    for (const input of inputs) {
      if (!known.has(input.digest)) lines.push(`  ${quote(input.digest)} [label="missing", style=dashed];`);
      const label = [...(input.index === 0 ? [] : [`#${input.index}`]), ...input.uses].join(" ");
      lines.push(
        `  ${quote(input.digest)} -> ${quote(digest)}${label === "" ? "" : ` [label=${quote(label)}]`};`,
      );
    }
  }
  if (head !== undefined) {
    lines.push("  result [shape=oval, style=bold];");
    lines.push(`  ${quote(head.digest)} -> result${head.index === 0 ? "" : ` [label="#${head.index}"]`};`);
  }
  return `${lines.join("\n")}\n}\n`;
}

const quote = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
