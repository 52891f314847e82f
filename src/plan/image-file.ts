import type { Place } from "./place.ts";

/** What an entry of `image.files` takes of the tree. */
export interface ImageFiles {
  /** Number of the entry. */
  readonly index: number;
  /** As the description names it. */
  readonly from: string;
  /** The folder of the image that they are put into; absent for a single file. */
  readonly folder?: string | undefined;
  readonly files: readonly ImageFile[];
  readonly at: Place;
}

export interface ImageFile {
  /** In the tree. */
  readonly source: string;
  /** In the image. */
  readonly path: string;
  readonly kind: "file" | "executable" | "link";
}
