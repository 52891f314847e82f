import { named } from "../../graph/index.ts";
import { copy, filename, http, scratch, type State } from "../../llb/index.ts";
import type { SolveState } from "./solve-state.ts";

/** What a URL holds. */
export interface ArchiveContext {
  readonly state: State;
  /** Set where the URL is the description itself: the file `entryName` of `entry`. */
  readonly entry?: State | undefined;
  readonly entryName?: string | undefined;
}

/** A URL is an archive of the source, or the description alone: then the source tree holds nothing else. */
export async function archiveContext(solve: SolveState, url: string): Promise<ArchiveContext> {
  const download = http(url, filename("context"), named(`[internal] load remote build context`));
  const reference = await solve(download);
  const head = await reference.readFile("context", { offset: 0, length: 1024 });
  if (!isArchive(head)) {
    return {
      state: scratch().file(copy(download, "/context", "/context")),
      entry: download,
      entryName: "context",
    };
  }
  return {
    state: scratch().file(copy(download, "/context", "/", { attemptUnpack: true, createDestPath: true })),
  };
}

/** bzip2, gzip, xz, or a tar header. */
function isArchive(head: Uint8Array): boolean {
  const magic = [
    [0x42, 0x5a, 0x68],
    [0x1f, 0x8b, 0x08],
    [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  ];
  const starts = magic.some((bytes) => bytes.every((byte, index) => head[index] === byte));
  return starts || new TextDecoder("latin1").decode(head.subarray(257, 262)) === "ustar";
}
