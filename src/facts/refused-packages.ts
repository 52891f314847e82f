import { short } from "../description/index.ts";
import type { Closure, ScannedPackage } from "./closure.ts";
import type { BuildContext } from "./build-context.ts";
import type { OpenTree } from "./open-tree.ts";
import { readPackage } from "./package.ts";
import { baseName, isWithin, parentPath } from "./paths.ts";
import type { FactsDiagnostic } from "./types.ts";

/**
 * What Go refuses about packages and their imports before it compiles one: two packages in a folder, an import of a
 * program or of somebody else's `internal`, a circle of imports. Files that only a toolchain puts into the build, which is
 * not known, are not judged; neither are tests, which are no part of a build.
 * Rules: golang/go:src/cmd/go/internal/load/pkg.go (loadImport, disallowInternal, reusePackage), src/go/build/build.go
 * (MultiplePackageError), Go 1.26.
 *
 * @param closures of a service, one for each platform
 */
export function refusedPackages(closures: readonly Closure[]): readonly FactsDiagnostic[] {
  const found = closures.flatMap(({ packages }) => {
    const scanned = [...packages.values()];
    return [
      ...scanned.flatMap(twoPackages),
      ...scanned.flatMap((found) => importedPrograms(found, packages)),
      ...scanned.flatMap(internalImports),
      ...circles(packages),
    ];
  });
  // Platforms share most of it, which is said once.
  return [...new Map(found.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** A directory in which Go finds a main package and another one, where one of them was looked for. */
export async function mainAndOther(
  tree: OpenTree,
  contexts: readonly BuildContext[],
  dirs: readonly string[],
): Promise<readonly FactsDiagnostic[]> {
  for (const dir of dirs) {
    for (const context of contexts) {
      const { otherNames } = await readPackage(tree, context, dir);
      const mixed = otherNames.filter(({ text, first }) => text === "main" || first.name === "main");
      if (mixed.length > 0) return twoPackages({ otherNames: mixed, facts: { dir } });
    }
  }
  return [];
}

const error = { severity: "error", code: "GF061" } as const;

function twoPackages({
  otherNames,
  facts,
}: Pick<ScannedPackage, "otherNames"> & {
  readonly facts: Pick<ScannedPackage["facts"], "dir">;
}): readonly FactsDiagnostic[] {
  return otherNames.slice(0, 1).map(({ text, file, position, first }) => ({
    ...error,
    message: `two packages in ${facts.dir === "." ? "one folder" : `./${facts.dir}`}: ${first.name} (${baseName(first.file)}) and ${text} (${baseName(file)})`,
    help:
      text === "main" || first.name === "main"
        ? `move one of the files into a folder of its own; what \`go run\` alone uses begins with \`//go:build ignore\``
        : "give the files one package name, or move one of them into a folder of its own",
    file,
    position,
  }));
}

function importedPrograms(
  { localImports }: ScannedPackage,
  packages: Closure["packages"],
): readonly FactsDiagnostic[] {
  return localImports
    .filter(({ text }) => packages.get(text)?.facts.name === "main")
    .map(({ text, file, position }) => ({
      ...error,
      message: `${short(text)} is a program (package main), which cannot be imported`,
      help: "move what is used into a package of its own, and import that",
      file,
      position,
    }));
}

function internalImports({ facts, localImports, imported }: ScannedPackage): readonly FactsDiagnostic[] {
  return [...localImports, ...imported].flatMap(({ text, file, position }): readonly FactsDiagnostic[] => {
    // Few are, and each service asks of all that it imports.
    if (!text.includes("internal")) return [];
    const parent = /^(?:(.+)\/)?internal(?:\/|$)/.exec(text);
    if (parent === null) return [];
    const [, above = ""] = parent;
    const isStandard = facts.std.includes(text);
    if (!isStandard && (above === "" || isWithin(facts.importPath, above))) return [];
    const those = isStandard ? "the standard library" : `packages below ${short(above)}`;
    const message = `${short(text)} is internal: only ${those} may import it`;
    const help = `import a package that is not internal${isStandard ? "" : ", or move this one"}`;
    return [{ ...error, message, help, file, position }];
  });
}

/** Imports that lead back to a package on the way to them. */
function circles(packages: Closure["packages"]): readonly FactsDiagnostic[] {
  const found: FactsDiagnostic[] = [];
  const done = new Set<string>();
  for (const root of packages.keys()) {
    const way: { readonly path: string; next: number }[] = [];
    const onWay = new Set<string>();
    const enter = (path: string): void => {
      way.push({ path, next: 0 });
      onWay.add(path);
    };
    if (!done.has(root)) enter(root);
    for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
      const place = packages.get(last.path)?.localImports[last.next++];
      if (place === undefined) {
        way.pop();
        onWay.delete(last.path);
        done.add(last.path);
      } else if (onWay.has(place.text)) {
        const from = way.findIndex(({ path }) => path === place.text);
        found.push(circle([...way.slice(from).map(({ path }) => path), place.text], place));
      } else if (!done.has(place.text)) {
        enter(place.text);
      }
    }
  }
  return found.slice(0, MOST);
}

const MOST = 5;

function circle(
  paths: readonly string[],
  { file, position }: ScannedPackage["localImports"][number],
): FactsDiagnostic {
  const shown = paths.length > 8 ? [...paths.slice(0, 4), "…", ...paths.slice(-3)] : paths;
  return {
    ...error,
    message: `packages import each other in a circle: ${shown.map((path) => short(path)).join(" → ")}`,
    help: `move what both need into a package that imports neither, or leave the import out (${parentPath(file) === "." ? "." : `./${parentPath(file)}`})`,
    file,
    position,
  };
}
