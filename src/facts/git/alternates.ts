/** Where a repository names those that it borrows from. */
export const ALTERNATES = "objects/info/alternates";

/** Far more than git follows by itself. */
const MOST_ALTERNATES = 32;

/**
 * Folders of objects that a file of this name has: absolute, or relative to the repository's own folder of objects (git's
 * gitrepository-layout(5)).
 */
export function alternatesIn(text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.slice(0, MOST_ALTERNATES);
}
