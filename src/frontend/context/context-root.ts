import type { Entry } from "../../facts/index.ts";
import type { Reference } from "../../gateway/index.ts";
import { type FileTimes, fileTimes } from "./file-times.ts";
import { ROOT_FILES } from "./listed-contents.ts";
import type { FetchLocal } from "./local-request.ts";
import { listingOf } from "./transfer.ts";

/** The names in the root of the client's folder, and the content of the files that every build reads. */
export interface ContextRoot {
  readonly reference: Reference;
  readonly entries: readonly Entry[];
  readonly times: FileTimes;
}

/**
 * Asks for the root alone, before it is known what .dockerignore says: of what it may exclude, names
 * are sent and module files, nothing else.
 */
export async function fetchRoot(fetch: FetchLocal): Promise<ContextRoot> {
  const content = [".dockerignore", ...ROOT_FILES];
  const times = fileTimes();
  const reference = await fetch({ include: [], exclude: ["*/*"], content, role: "root", anew: true });
  return { reference, entries: (await listingOf(reference, times)).get(".") ?? [], times };
}
