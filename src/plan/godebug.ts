// Settings of GODEBUG that a description gives a program. The go command takes a program's defaults from go.mod, or from
// go.work in a workspace, and from the main package (golang/go:src/cmd/go/internal/load/godebug.go): they are put into
// the step that links, over the file that the tree has there, and go writes them into the build information.
import type { OpenTree } from "../facts/index.ts";
import { type Diagnostic, errorAt, type LocatedDescription } from "../description/index.ts";
import type { InspectedProgram, ScannedProgram } from "./inspected.ts";
import { goSources } from "./scanned.ts";
import type { InlineFile } from "./types.ts";

/** The file that decides a program's settings, with those of the description; undefined where there are none. */
export function fileWithGodebug({
  description,
  module,
  modFiles,
}: Pick<InspectedProgram, "description" | "module" | "modFiles">): InlineFile | undefined {
  const settings = Object.entries(description.build.godebug).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (settings.length === 0) return undefined;
  const { file: path } = module.workspace?.file ?? module.goMod;
  const file = modFiles.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} was not read`);
  // Of several lines with one name the last counts.
  const lines = settings.map(([name, value]) => `godebug ${name}=${value}\n`);
  return { path, text: `${file.text}\n\n${lines.join("")}` };
}

/** Lines of main packages that say otherwise than the description: they would count more. */
export async function godebugProblems(
  programs: readonly ScannedProgram[],
  tree: OpenTree,
  located: LocatedDescription,
): Promise<readonly Diagnostic[]> {
  const found = programs.map(async ({ description, facts }) => {
    const { godebug } = description.build;
    if (Object.keys(godebug).length === 0) return [];
    const files = goSources(
      facts.platforms.flatMap(({ packages }) =>
        packages.filter(({ importPath }) => importPath === facts.importPath),
      ),
    );
    const texts = await Promise.all(files.map(async (path) => ({ path, text: await tree.text(path) })));
    return texts.flatMap(({ path, text }) =>
      directives(text)
        .filter(({ name, value }) => Object.hasOwn(godebug, name) && godebug[name] !== value)
        .map(({ name, value, line }) =>
          errorAt("GF043", `${path}:${line} says //go:debug ${name}=${value}, which counts more`, {
            file: located.source.filename,
            range: description.rangeOf(["build", "godebug", name]),
            help: "leave the setting out here, or the line there",
          }),
        ),
    );
  });
  return (await Promise.all(found)).flat();
}

interface Directive {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** `//go:debug` lines, which stand before the package clause (https://go.dev/doc/godebug#default). */
function directives(text: string): readonly Directive[] {
  const lines = text.split("\n");
  const clause = lines.findIndex((line) => /^\s*package\s/.test(line));
  return lines.slice(0, clause < 0 ? 0 : clause).flatMap((written, index) => {
    const [, name, value] = /^\/\/go:debug[ \t]+([^\s=]+)=(\S+)\s*$/.exec(written) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value, line: index + 1 }];
  });
}
