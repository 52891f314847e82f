import { type Diagnostic, errorAt, type LocatedDescription, quote } from "../description/index.ts";
import { executableName } from "./image.ts";
import type { InspectedProgram } from "./inspected.ts";

type Program = Pick<InspectedProgram, "name" | "path" | "description" | "module" | "main">;

/** Programs of one image that are in each other's way: at one place, or below each other; or that are one. */
export function programProblems(
  programs: readonly Program[],
  located: LocatedDescription,
): readonly Diagnostic[] {
  return programs.flatMap((program, index) => {
    const before = programs.slice(0, index);
    const at = (key: string) => ({
      file: located.source.filename,
      range: program.description.rangeOf(["binaries", program.name, key]),
    });
    const twin = before.find(({ main }) => main.dir === program.main.dir);
    if (twin !== undefined) {
      return [
        errorAt(
          "GF043",
          `${quote(program.name)} and ${quote(twin.name)} are one main package (${program.main.dir})`,
          {
            ...at("main"),
            help: "leave one out, or name another directory",
          },
        ),
      ];
    }
    const namesake = before.find(({ name }) => fileOf(name) === fileOf(program.name));
    if (namesake !== undefined) {
      return [
        errorAt("GF043", `${quote(program.name)} and ${quote(namesake.name)} are one file on Windows`, {
          ...at("main"),
          help: "leave `.exe` out: executables for Windows get it by themselves",
        }),
      ];
    }
    const other = before.find(({ path }) => isAt(path, program.path) || isAt(program.path, path));
    if (other === undefined) return [];
    return [
      errorAt(
        "GF043",
        `${quote(program.name)} at ${program.path} is in the way of ${quote(other.name)}, ${other.path}`,
        {
          ...at("path"),
          help: `choose another place, like \`path: /usr/local/bin/${program.name}\``,
        },
      ),
    ];
  });
}

/** What executables are called on Windows, whatever the platform: a description is for any. */
function fileOf(name: string): string {
  return executableName(name, { os: "windows", architecture: "amd64" });
}

function isAt(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}/`);
}
