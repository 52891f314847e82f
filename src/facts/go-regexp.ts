import { type Assertion, type CharTest, type Node, parseGoRegexp } from "./go-regexp-syntax.ts";

/**
 * Go's regular expressions (golang/go:src/regexp/syntax/parse.go), as far as patterns of ignore files lead to them: a
 * test of whether a text holds a match, or undefined where Go refuses the expression.
 *
 * Own code, because JavaScript's RegExp backtracks and an ignore file may be hostile, and because the port that npm has
 * (re2js) would add a tenth to the frontend's layer. A text is read once, with all ways to match it followed side by
 * side, so the time is its length times the expression's. Not known are `\p`, `\Q`, `\C` and octal numbers.
 */
export function compileGoRegexp(source: string): ((text: string) => boolean) | undefined {
  const node = parseGoRegexp(source);
  if (node === undefined) return undefined;
  const program: Instruction[] = [];
  emit(node, program);
  program.push({ kind: "match" });
  return (text) => run(program, Array.from(text));
}

type Instruction =
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "assert"; readonly holds: Assertion }
  /** Goes on at both, relative to itself. */
  | { readonly kind: "split"; readonly first: number; second: number }
  | { readonly kind: "jump"; readonly to: number }
  | { readonly kind: "match" };

function emit(node: Node, program: Instruction[]): void {
  switch (node.kind) {
    case "char":
    case "assert":
      program.push(node);
      return;
    case "sequence":
      for (const part of node.parts) emit(part, program);
      return;
    case "choice": {
      const [first, ...others] = node.parts;
      if (first === undefined) return;
      if (others.length === 0) {
        emit(first, program);
        return;
      }
      optional(program, () => {
        emit(first, program);
        // Replaced when the length of the others is known.
        program.push({ kind: "jump", to: 1 });
      });
      const jump = program.length - 1;
      emit({ kind: "choice", parts: others }, program);
      program[jump] = { kind: "jump", to: program.length - jump };
      return;
    }
    case "repeat": {
      for (let copies = 0; copies < node.low; copies++) emit(node.node, program);
      if (node.high === Infinity) {
        const start = program.length;
        optional(program, () => {
          emit(node.node, program);
          program.push({ kind: "jump", to: start - program.length });
        });
        return;
      }
      for (let copies = node.low; copies < node.high; copies++) {
        optional(program, () => emit(node.node, program));
      }
    }
  }
}

/** What may be passed over. */
function optional(program: Instruction[], body: () => void): void {
  const split: Instruction = { kind: "split", first: 1, second: 1 };
  const at = program.length;
  program.push(split);
  body();
  split.second = program.length - at;
}

/** Whether the text holds a match: all places of the program that the text read so far leads to, side by side. */
function run(program: readonly Instruction[], text: readonly string[]): boolean {
  let places = new Set<number>();
  for (let at = 0; at <= text.length; at++) {
    const here = new Set<number>();
    // A match may begin anywhere.
    const left = [...places, 0];
    for (let place = left.pop(); place !== undefined; place = left.pop()) {
      if (here.has(place)) continue;
      here.add(place);
      const step = program[place];
      switch (step?.kind) {
        case "match":
          return true;
        case "split":
          left.push(place + step.first, place + step.second);
          break;
        case "jump":
          left.push(place + step.to);
          break;
        case "assert":
          if (step.holds(text[at - 1], text[at])) left.push(place + 1);
          break;
        case "char":
        case undefined:
      }
    }
    places = new Set<number>();
    const character = text[at];
    if (character === undefined) return false;
    for (const place of here) {
      const step = program[place];
      if (step?.kind === "char" && step.test(character)) places.add(place + 1);
    }
  }
  return false;
}
