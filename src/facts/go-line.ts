import { goMinor } from "../description/index.ts";

/** The minor release of a go line: 24 for `1.24.1`. Without a line Go takes 1.16; a line that names no release is older than all. */
export function minorOf(go: string | undefined): number {
  return goMinor(go ?? "1.16") ?? 0;
}
