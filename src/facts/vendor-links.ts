import type { OpenTree } from "./open-tree.ts";
import { childPath, isWithin, relativeTo } from "./paths.ts";
import type { GoModule, VendorLink } from "./types.ts";

/**
 * The links by which the vendor directory, and the modules in it, are reached: Go follows them, a copy of the directory
 * does not. The order is that in which they have to be put in place. Links deeper in a module are not looked for: no
 * `go mod vendor` makes any.
 */
export async function vendorLinks(tree: OpenTree, { vendor }: GoModule): Promise<readonly VendorLink[]> {
  if (vendor === undefined) return [];
  const root = await tree.resolve(vendor.dir);
  if (root.kind !== "dir") return [];
  const vendored = vendor.list.modules.filter(({ packages }) => packages.length > 0);
  const links = await Promise.all(
    vendored.map(async ({ path }): Promise<readonly VendorLink[]> => {
      const found = await tree.resolve(childPath(root.path, path));
      const link = found.links.find((at) => isWithin(at, root.path));
      const target = link === undefined ? undefined : await tree.resolve(link);
      if (link === undefined || target?.kind !== "dir") return [];
      return [{ at: relativeTo(link, root.path), from: target.path }];
    }),
  );
  const whole = root.links.length > 0 ? [{ at: ".", from: root.path }] : [];
  const byPlace = new Map([...whole, ...links.flat()].map((link) => [link.at, link]));
  return [...byPlace.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1));
}
