import { checkTogether } from "./checks.ts";
import { decode } from "./decode.ts";
import { type Diagnostic, sortDiagnostics } from "./diagnostic.ts";
import { dockerfileProblem } from "./dockerfile.ts";
import { type LocatedDescription, placesOf } from "./located.ts";
import { nodesOf, type Node } from "./node.ts";
import { plainOf } from "./plain.ts";
import type { Source } from "./position.ts";
import type { Description } from "./schema.ts";
import { validate } from "./validate.ts";
import { readYaml } from "./yaml-text.ts";

/** A description to read; `filename` is the name the user knows it by, whatever it is (`Dockerfile` too). */
export interface ParseInput {
  readonly filename: string;
  readonly bytes: Uint8Array;
}

export type ParseResult =
  | { readonly ok: true; readonly located: LocatedDescription; readonly warnings: readonly Diagnostic[] }
  | {
      readonly ok: false;
      /** Errors and warnings by place; at least one error. Every range lies within `source`. */
      readonly diagnostics: readonly Diagnostic[];
      /** What the diagnostics point into, for the formatter; empty text when the bytes are no text. */
      readonly source: Source;
    };

/**
 * Reads a description: hostile bytes in, a checked description with positions out, or every
 * independent error in it. Never throws. A file of comments (the one-line file) is a description
 * without keys; an empty file is an error.
 */
export function parseDescription(input: ParseInput): ParseResult {
  const { source, problem } = decode(input.filename, input.bytes);
  const other = problem ?? dockerfileProblem(source);
  if (other !== undefined) return { ok: false, diagnostics: [other], source };

  const yaml = readYaml(source);
  if (!yaml.sound || yaml.document === undefined) {
    return { ok: false, diagnostics: sortDiagnostics(yaml.diagnostics), source };
  }
  const { root, diagnostics: keys } = nodesOf(source, yaml.document);
  if (keys.some((diagnostic) => diagnostic.code === "GF028")) {
    return { ok: false, diagnostics: keys.filter((diagnostic) => diagnostic.code === "GF028"), source };
  }

  const isEmpty =
    root.kind === "scalar" && root.value === null && root.plain !== "null" && root.plain !== "~";
  const map = root.kind === "map" ? root : undefined;
  const places = placesOf(source, map);
  const checked = isEmpty
    ? { ok: true as const, description: emptyDescription }
    : validateRoot(root, source, places);
  const yamlErrors = [...yaml.diagnostics, ...keys];
  // A value that YAML itself is at odds with (an alias, or what stands behind a tag) says nothing more of interest.
  const spoilt = new Set(
    yamlErrors.flatMap(({ range }) =>
      range === undefined ? [] : [range.start.offset, nextText(source.text, range.end.offset)],
    ),
  );
  const rest = [...(checked.ok ? [] : checked.diagnostics), ...checkTogether(source, places)].filter(
    (diagnostic) => diagnostic.range === undefined || !spoilt.has(diagnostic.range.start.offset),
  );
  const all = sortDiagnostics([...yamlErrors, ...rest]);
  if (!checked.ok || all.some((diagnostic) => diagnostic.severity === "error")) {
    return { ok: false, diagnostics: all, source };
  }

  const { has, rangeOf, keyRangeOf } = places;
  return {
    ok: true,
    located: { description: checked.description, source, has, rangeOf, keyRangeOf },
    warnings: all,
  };
}

/** The offset of the first character from `from` on that is no white space. */
function nextText(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\r\n".includes(text[at] ?? "")) at++;
  return at;
}

const emptyDescription: Description = Object.freeze(Object.create(null) as Description);

function validateRoot(
  root: Node,
  source: Source,
  places: ReturnType<typeof placesOf>,
): ReturnType<typeof validate> {
  const rooted = root.kind === "map" ? places : { ...places, ...rootPlaces(source, root) };
  return validate(plainOf(root), source, rooted);
}

/** Places of a description that is no map: everything is at its root. */
function rootPlaces(source: Source, root: Node): Pick<ReturnType<typeof placesOf>, "nodeAt" | "rangeOf"> {
  const list = placesOf(source, {
    kind: "map",
    start: root.start,
    end: root.end,
    entries: new Map([["root", { key: root, value: root }]]),
  });
  return {
    nodeAt: (path) => (path.length === 0 ? root : undefined),
    rangeOf: () => list.keyRangeOf(["root"]),
  };
}
