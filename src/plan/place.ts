import type { Range } from "../description/index.ts";

/** A place that explains a decision: a range of the description, or a line of a source file. */
export interface Place {
  readonly file: string;
  readonly range: Range;
}
