// Changes of go.mod and go.sum that the description makes (`modules.edit`).
import { type Diagnostic, errorAt, type LocatedDescription, type Path, quote } from "../description/index.ts";
import { childPath, editGoMod, NONE, type OpenTree, parseGoSums, readModuleFile } from "../facts/index.ts";
import { moduleDirs, realPath } from "./beside.ts";
import { contextFrom } from "./context-path.ts";
import type { Alterations, InlineFile } from "./types.ts";

export interface EditedModules {
  readonly changes: Pick<Alterations, "texts">;
  /** Named contexts that replace modules. */
  readonly contexts: readonly string[];
  readonly problems: readonly Diagnostic[];
}

/** @param names of contexts that the client hands in */
export async function editedModules(
  located: LocatedDescription,
  tree: OpenTree,
  names: readonly string[],
): Promise<EditedModules> {
  const edit = located.description.modules?.edit;
  if (edit === undefined) return { changes: { texts: [] }, contexts: [], problems: [] };
  const { require = {}, replace = {}, sums = [] } = edit;
  const asked = Object.entries(replace).flatMap(([key, target]) => {
    const name = contextOf(target);
    return name === undefined ? [] : [{ key, name }];
  });
  const edited = await Promise.all(
    [...moduleDirs(located)].map(async (dir): Promise<EditedModule> => {
      const [goMod, goSum] = [childPath(dir, "go.mod"), childPath(dir, "go.sum")];
      const [text, sum = ""] = await Promise.all([goMod, goSum].map((file) => readModuleFile(tree, file)));
      if (text === undefined) return { texts: [], sum };
      const targets = Object.entries(replace).map(([key, target]) => {
        const name = contextOf(target);
        return [key, name === undefined ? target : contextFrom(goMod, name)] as const;
      });
      const changed = editGoMod(goMod, text, { require, replace: Object.fromEntries(targets) });
      const summed = withSums(sum, sums);
      const texts = [
        ...(changed === text ? [] : [{ path: await realPath(tree, goMod), text: changed }]),
        ...(summed === sum ? [] : [{ path: await realPath(tree, goSum), text: summed }]),
      ];
      return { texts, sum: summed };
    }),
  );
  const given = asked.filter(({ name }) => names.includes(name));
  const missing = asked.filter(({ name }) => !names.includes(name));
  return {
    changes: { texts: edited.flatMap(({ texts }) => texts) },
    contexts: given.map(({ name }) => name),
    problems: [
      ...missing.map(({ key, name }) => missingContext(located, key, name)),
      ...unknownSums(
        located,
        edited.map(({ sum }) => sum),
      ),
    ],
  };
}

interface EditedModule {
  readonly texts: readonly InlineFile[];
  /** The text of its go.sum; empty where it has none. */
  readonly sum: string;
}

const CONTEXT = "context:";

function contextOf(target: string): string | undefined {
  return target.startsWith(CONTEXT) ? target.slice(CONTEXT.length) : undefined;
}

function withSums(text: string, lines: readonly string[]): string {
  const known = new Set(text.split("\n").map((line) => line.trim()));
  const added = lines.filter((line) => !known.has(line));
  if (added.length === 0) return text;
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${added.join("\n")}\n`;
}

function missingContext(located: LocatedDescription, key: string, name: string): Diagnostic {
  return errorAt("GF013", `the client hands in no directory ${quote(name)}`, {
    file: located.source.filename,
    range: located.rangeOf(["modules", "edit", "replace", key]),
    help: `add \`--build-context ${name}=…\` with the directory of ${key.split("@")[0] ?? key}`,
  });
}

/** Modules of which the description chooses a version and nobody says the hash: go would refuse them after the download. */
function unknownSums(located: LocatedDescription, texts: readonly string[]): readonly Diagnostic[] {
  const { require = {}, replace = {} } = located.description.modules?.edit ?? {};
  const sums = parseGoSums(texts.map((text) => ({ file: "go.sum", text })));
  const replaced = new Set(Object.keys(replace).map((key) => key.split("@")[0] ?? ""));
  const chosen: readonly (readonly [string, string, Path])[] = [
    ...Object.entries(require).flatMap(([path, version]) =>
      version === NONE || replaced.has(path)
        ? []
        : [[path, version, ["modules", "edit", "require", path]] as const],
    ),
    ...Object.entries(replace).flatMap(([key, target]) => {
      const [path = "", version] = /^[./]/.test(target) ? [] : target.split("@");
      return version === undefined ? [] : [[path, version, ["modules", "edit", "replace", key]] as const];
    }),
  ];
  return chosen.flatMap(([path, version, at]) => {
    return sums.has(path, version) && sums.hasGoMod(path, version)
      ? []
      : [
          errorAt("GF012", `nobody says the hashes of ${path} ${version}`, {
            file: located.source.filename,
            range: located.rangeOf(at),
            help: `add its two lines of go.sum to \`modules.edit.sums\`; \`go mod download -json ${path}@${version}\` prints them as Sum and GoModSum`,
          }),
        ];
  });
}
