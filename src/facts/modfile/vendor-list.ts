import { fields, trimSpace } from "../space.ts";
import { isVersion } from "../version.ts";
import type { ModuleVersion, VendoredModule, VendorList } from "./types.ts";

/**
 * Reads vendor/modules.txt: `# path version [=> path version]` starts a module, `## explicit; go 1.21` describes it, bare
 * lines are its packages. Rules: golang/go:src/cmd/go/internal/modload/vendor.go (readVendorList), and init.go
 * (modulesTextIsForWorkspace) for the first line.
 */
export function parseVendorList(file: string, text: string): VendorList {
  const lines = text.split("\n");
  const modules: Mutable<VendoredModule>[] = [];
  let module: Mutable<VendoredModule> | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith("# ")) {
      const words = fields(line);
      if (words.length < 3) continue;
      module = startOf(words, index + 1);
      if (module !== undefined) modules.push(module);
    } else if (line.startsWith("## ")) {
      if (module === undefined) continue;
      const notes = notesOf(line);
      if (notes.includes("explicit")) module.explicit = true;
      module.go = notes.findLast((note) => note.startsWith("go "))?.slice(3) ?? module.go;
    } else {
      const [path, ...more] = fields(line);
      if (path !== undefined && more.length === 0 && !path.startsWith("#")) module?.packages.push(path);
    }
  }
  const [first = ""] = lines;
  return { file, workspace: first.startsWith("## ") && notesOf(first).includes("workspace"), modules };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly string[] ? string[] : T[K] };

/** The module of `# path version …` or `# path => …`; Go passes over lines of any other form, and over what follows them. */
function startOf(words: readonly string[], line: number): Mutable<VendoredModule> | undefined {
  const [, path = "", second = ""] = words;
  const hasVersion = isVersion(second);
  if (!hasVersion && second !== "=>") return undefined;
  const version = hasVersion ? second : "";
  const replace = replacementOf(words.slice(hasVersion ? 3 : 2));
  return { path, version, explicit: false, go: undefined, replace, packages: [], line };
}

function replacementOf([arrow, path, version, ...more]: readonly string[]): ModuleVersion | undefined {
  if (arrow !== "=>" || path === undefined || more.length > 0) return undefined;
  return version === undefined || isVersion(version) ? { path, version: version ?? "" } : undefined;
}

function notesOf(line: string): readonly string[] {
  return line.slice(3).split(";").map(trimSpace);
}
