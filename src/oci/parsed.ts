/**
 * What every parser of names answers: the value, or what is wrong with the text. `problem` is the end of a sentence
 * that begins with the text ("… is not a platform: …"), unless a parser says otherwise.
 */
export type Parsed<Value, Problem = string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem };

/** The answer for a text that a parser takes. */
export function parsed<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

/** The answer for a text that a parser refuses. */
export function refused<Problem>(problem: Problem): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem };
}
