import { importPathOf } from "./module-paths.ts";
import { isWithin, relativeTo } from "./paths.ts";
import type { GoModule, MainPackage } from "./types.ts";

/** The main package in a directory of the context. */
export function mainPackage(module: GoModule, dir: string): MainPackage {
  return { dir, importPath: importPathOf(module, dir) };
}

/** As `main:` would name it. */
export function asWritten(module: GoModule, dir: string): string {
  if (!isWithin(dir, module.dir)) return dir;
  const rest = relativeTo(dir, module.dir);
  return rest === "." ? "." : `./${rest}`;
}
