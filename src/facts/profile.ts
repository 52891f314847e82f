import { unhide } from "./ignore.ts";
import type { OpenTree } from "./open-tree.ts";
import { joinPath } from "./paths.ts";
import type { FactsDiagnostic } from "./types.ts";

export type FoundProfile =
  /** Where it really is, links followed. */
  { readonly ok: true; readonly path: string } | { readonly ok: false; readonly diagnostic: FactsDiagnostic };

/**
 * The PGO profile that a description names.
 *
 * @param dir directory of the module, to which the name is relative
 */
export async function findProfile(tree: OpenTree, dir: string, named: string): Promise<FoundProfile> {
  const path = joinPath(dir, named);
  const found = path === undefined ? undefined : await tree.resolve(path);
  if (path === undefined || found === undefined || found.kind === "outside") {
    return refuse(
      "GF003",
      `the profile ${named} lies outside the build context`,
      "put a copy beside the service, or build from a directory that holds both and set `module:`",
    );
  }
  if (found.kind === "file") return { ok: true, path: found.path };
  const rule = tree.ignoredBy(path);
  if (rule !== undefined) {
    const message = `the profile ${path} is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`;
    return refuse("GF004", message, unhide(path, rule));
  }
  return found.kind === "dir"
    ? refuse("GF046", `the profile ${path} is a directory`, "name the profile in it")
    : refuse(
        "GF046",
        `no profile ${path} in the build context`,
        "name a CPU profile, relative to the module's directory, or write `pgo: auto`",
      );
}

function refuse(code: FactsDiagnostic["code"], message: string, help: string): FoundProfile {
  return { ok: false, diagnostic: { severity: "error", code, message, help } };
}
