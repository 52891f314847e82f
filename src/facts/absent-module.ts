import { unhide } from "./ignore.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath } from "./paths.ts";
import type { FactsDiagnostic, Position } from "./types.ts";

/** A line of go.mod or go.work that names a directory. */
export interface NamingLine {
  /** `use ./x` or `replace a.b/c => ./x`. */
  readonly text: string;
  readonly file: string;
  readonly at: Position;
}

/** A line of go.mod or go.work names a directory that holds no go.mod: Go stops there, whatever is built. */
export async function explainAbsentModule(
  tree: OpenTree,
  dir: string,
  line: NamingLine,
  kind: "go.mod" | "go.work",
): Promise<FactsDiagnostic> {
  const { text, file, at } = line;
  const goMod = childPath(dir, "go.mod");
  const [place, found] = await Promise.all([tree.resolve(dir), tree.resolve(goMod)]);
  const rule = tree.ignoredBy(goMod);
  const error = { severity: "error", file, position: at } as const;
  if (rule !== undefined) {
    const message = `${text}: ${goMod} is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`;
    // The directory's Go files are likely to be hidden by the same rule.
    return { ...error, code: "GF004", message, help: unhide(place.kind === "dir" ? goMod : dir, rule) };
  }
  if (place.kind === "outside" || found.kind === "outside") return outsideContext(line);
  return {
    ...error,
    code: "GF013",
    message:
      place.kind === "dir"
        ? `${text}: the directory holds no go.mod`
        : `${text}: no such directory in the build context`,
    help:
      kind === "go.work"
        ? "add the directory (a git submodule? `git submodule update --init`), or remove it with `go work edit -dropuse=" +
          `${text.slice("use ".length)}\``
        : "add the directory (a git submodule? `git submodule update --init`), or remove the line with " +
          `\`go mod edit -dropreplace=${text.split(" ")[1] ?? ""}\` and run \`go mod tidy\``,
  };
}

/** GF013 for a `replace` or `use` of a directory outside the build context. */
export function outsideContext({ text, file, at }: NamingLine): FactsDiagnostic {
  return {
    severity: "error",
    code: "GF013",
    message: `${text} lies outside the build context`,
    help: `build from a parent directory that holds both and set \`module:\`, or hand the directory in: --build-context ${contextName(text)}=…`,
    file,
    position: at,
  };
}

/** The name by which a client can hand in the directory that a line names; the module's path where it ends in `..`. */
function contextName(text: string): string {
  const name = text.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return (/^[A-Za-z0-9]/.test(name) ? name : (text.split(" ")[1] ?? "")).toLowerCase();
}
