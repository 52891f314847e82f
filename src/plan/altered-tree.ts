// The tree that services are compiled from, before their steps have run: the build context with what the description and
// the client change in it.
import type { Diagnostic, LocatedDescription } from "../description/index.ts";
import { openTree, type OpenTree, overlaid, type SourceTree, treeAt, treeOfTexts } from "../facts/index.ts";
import { alsoAltered, UNCHANGED } from "./altered.ts";
import { outsideTexts } from "./beside.ts";
import { contextPath } from "./context-path.ts";
import { editedModules } from "./edited-modules.ts";
import { patchedFiles } from "./patched.ts";
import type { Alterations, ContextRules, NamedContext } from "./types.ts";

/** Directories that the client hands in by name, `--build-context NAME=…`. */
export interface NamedContexts {
  /** Those that hold files, and are no images. */
  readonly names: readonly string[];
  readonly open: (name: string) => Promise<{ readonly tree: SourceTree; readonly rules: ContextRules }>;
}

/** A tree with what is changed in it, and what that is. */
export interface AlteredTree {
  readonly tree: OpenTree;
  readonly alterations: Alterations;
  readonly problems: readonly Diagnostic[];
}

/**
 * Changes the tree: by patches first, then by edits of modules, and at last where go.mod names a directory outside.
 *
 * @param given absent: the client hands in nothing
 */
export async function alteredTree(
  located: LocatedDescription,
  context: OpenTree,
  given: NamedContexts | undefined,
): Promise<AlteredTree> {
  const names = given?.names ?? [];
  const { patches = [], modules } = located.description;
  if (patches.length === 0 && modules?.edit === undefined && names.length === 0) {
    return { tree: context, alterations: UNCHANGED, problems: [] };
  }
  const patched = await patchedFiles(located, context);
  const afterPatches = laidOver(context, alsoAltered(UNCHANGED, patched.changes));
  const edited = await editedModules(located, afterPatches.tree, names);
  const afterEdits = laidOver(context, alsoAltered(afterPatches.alterations, edited.changes));
  const outside = await outsideTexts(located, afterEdits.tree, names);
  const wanted = [...new Set([...edited.contexts, ...outside.contexts])];
  const problems = [...patched.problems, ...edited.problems];
  if (given === undefined || wanted.length === 0) return { ...afterEdits, problems };
  const opened = await Promise.all(
    wanted.map(async (name) => {
      const { tree, rules } = await given.open(name);
      return { context: { name, path: contextPath(name), rules }, tree };
    }),
  );
  const contexts = opened.map((found) => found.context);
  const trees = new Map(opened.map((found) => [found.context, found.tree]));
  const all = alsoAltered(afterEdits.alterations, { texts: outside.texts, contexts });
  return { ...laidOver(context, all, trees), problems };
}

/** The context with alterations in it; those of one build that are alike are one tree. */
function laidOver(
  context: OpenTree,
  alterations: Alterations,
  trees: ReadonlyMap<NamedContext, SourceTree> = new Map(),
): Omit<AlteredTree, "problems"> {
  const { texts, removed } = alterations;
  if (texts.length + removed.length + trees.size === 0) return { tree: context, alterations };
  const from = treeOfTexts(new Map(texts.map(({ path, text }) => [path, text])));
  const overlays = [
    ...texts.map(({ path }) => ({ path, from })),
    ...removed.map((path) => ({ path })),
    ...[...trees].map(([{ path }, tree]) => ({ path, from: treeAt(path, tree) })),
  ];
  const key = `altered\0${JSON.stringify(alterations)}`;
  return { tree: context.share(key, () => openTree(overlaid(context.source, overlays))), alterations };
}
