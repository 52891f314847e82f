/** A time in seconds since 1970 as Go writes that of a commit: in UTC, without a fraction of a second. */
export function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
