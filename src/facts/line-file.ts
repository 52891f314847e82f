import { unhide } from "./ignore.ts";
import type { OpenTree } from "./open-tree.ts";
import { joinPath } from "./paths.ts";
import type { FactsDiagnostic } from "./types.ts";

export type Line =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly diagnostic: FactsDiagnostic };

const MOST_BYTES = 4096;

/** The line that a file of the tree holds, such as VERSION, without spaces and line breaks around it. */
export async function lineOfFile(tree: OpenTree, dir: string, named: string): Promise<Line> {
  const path = joinPath(dir, named);
  const place = path === undefined ? undefined : await tree.resolve(path);
  if (path === undefined || place === undefined || place.kind === "outside") {
    return refuse(
      "GF003",
      `the file ${named} lies outside the build context`,
      "name a file of the build context",
    );
  }
  if (place.kind !== "file") {
    const rule = tree.ignoredBy(path);
    if (rule === undefined) {
      const what = place.kind === "dir" ? "is a directory" : "is not in the build context";
      return refuse("GF046", `the file ${path} ${what}`, "name a file, relative to the module's directory");
    }
    const message = `the file ${path} is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`;
    return refuse("GF004", message, unhide(path, rule));
  }
  const help = "put one line of text into it, such as a version";
  if (place.size > MOST_BYTES) {
    return refuse("GF046", `the file ${path} has ${place.size} bytes; ${MOST_BYTES} are the most`, help);
  }
  const text = new TextDecoder()
    .decode(await tree.read({ path: place.path, offset: 0, length: place.size }))
    .trim();
  if (text === "") return refuse("GF046", `the file ${path} is empty`, help);
  return /[\u0000-\u001f\u007f-\u009f\ufffd]/.test(text)
    ? refuse("GF046", `the file ${path} holds more than a line of text`, help)
    : { ok: true, text };
}

function refuse(code: FactsDiagnostic["code"], message: string, help: string): Line {
  return { ok: false, diagnostic: { severity: "error", code, message, help } };
}
