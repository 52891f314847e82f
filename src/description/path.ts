import { quote, firstUnsafe } from "./visible.ts";

export type PathResult =
  | { readonly ok: true; readonly path: string }
  | {
      readonly ok: false;
      readonly problem: "absolute" | "outside" | "invalid";
      readonly message: string;
      readonly help: string;
    };

const LONGEST = 1024;
const LONGEST_NAME = 255;

/**
 * The one rule for paths in a description: relative, forward slashes, without `..` after
 * cleaning, printable, at most 1,024 bytes, no glob characters, not starting with `-`, `!` or `~`.
 * The result is cleaned as Go's path.Clean does, without a leading `./`: `.` or `cmd/orders`.
 * The message is a predicate: "is absolute", "points outside …", to be put behind the key's name.
 */
export function cleanPath(text: string): PathResult {
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
    return {
      ok: false,
      problem: "absolute",
      message: `is an absolute path (${quote(text)})`,
      help: "write the path relative to the build context, like `./cmd/orders`",
    };
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
      return {
        ok: false,
        problem: "outside",
        message: `points outside (${quote(text)})`,
        help: "name a path below it",
      };
    }
  }
  if (parts.some((part) => part.startsWith("-") && parts[0] === part)) {
    return invalid(`starts with "-" (${quote(text)})`, "rename the directory");
  }
  return { ok: true, path: parts.length === 0 ? "." : parts.join("/") };
}

function invalid(message: string, help: string): PathResult {
  return { ok: false, problem: "invalid", message, help };
}
