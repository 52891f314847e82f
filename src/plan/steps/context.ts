import { escapePattern, HEADER_BYTES, headerBytes, withinHeaders } from "../../facts/index.ts";
import { stepName } from "../labels.ts";
import type { ContextRules } from "../resolved.ts";
import type { ContextStep, CopyAction, Tree } from "../step.ts";
import type { VariantPlan } from "../types.ts";
import type { Site } from "./site.ts";

/**
 * Files of the build context.
 *
 * @param paths exact files, or directories to take whole; relative to the context root
 * @param role what they are for
 */
export function addContext(
  { resolved, add }: Pick<Site, "resolved" | "add">,
  paths: readonly string[],
  role: string,
): Tree {
  return add(contextStep(resolved.context, paths, role));
}

/** As {@link addContext}, by how files of the context reach the builder. */
export function contextStep(rules: ContextRules, paths: readonly string[], role: string): ContextStep {
  const step = { kind: "context", id: `context ${role}`, role } as const;
  if (rules.kind === "fetched") return { ...step, title: `[internal] ${role}`, paths, exclude: [] };
  const sent = withinHeaders(paths, HEADER_BYTES - headerBytes(rules.ignore));
  // Of a context that is taken whole, no file of git is needed, and each commit changes some.
  const exclude = sent.includes(".") ? [...rules.ignore, ".git"] : rules.ignore;
  return { ...step, title: `[internal] load build context: ${role}`, paths: sent, exclude };
}

/** The vendor directory as a tree of its own, so that its key changes only with it; links to modules are followed. */
export function addVendor(site: Site, { vendor = "", vendorLinks = [], label }: VariantPlan): Tree {
  const id = stepName("vendor", label);
  const itself = vendorLinks.find(({ at }) => at === ".")?.from ?? vendor;
  const inside = vendorLinks.filter(({ at }) => at !== ".");
  const from = addContext(site, [itself, ...inside.map((link) => link.from)], id);
  const part = (source: string, dest: string): CopyAction => ({
    kind: "copy",
    from,
    source: `/${source}`,
    dest,
    contents: true,
    parents: true,
    times: "epoch",
  });
  const links = inside.map(({ at }) => escapePattern(at));
  const whole = { ...part(itself, "/"), ...(links.length === 0 ? {} : { exclude: links }) };
  const title = "[internal] vendor directory";
  return inside.reduce(
    (on, link, index) =>
      site.add({
        kind: "files",
        id: `${id} link ${index + 1}`,
        title,
        on,
        actions: [part(link.from, `/${link.at}`)],
      }),
    site.add({ kind: "files", id, title, actions: [whole] }),
  );
}
