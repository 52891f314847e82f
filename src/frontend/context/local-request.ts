import type { Reference } from "../../gateway/index.ts";

/** One part of the build context to fetch from the client. */
export interface LocalRequest {
  /** Exact paths; empty: the whole context, less `exclude`. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Patterns of files whose content is wanted; all others come as names and sizes only. Undefined: all content. */
  readonly content: readonly string[] | undefined;
  /** Number of the request, to keep apart what is compared with earlier transfers. */
  readonly role: string;
  /** Every file is sent, even where the builder has one that looks the same; see {@link FileTimes}. */
  readonly anew: boolean;
}

/** Has the client send a part of its folder. The result is lazy. */
export type FetchLocal = (request: LocalRequest) => Promise<Reference>;
