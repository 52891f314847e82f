// What all sources have in common (moby/buildkit:client/llb/source.go).
import { addCaps } from "../graph/caps.ts";
import { applyConstraints, type Constraints, type ConstraintsOpt } from "../graph/constraints.ts";
import { isDigest } from "../../oci/index.ts";
import { newState, type State } from "./state.ts";
import type { SourceVertex } from "../graph/vertex.ts";

/** What is wrong with a source; marshal throws it. */
export type Fault = SourceVertex["fault"];

/**
 * A source by its raw identifier and attributes, for what has no function of its own; Go's
 * NewSource. No capabilities are added, and BuildKit ignores attributes it does not know.
 */
export const newSource = (
  identifier: string,
  attrs: Readonly<Record<string, string>>,
  ...options: readonly ConstraintsOpt[]
): State =>
  sourceState({
    kind: "source",
    identifier,
    attrs: new Map(Object.entries(attrs)),
    gates: [],
    constraints: applyConstraints(options),
  });

const sourceState = (vertex: SourceVertex): State =>
  newState({ vertex, platform: vertex.constraints.platform, index: 0 });

/** Collects attributes together with the capabilities they need. */
export interface SourceDraft {
  readonly attrs: Map<string, string>;
  readonly caps: Set<string>;
  /** Capabilities that Go does not put into the metadata although the daemon must have them. */
  readonly gates: Set<string>;
  /** Sets an attribute unless its value is empty; notes the capability only then. */
  readonly set: (attr: string, value: string, cap?: string) => void;
}

/** A source without attributes that needs these capabilities. */
export function sourceDraft(...caps: readonly string[]): SourceDraft {
  const attrs = new Map<string, string>();
  const needed = new Set(caps);
  return {
    attrs,
    caps: needed,
    gates: new Set(),
    set: (attr, value, cap) => {
      if (value === "") return;
      attrs.set(attr, value);
      if (cap !== undefined) needed.add(cap);
    },
  };
}

/** The state of a drafted source. */
export const finishSource = (
  identifier: string,
  draft: SourceDraft,
  constraints: Constraints,
  fault?: Fault,
): State =>
  sourceState({
    kind: "source",
    identifier,
    attrs: draft.attrs,
    gates: [...draft.gates],
    constraints: addCaps(constraints, draft.caps),
    fault,
  });

/**
 * Go's json.Marshal of a list of strings, the form of pattern attributes; "" for no patterns.
 * Unlike JSON.stringify, Go escapes what HTML could misread.
 */
export function patternList(patterns: readonly string[]): string {
  if (patterns.length === 0) return "";
  return JSON.stringify(patterns).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The fault of patterns that are no text; JSON would hide it behind an escape. */
export const patternFault = (option: string, patterns: readonly string[]): Fault =>
  patterns.every((pattern) => pattern.isWellFormed())
    ? undefined
    : { option, message: "a pattern has a lone surrogate" };

/** The fault of a text that should be a digest; none when there is no text. */
export const checksumFault = (option: string, digest: string): Fault =>
  digest === "" || isDigest(digest)
    ? undefined
    : { option, message: `${JSON.stringify(digest)} is not a digest` };
