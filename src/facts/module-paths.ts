import { isWithin, prefixes, relativeTo } from "./paths.ts";
import type { GoModule } from "./types.ts";

/** Import path of a directory of the module (or of the workspace member it belongs to). */
export function importPathOf(module: GoModule, dir: string): string {
  const owner = module.local
    .filter((local) => local.kind !== "replaced" && isWithin(dir, local.dir))
    .toSorted((a, b) => prefixes(b.dir).length - prefixes(a.dir).length)
    .at(0);
  const rest = relativeTo(dir, owner?.dir ?? module.dir);
  const path = owner?.path ?? module.path;
  return rest === "." ? path : `${path}/${rest}`;
}

/**
 * Whether an `ignore` line of go.mod takes a directory out of `./...`: `./x` at the module's root, `x` anywhere, with
 * everything below (golang/go:src/cmd/go/internal/search/search.go, ShouldIgnore).
 */
export function isIgnoredByModule(module: GoModule, dir: string): boolean {
  if (dir === module.dir || !isWithin(dir, module.dir)) return false;
  const path = `/${relativeTo(dir, module.dir)}/`;
  return module.goMod.ignore.some(({ value }) => {
    const name = `/${value.replace(/^\.\//, "").replace(/^\/|\/$/g, "")}/`;
    return value.startsWith("./") ? path.startsWith(name) : path.includes(name);
  });
}
