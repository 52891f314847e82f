import { minorOf } from "./go-line.ts";
import { parseVendorList } from "./modfile/vendor-list.ts";
import { readModuleFile } from "./module-files.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath } from "./paths.ts";
import type { FactsDiagnostic, GoModule } from "./types.ts";

export interface FoundVendor {
  readonly vendor: GoModule["vendor"];
  readonly diagnostics: readonly FactsDiagnostic[];
}

/**
 * vendor/ is used by default when the go line is 1.14 or later and modules.txt was written for a workspace or for a
 * module, whichever it is; without a modules.txt it counts as a module's.
 * Rules: golang/go:src/cmd/go/internal/modload/init.go (setDefaultBuildMod, modulesTextIsForWorkspace).
 */
export async function readVendor(
  tree: OpenTree,
  dir: string,
  go: string | undefined,
  isWorkspace: boolean,
): Promise<FoundVendor> {
  if (go === undefined || minorOf(go) < 14) return none;
  const vendor = childPath(dir, "vendor");
  const file = childPath(vendor, "modules.txt");
  const entry = (await tree.list(dir))?.get("vendor");
  if (entry === undefined) return none;
  const [place, text] = await Promise.all([tree.resolve(vendor), readModuleFile(tree, file)]);
  if (place.kind === "dir") {
    const list = parseVendorList(file, text ?? "");
    return list.workspace === isWorkspace ? { vendor: { dir: vendor, list }, diagnostics: [] } : none;
  }
  if (entry.kind !== "symlink") return none;
  const dangling: FactsDiagnostic = {
    severity: "warning",
    code: "GF018",
    message: `${vendor} is a link that leads to nothing in the build context, so modules are downloaded`,
    help: "build from a directory that holds both and set `module:`, or put a copy in the link's place",
    file: vendor,
    position: { line: 1, column: 1 },
  };
  return { vendor: undefined, diagnostics: [dangling] };
}

const none: FoundVendor = { vendor: undefined, diagnostics: [] };
