import { editLines, type LineEdit } from "./edit-lines.ts";
import { parseGoMod } from "./go-mod.ts";

/** Other requirements and replacements of a go.mod, as `go mod edit` would write them. */
export interface GoModEdit {
  /** Versions by module path; {@link NONE}: no requirement. */
  readonly require: Readonly<Record<string, string>>;
  /** What replaces a module, by `path` or `path@version`: `path@version`, a directory, or {@link NONE}. */
  readonly replace: Readonly<Record<string, string>>;
}

/** Stands for a line that is left out. */
export const NONE = "none";

/**
 * Rules: golang/go:src/cmd/go/internal/modcmd/edit.go. A replacement of all versions takes the place of those of one. New
 * lines stand at the end of the file.
 */
export function editGoMod(file: string, text: string, { require, replace }: GoModEdit): string {
  const parsed = parseGoMod(file, text);
  const required = new Set(parsed.require.map(({ path }) => path));
  const replaced = new Set<string>();
  const edits: LineEdit[] = parsed.require.flatMap(({ path, at }) => {
    const version = Object.hasOwn(require, path) ? require[path] : undefined;
    if (version === undefined) return [];
    return [version === NONE ? { at } : { at, to: `${path} ${version}` }];
  });
  for (const { old, at } of parsed.replace) {
    const exact = `${old.path}@${old.version}`;
    const key = [exact, old.path].find((name) => Object.hasOwn(replace, name));
    const target = key === undefined ? undefined : replace[key];
    if (key === undefined || target === undefined) continue;
    const isSame = key === exact || old.version === "";
    if (isSame && target !== NONE && !replaced.has(key)) {
      edits.push({ at, to: targetText(target) });
      replaced.add(key);
    } else {
      edits.push({ at });
    }
  }
  const added = [
    ...Object.entries(require)
      .filter(([path, version]) => version !== NONE && !required.has(path))
      .map(([path, version]) => `require ${path} ${version}\n`),
    ...Object.entries(replace)
      .filter(([key, target]) => target !== NONE && !replaced.has(key))
      .map(([key, target]) => `replace ${key.replace("@", " ")} => ${targetText(target)}\n`),
  ];
  const edited = editLines(text, edits);
  return added.length === 0 ? edited : `${edited}${edited.endsWith("\n") ? "" : "\n"}\n${added.join("")}`;
}

/** A module with its version, or a directory, which may hold an `@`. */
function targetText(target: string): string {
  return /^\.{1,2}(?:\/|$)/.test(target) ? target : target.replace("@", " ");
}
