import { posix } from "node:path";

/** As many as Linux follows (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * Where a path of an image leads by links that the description makes; links of the base are not known.
 *
 * @returns undefined where links lead in a circle
 */
export function followLinks(path: string, links: Readonly<Record<string, string>>): string | undefined {
  let current = path;
  for (let count = 0; count <= MOST_LINKS; count++) {
    const link = firstLink(current, links);
    if (link === undefined) return current;
    const target = posix.resolve(posix.dirname(link), links[link] ?? "");
    current = posix.join(target, current.slice(link.length));
  }
  return undefined;
}

/** The link that a path comes to first: it is one, or lies below one. */
function firstLink(path: string, links: Readonly<Record<string, string>>): string | undefined {
  for (let end = path.indexOf("/", 1); end >= 0; end = path.indexOf("/", end + 1)) {
    const above = path.slice(0, end);
    if (Object.hasOwn(links, above)) return above;
  }
  return Object.hasOwn(links, path) ? path : undefined;
}
