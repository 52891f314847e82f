// The errors of this room: all say which op and which option, so that a frontend can pass them on.

/** A graph that cannot be built or must not be: thrown by builders and by marshal. */
export class LlbError extends Error {
  override readonly name: string = "LlbError";
  /** The op as a person would name it, such as `exec (go build ./...)`; empty before there is one. */
  readonly op: string;
  /** The option at fault under its TypeScript name; empty when it is the op as a whole. */
  readonly option: string;

  constructor(op: string, option: string, message: string) {
    super([op, option, message].filter((part) => part !== "").join(": "));
    this.op = op;
    this.option = option;
  }
}

/** One capability that the daemon does not have. */
export interface MissingCap {
  readonly cap: string;
  /** What it is for, in words. */
  readonly feature: string;
  /** The first BuildKit release that has it, such as `v0.10.0`; undefined for a cap unknown to this library. */
  readonly since: string | undefined;
  /** The ops that need it. */
  readonly ops: readonly string[];
}

/** The daemon lacks capabilities; names all of them at once. */
export class MissingCapsError extends LlbError {
  override readonly name = "MissingCapsError";
  readonly missing: readonly MissingCap[];

  constructor(missing: readonly MissingCap[]) {
    const lines = missing.map(({ cap, feature, since, ops }) => {
      const release =
        since === undefined ? "no known BuildKit release has it" : `needs BuildKit ${since} or newer`;
      const more = ops.length > 1 ? ` and ${ops.length - 1} more` : "";
      return `  ${cap}: ${feature}; ${release}; used by ${ops[0] ?? "the graph"}${more}`;
    });
    super(
      "",
      "",
      `the BuildKit daemon lacks ${missing.length} capabilities this graph needs:\n${lines.join("\n")}`,
    );
    this.missing = missing;
  }
}

/** An op that the allow-list handed to marshal refused. */
export class OpNotAllowedError extends LlbError {
  override readonly name = "OpNotAllowedError";
}
