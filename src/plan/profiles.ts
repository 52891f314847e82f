// Profiles of a list: from the tree, from a URL, from an image.
import { type FactsDiagnostic, findProfile, type OpenTree } from "../facts/index.ts";
import type { LocatedDescription, ServiceDescription } from "../description/index.ts";
import type { ProfileSource } from "./types.ts";

export type FoundSource =
  | { readonly ok: true; readonly source: ProfileSource }
  | { readonly ok: false; readonly diagnostic: FactsDiagnostic };

/** What `build.pgo` lists, in its order; nothing where it is no list. Of the tree's profiles it is known whether they are there. */
export function profileSources(
  tree: OpenTree,
  description: ServiceDescription,
  located: LocatedDescription,
): Promise<readonly FoundSource[]> {
  const { pgo } = description.build;
  const items = pgo.kind === "profiles" ? pgo.items : [];
  return Promise.all(
    items.map(async (item, index): Promise<FoundSource> => {
      const at = {
        file: located.source.filename,
        range: description.rangeOf(["build", "pgo", index]),
      };
      if (typeof item === "string") {
        const found = await findProfile(tree, description.module, item);
        return found.ok ? { ok: true, source: { kind: "file", path: found.path, at } } : found;
      }
      const { url, checksum, image, path } = item;
      if (url !== undefined && checksum !== undefined) {
        return { ok: true, source: { kind: "url", url, checksum, at } };
      }
      // The description's checks have seen that one of both is whole.
      return { ok: true, source: { kind: "image", reference: image ?? "", path: path ?? "", at } };
    }),
  );
}
