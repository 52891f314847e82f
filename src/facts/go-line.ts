/** The minor release of a go line: 24 for `1.24.1`. Without a line Go takes 1.16; what is newer than 1.x is newer than all. */
export function minorOf(go: string | undefined): number {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(go ?? "1.16") ?? [];
  if (major === undefined || minor === undefined) return 0;
  return Number(major) > 1 ? Infinity : Number(minor);
}
