import { quotedIncludes } from "./includes.ts";
import { pending, type Known, type Knowledge } from "./knowledge.ts";
import { childPath, isWithin, joinPath, parentPath } from "./paths.ts";
import type { FileLists } from "./package.ts";

/**
 * Files outside of Go's own lists that the assembler and the C compiler will open: targets of `#include "…"`, and what
 * `#cgo` flags name (`-Idir`, `-Ldir`, `${SRCDIR}/lib.a`). Go itself does not know them (its cache key does not hold
 * them either); conditions are ignored, so the answer may be too large, which is only slower.
 *
 * The assembler looks from the package's folder, the C compiler first from the folder of the file that includes.
 */
export function nativeInputs(
  knowledge: Knowledge,
  dir: string,
  lists: FileLists,
  cgoTexts: readonly string[],
): Known<NativeInputs> {
  const files = new Set<string>();
  const links = new Set<string>();
  let complete = true;
  let unclear = false;

  const flags = cgoTexts.flatMap(cgoPaths);
  const searchDirs: string[] = [dir];
  for (const { path, search } of flags) {
    const full = joinPath(dir, path);
    if (full === undefined || full === dir) continue;
    const target = knowledge.resolve(full);
    if (target === pending) {
      complete = false;
      continue;
    }
    target.links.forEach((link) => links.add(link));
    if (target.kind === "file") files.add(target.path);
    if (target.kind !== "dir") continue;
    if (search) searchDirs.push(target.path);
    // The module's root or above as -I: only what is really included is taken from there.
    if (!isWithin(dir, target.path) && !addTree(knowledge, target.path, files)) complete = false;
  }

  const start = [
    ...lists.s,
    ...lists.preprocessed,
    ...lists.c,
    ...lists.cxx,
    ...lists.m,
    ...lists.h,
    ...lists.swig,
    ...lists.swigCxx,
  ];
  const queue = start.map((name) => childPath(dir, name));
  const seen = new Set<string>(queue);
  const follow = (from: string, target: string): void => {
    for (const base of [from, ...searchDirs]) {
      const full = joinPath(base, target);
      const found = full === undefined ? "outside" : knowledge.resolve(full);
      if (found === pending) {
        complete = false;
        continue;
      }
      if (found === "outside" || found.kind === "outside") unclear = true;
      if (found === "outside" || found.kind !== "file") continue;
      found.links.forEach((link) => links.add(link));
      if (!seen.has(found.path)) {
        seen.add(found.path);
        queue.push(found.path);
        files.add(found.path);
      }
    }
  };
  for (const text of cgoTexts) for (const target of quotedIncludes(text)) follow(dir, target);
  for (let i = 0; i < queue.length && i < mostFiles; i++) {
    const path = queue[i] ?? "";
    const resolved = knowledge.resolve(path);
    if (resolved === pending) {
      complete = false;
      continue;
    }
    if (resolved.kind !== "file") continue;
    const file = knowledge.otherFile(resolved.path, resolved.size);
    if (file === pending) {
      complete = false;
      continue;
    }
    unclear ||= file.includes.unclear;
    for (const target of file.includes.targets) follow(parentPath(resolved.path), target);
  }
  unclear ||= queue.length > mostFiles;
  return complete ? { files: [...files], links: [...links], unclear } : pending;
}

export interface NativeInputs {
  readonly files: readonly string[];
  readonly links: readonly string[];
  /** Files that are not among these may be opened too. */
  readonly unclear: boolean;
}

const mostFiles = 20_000;

interface CgoPath {
  /** Relative to the package. */
  readonly path: string;
  /** An include directory. */
  readonly search: boolean;
}

/** Paths in `#cgo` lines, whatever their condition. */
function cgoPaths(text: string): readonly CgoPath[] {
  const out: CgoPath[] = [];
  for (const [, line = ""] of text.matchAll(/^[ \t/*]*#cgo[ \t]([^\n]*)/gm)) {
    const [, flags = ""] = /^[^:]*:(.*)$/.exec(line) ?? [];
    const words = flags.split(/\s+/).map((word) => word.replaceAll(/["']/g, ""));
    words.forEach((word, i) => {
      const attached = /^-[IL](.+)$/.exec(word)?.[1];
      const detached = /^-(I|L|isystem|iquote|include)$/.test(word) ? words[i + 1] : undefined;
      const inside =
        word.includes("${SRCDIR}") && !word.startsWith("-I") && !word.startsWith("-L")
          ? word.slice(word.indexOf("${SRCDIR}"))
          : undefined;
      const path = attached ?? detached ?? inside;
      if (path === undefined || path === "") return;
      const relative = path.startsWith("${SRCDIR}")
        ? path.slice("${SRCDIR}".length).replace(/^\/+/, "")
        : path;
      if (!relative.startsWith("/")) {
        out.push({ path: relative === "" ? "." : relative, search: /^-(I|isystem|iquote)/.test(word) });
      }
    });
  }
  return out;
}

/** All files below a directory; false while some of it is unknown. */
function addTree(knowledge: Knowledge, dir: string, files: Set<string>): boolean {
  const entries = knowledge.listing(dir);
  if (entries === pending) return false;
  let complete = true;
  for (const entry of entries?.values() ?? []) {
    if (files.size > mostFiles) return true;
    const path = childPath(dir, entry.name);
    if (entry.kind === "dir" && entry.name !== ".git") complete = addTree(knowledge, path, files) && complete;
    else if (entry.kind !== "other") files.add(path);
  }
  return complete;
}
