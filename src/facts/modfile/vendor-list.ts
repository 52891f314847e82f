import type { ModuleVersion, VendoredModule, VendorList } from "./types.ts";

/**
 * Reads vendor/modules.txt: `# path version [=> path version]` starts a module, `## explicit; go 1.21` describes it, bare
 * lines are its packages. Rules: golang/go:src/cmd/go/internal/modload/vendor.go.
 */
export function parseVendorList(file: string, text: string): VendorList {
  const modules: {
    -readonly [K in keyof VendoredModule]: VendoredModule[K] extends readonly string[]
      ? string[]
      : VendoredModule[K];
  }[] = [];
  let workspace = false;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const module = modules.at(-1);
    if (line.startsWith("## ")) {
      const notes = line
        .slice(3)
        .split(";")
        .map((note) => note.trim());
      if (notes.includes("workspace") && module === undefined) workspace = true;
      if (module === undefined) continue;
      if (notes.includes("explicit")) module.explicit = true;
      module.go = notes.find((note) => note.startsWith("go "))?.slice(3) ?? module.go;
    } else if (line.startsWith("# ")) {
      const [left = "", right] = line.slice(2).split("=>");
      const replace = right === undefined ? undefined : pathVersion(right);
      modules.push({
        ...pathVersion(left),
        explicit: false,
        go: undefined,
        replace,
        packages: [],
        line: index + 1,
      });
    } else if (line !== "" && !line.startsWith("#")) {
      module?.packages.push(line);
    }
  }
  return { file, workspace, modules };
}

function pathVersion(text: string): ModuleVersion {
  const [path = "", version = ""] = text.trim().split(/\s+/);
  return { path, version };
}
