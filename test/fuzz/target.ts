import type fc from "fast-check";

/** A part of the product that reads what a stranger wrote. */
export interface Target {
  readonly name: string;
  /** Bytes as they may stand in a file or come over a wire: right ones, spoilt ones, and any. */
  readonly inputs: fc.Arbitrary<Uint8Array>;
  /**
   * Reads an input as the product does.
   *
   * @throws a DiagnosticError, which is an answer; anything else is a bug
   */
  readonly run: (input: Uint8Array) => unknown;
  /** Whether some inputs have their answer later: `run` gives a promise then. */
  readonly isAsync?: true;
  /** What another program makes of the same, where there is one. */
  readonly oracle?: Oracle;
}

export interface Oracle {
  /** Inputs about which both can be asked, where those of the target are more. */
  readonly inputs?: fc.Arbitrary<Uint8Array>;
  readonly kind: string;
  /** Names that a pattern is tried on. */
  readonly names?: readonly string[];
  /** What we make of an input, in the oracle's words; undefined where we leave the answer to Go. */
  readonly answer: (input: Uint8Array) => Answer | undefined;
  /** Whether both may stand beside each other; by default when they are the same. */
  readonly agrees?: (ours: Answer, theirs: Answer) => boolean;
}

/** Facts, or that the input is refused. */
export type Answer = readonly string[] | "refused";
