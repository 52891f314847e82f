import { posix } from "node:path";
import {
  type Diagnostic,
  errorAt,
  type LocatedDescription,
  quote,
  type ServiceDescription,
} from "../description/index.ts";
import type { OpenTree } from "../facts/index.ts";
import type { ImageFiles } from "./image-file.ts";
import { followLinks } from "./image-links.ts";
import { startedBy } from "./startable.ts";

/** As much of a script as Linux reads of its first line (man-pages:execve(2)). */
const MOST_BYTES = 256;

/**
 * A file of the tree that the image starts with and that cannot be started: it is not executable, or it is a script
 * whose interpreter is not in the image. What an image as base holds is not known.
 */
export async function scriptProblems(
  { image, rangeOf }: ServiceDescription,
  programs: readonly { readonly path: string }[],
  files: readonly ImageFiles[],
  tree: OpenTree,
  located: LocatedDescription,
): Promise<readonly Diagnostic[]> {
  const { program = "", at: place } = startedBy(image);
  if (!program.includes("/")) return [];
  const path = followLinks(posix.resolve(image.workdir ?? "/", program), image.links);
  const taken = files.flatMap((entry) => entry.files.map((file) => ({ ...file, index: entry.index })));
  const script = taken.find((file) => file.path === path);
  if (script === undefined) return [];
  const report = (
    message: string,
    help: string,
    ...at: readonly (string | number)[]
  ): readonly Diagnostic[] => [
    errorAt("GF045", message, { file: located.source.filename, range: rangeOf(["image", ...at]), help }),
  ];
  const mode = image.files[script.index]?.mode;
  const runs = mode === undefined ? script.kind === "executable" : (Number.parseInt(mode, 8) & 0o111) !== 0;
  if (!runs) {
    return report(
      `${quote(program)} is not executable`,
      "make it so in the source tree, `chmod +x`, or give it the mode 0755",
      "files",
      script.index,
      mode === undefined ? "from" : "mode",
    );
  }
  if (image.base.kind === "image") return [];
  const start = await tree.read({ path: script.source, offset: 0, length: MOST_BYTES });
  const [, interpreter] = /^#![ \t]*([^\s]+)/.exec(new TextDecoder().decode(start)) ?? [];
  if (interpreter === undefined) return [];
  const held = new Set([...programs.map((found) => found.path), ...taken.map((file) => file.path)]);
  if (held.has(followLinks(interpreter, image.links) ?? "")) return [];
  return report(
    `${quote(program)} is run by ${quote(interpreter)}, which ${image.base.kind} does not hold`,
    "choose a base that has it, like `base: debian:bookworm-slim`, or start the service's binary itself",
    ...place,
  );
}
