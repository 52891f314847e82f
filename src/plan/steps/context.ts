import { posix } from "node:path";
import {
  escapePattern,
  HEADER_BYTES,
  headerBytes,
  isWithin,
  relativeTo,
  withinHeaders,
} from "../../facts/index.ts";
import { alterationsFor } from "../altered.ts";
import { stepName } from "../labels.ts";
import type { ContextStep, CopyAction, FileAction, Tree } from "../step.ts";
import type { ContextRules, NamedContext, VariantPlan } from "../types.ts";
import { inlineFiles, type Site } from "./site.ts";

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

/**
 * Files of the build context with what stands in their place or beside them: other texts, and directories that the client
 * hands in.
 *
 * @param files of the context; those of directories that are taken whole are there, too
 * @param needed paths of the tree; directories where they are taken whole
 */
export function withAlterations(site: Site, files: Tree, id: string, needed: readonly string[]): Tree {
  const altered = alterationsFor(site.plan.service.altered, needed);
  if (altered === undefined) return files;
  const gone = altered.removed;
  const copied: CopyAction = {
    kind: "copy",
    from: files,
    source: "/",
    dest: "/",
    contents: true,
    exclude: gone.map(escapePattern),
    times: "epoch",
  };
  return site.add({
    kind: "files",
    id: `${id} altered`,
    title: "[internal] source as it is compiled",
    ...(gone.length === 0 ? { on: files } : {}),
    actions: [
      ...(gone.length === 0 ? [] : [copied]),
      ...altered.contexts.map((context) => placed(site, context, id, needed)),
      ...inlineFiles(altered.texts),
    ],
    exported: false,
  });
}

/** What is needed of a directory that the client hands in, at its place. */
function placed(
  { add }: Pick<Site, "add">,
  { name, path, rules }: NamedContext,
  id: string,
  needed: readonly string[],
): CopyAction {
  const files = needed.filter((file) => isWithin(file, path)).map((file) => relativeTo(file, path));
  const step = contextStep(rules, files, `${id} of ${name}`);
  return {
    kind: "copy",
    from: add({ ...step, named: { name, at: path } }),
    source: "/",
    dest: `/${path}`,
    contents: true,
    parents: true,
    times: "epoch",
  };
}

/** The vendor directory as a tree of its own, so that its key changes only with it; links to modules are followed. */
export function addVendor(site: Site, { vendor = "", vendorLinks = [], label }: VariantPlan): Tree {
  const altered = alterationsFor(site.plan.service.altered, [vendor, ...vendorLinks.map(({ from }) => from)]);
  const id = stepName("vendor", label);
  const itself = vendorLinks.find(({ at }) => at === ".")?.from ?? vendor;
  const inside = vendorLinks.filter(({ at }) => at !== ".");
  const from = addContext(site, [itself, ...inside.map((link) => link.from)], id);
  const part = (source: string, dest: string, without: readonly string[] = []): CopyAction => ({
    kind: "copy",
    from,
    source: `/${source}`,
    dest,
    contents: true,
    parents: true,
    times: "epoch",
    ...(without.length === 0 ? {} : { exclude: without.map(escapePattern) }),
  });
  const goneIn = (source: string): readonly string[] =>
    (altered?.removed ?? []).flatMap((path) => (isWithin(path, source) ? [relativeTo(path, source)] : []));
  const textsIn = (source: string, dest: string): readonly FileAction[] =>
    inlineFiles(
      (altered?.texts ?? []).flatMap(({ path, text }) =>
        isWithin(path, source) ? [{ path: posix.join(dest, relativeTo(path, source)), text }] : [],
      ),
    );
  const whole = part(itself, "/", [...inside.map(({ at }) => at), ...goneIn(itself)]);
  const title = "[internal] vendor directory";
  return inside.reduce(
    (on, link, index) =>
      site.add({
        kind: "files",
        id: `${id} link ${index + 1}`,
        title,
        on,
        actions: [part(link.from, `/${link.at}`, goneIn(link.from)), ...textsIn(link.from, link.at)],
      }),
    site.add({ kind: "files", id, title, actions: [whole, ...textsIn(itself, ".")] }),
  );
}
