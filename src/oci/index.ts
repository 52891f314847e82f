/** The names of the container world, which every room and both libraries read and write alike: platforms and image references. */
export { parsed, refused, type Parsed } from "./parsed.ts";
export {
  formatPlatform,
  formatPlatformAll,
  normalizePlatform,
  parsePlatform,
  type Platform,
} from "./platform.ts";
export { formatReference, isDigest, parseReference, tagNameOnly, type Reference } from "./reference.ts";
