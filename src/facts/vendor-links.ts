import { pending, type Known, type Knowledge } from "./knowledge.ts";
import { childPath, isWithin, relativeTo } from "./paths.ts";
import type { GoModule, VendorLink } from "./types.ts";

/**
 * The links by which the vendor directory, and the modules in it, are reached: Go follows them, a copy of the directory
 * does not. The order is that in which they have to be put in place. Links deeper in a module are not looked for: no
 * `go mod vendor` makes any.
 */
export function vendorLinks(knowledge: Knowledge, module: GoModule): Known<readonly VendorLink[]> {
  const { vendor } = module;
  if (vendor === undefined) return [];
  const root = knowledge.resolve(vendor.dir);
  if (root === pending) return pending;
  if (root.kind !== "dir") return [];
  const out = new Map<string, string>();
  if (root.links.length > 0) out.set(".", root.path);
  let complete = true;
  for (const { path, packages } of vendor.list.modules) {
    if (packages.length === 0) continue;
    const found = knowledge.resolve(childPath(root.path, path));
    const link = found === pending ? undefined : found.links.find((each) => isWithin(each, root.path));
    const target = link === undefined ? undefined : knowledge.resolve(link);
    if (found === pending || target === pending) complete = false;
    else if (link !== undefined && target?.kind === "dir") out.set(relativeTo(link, root.path), target.path);
  }
  if (!complete) return pending;
  return [...out].map(([at, from]) => ({ at, from })).toSorted((a, b) => (a.at < b.at ? -1 : 1));
}
