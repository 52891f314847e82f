/** A file that a step holds with its text; its path is relative to the context root. */
export interface InlineFile {
  readonly path: string;
  readonly text: string;
}
