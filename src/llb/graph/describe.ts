// Ops in words, for errors and for pictures.
import type { FileNode, Vertex } from "./vertex.ts";

/** The op as a person would name it: `exec (go build ./...)`, with its custom name if it has one. */
export function describeVertex(vertex: Vertex): string {
  const text = describeContent(vertex);
  const name =
    vertex.kind === "definition" ? undefined : vertex.constraints.metadata.description.get("llb.customname");
  const shown = name === undefined ? text : `${name}, ${text}`;
  return `${vertex.kind} (${shorten(shown)})`;
}

function describeContent(vertex: Vertex): string {
  switch (vertex.kind) {
    case "source":
      return vertex.identifier;
    case "exec":
      return vertex.meta.args.join(" ");
    case "file":
      return actions(vertex.action).map(describeAction).join(", ");
    case "merge":
      return `${vertex.inputs.length} inputs`;
    case "diff":
      return vertex.upper === undefined ? "against scratch" : "two inputs";
    case "passthrough":
      return vertex.id;
    case "build":
      return vertex.filename;
    case "definition":
      return vertex.digest;
  }
}

function actions(last: FileNode): readonly FileNode[] {
  const list: FileNode[] = [];
  for (let action: FileNode | undefined = last; action !== undefined; action = action.previous) {
    list.push(action);
  }
  return list.toReversed();
}

function describeAction({ action }: FileNode): string {
  switch (action.kind) {
    case "mkdir":
    case "mkfile":
    case "rm":
      return `${action.kind} ${action.path}`;
    case "symlink":
      return `symlink ${action.newpath} -> ${action.oldpath}`;
    case "copy":
      return `copy ${action.src} ${action.dest}`;
  }
}

/** One line of at most 120 characters without control characters. */
export function shorten(text: string): string {
  // Control characters must not reach a terminal.
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ").toWellFormed();
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`;
}
