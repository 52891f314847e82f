import type { State } from "../../llb/index.ts";
import type { ResolvedImage } from "../../plan/index.ts";
import type { Platform, Range } from "../../description/index.ts";

/** An image that a build needs. */
export interface ImageRequest {
  readonly reference: string;
  readonly platform: Platform;
  /** What the image is for: decides the code and the help of an error. */
  readonly use: "toolchain" | "base" | "step" | "profile" | "shell";
  readonly at: { readonly file: string; readonly range: Range };
}

/** An image that was looked up; with the tree that takes its place, where the client names one. */
export interface FoundImage extends ResolvedImage {
  readonly state?: State | undefined;
}
