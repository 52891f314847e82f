import { type Parsed, parsed, refused } from "../oci/index.ts";
import { quote, firstUnsafe } from "./visible.ts";

/** What is wrong with a path; `message` is a predicate: "is absolute", "points outside …". */
export interface PathProblem {
  readonly kind: "absolute" | "outside" | "invalid";
  readonly message: string;
  readonly help: string;
}

const LONGEST = 1024;
const LONGEST_NAME = 255;

/**
 * The one rule for paths in a description: relative, forward slashes, without `..` after
 * cleaning, printable, at most 1,024 bytes, no glob characters, not starting with `-`, `!` or `~`.
 * The result is cleaned as Go's path.Clean does, without a leading `./`: `.` or `cmd/orders`.
 */
export function cleanPath(text: string): Parsed<string, PathProblem> {
  if (text === "") return invalid("is empty", "write `.` for the directory itself");
  if (new TextEncoder().encode(text).length > LONGEST) {
    return invalid(`is longer than ${LONGEST} bytes`, "write a shorter path");
  }
  if (text.split("/").some((name) => new TextEncoder().encode(name).length > LONGEST_NAME)) {
    return invalid(
      `holds a name longer than ${LONGEST_NAME} bytes`,
      "no file system has such a name: write a shorter one",
    );
  }
  if (firstUnsafe(text, "") !== undefined) {
    return invalid(`holds a control or invisible character (${quote(text)})`, "leave the character out");
  }
  if (/^[A-Za-z]:/.test(text) || text.startsWith("/")) {
    return refused({
      kind: "absolute",
      message: `is an absolute path (${quote(text)})`,
      help: "write the path relative to the build context, like `./cmd/orders`",
    });
  }
  if (text.includes("\\")) {
    return invalid(
      `holds a backslash (${quote(text)})`,
      `write ${quote(text.replaceAll("\\", "/"))}: paths use forward slashes`,
    );
  }
  if (/^[-!~]/.test(text)) {
    return invalid(
      `starts with "${text.slice(0, 1)}" (${quote(text)})`,
      text.startsWith("-") ? "rename the directory" : `write ${quote(`./${text}`)} if the name is meant`,
    );
  }
  const glob = /[*?[\]{}]/.exec(text);
  if (glob !== null) {
    return invalid(
      `holds the pattern character "${glob[0]}" (${quote(text)})`,
      "name one path, like `./cmd/orders`; patterns are not supported here",
    );
  }

  const parts: string[] = [];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") {
      parts.push(part);
    } else if (parts.pop() === undefined) {
      return refused({
        kind: "outside",
        message: `points outside (${quote(text)})`,
        help: "name a path below it",
      });
    }
  }
  if (parts.some((part) => part.startsWith("-") && parts[0] === part)) {
    return invalid(`starts with "-" (${quote(text)})`, "rename the directory");
  }
  return parsed(parts.length === 0 ? "." : parts.join("/"));
}

function invalid(message: string, help: string): Parsed<never, PathProblem> {
  return refused({ kind: "invalid", message, help });
}
