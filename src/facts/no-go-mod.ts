import { unhide } from "./ignore.ts";
import { findUp } from "./module-files.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath, relativeTo } from "./paths.ts";
import type { FactsDiagnostic } from "./types.ts";
import { findModules } from "./walk.ts";

/** A directory that was to be a module's has no go.mod: what hides it, or where there is one. */
export async function explainNoGoMod(tree: OpenTree, dir: string): Promise<FactsDiagnostic> {
  const ignored = tree.ignoredBy(childPath(dir, "go.mod"));
  if (ignored !== undefined) {
    const message = `go.mod is excluded by ${ignored.file} line ${ignored.line} (${ignored.pattern})`;
    const help = unhide(childPath(dir, "go.mod"), ignored);
    return { severity: "error", code: "GF004", message, help };
  }
  const found = await findModules(tree, dir);
  const above = await findUp(tree, dir, "go.mod");
  const some = found.slice(0, 5).map(shown).join(", ");
  const more = found.length > 5 ? ", …" : "";
  const [first] = found;
  const help =
    first !== undefined
      ? `set \`module: ${shown(first)}\` if the module is in a subdirectory (found ${found.length}: ${some}${more})`
      : above !== undefined
        ? `go.mod is in ${shown(above)}: set \`module: ${shown(above)}\` and \`main: ./${relativeTo(dir, above)}\``
        : "run `go mod init` in the service's directory, or build from the directory that holds go.mod";
  const message = `no go.mod in ${shown(dir)} — this is not a Go module root`;
  return { severity: "error", code: "GF010", message, help };
}

function shown(dir: string): string {
  return dir === "." ? "." : `./${dir}`;
}
