/** The names of the container world, which every room and both libraries read and write alike: platforms, image references, and ranges of files in the words of BuildKit. */
export { parsed, refused, type Parsed } from "./parsed.ts";
export {
  formatPlatform,
  formatPlatformAll,
  normalizePlatform,
  parsePlatform,
  type Platform,
} from "./platform.ts";
export type { Position, Range } from "./range.ts";
export { formatReference, isDigest, parseReference, tagNameOnly, type Reference } from "./reference.ts";
