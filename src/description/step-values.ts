import { parsed, refused } from "../oci/index.ts";
import { workdirPath } from "./image-values.ts";
import { plainText, type Rule, shaped } from "./rule.ts";
import { insidePath } from "./values.ts";
import { quote } from "./visible.ts";

/** The name of a step: a word in messages and in the names of vertices. */
export const stepName = shaped(
  /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
  "the name of a step",
  "names of steps hold lower-case letters, digits, `_` and `-`",
  63,
);

/** Files of the tree by which Go finds its modules: planning starts with them, and no step writes them. */
const MODULE_FILES = new Set(["go.mod", "go.sum", "go.work", "go.work.sum", "vendor"]);

/** What a step writes: a file or a directory of the tree, cleaned. */
export const outputPath: Rule<string> = (value) => {
  const path = insidePath(value);
  if (!path.ok) return path;
  if (path.value === ".") {
    return refused({
      message: "is the whole tree",
      help: "name the files and directories that the step writes, like `web/dist`",
    });
  }
  const name = path.value.slice(path.value.lastIndexOf("/") + 1);
  return MODULE_FILES.has(name)
    ? refused({
        message: `is ${quote(path.value)}, which a build reads before any step runs`,
        help: `commit ${name}, and let steps write packages and files that are embedded`,
      })
    : path;
};

/** What stands below these is no image's, or holds what a step was given. */
const GIVEN = /^\/(?:dev|proc|run|src|sys|tmp)(?:\/|$)/;

/** A directory that a step finds again: of its image, absolute, or of the tree; cleaned. */
export const cachePath: Rule<string> = (value) => {
  const path = value.startsWith("/") ? workdirPath(value) : insidePath(value);
  if (!path.ok) return path;
  const isPlain = /^[A-Za-z0-9._/@+-]+$/.test(value);
  if (isPlain && path.value !== "." && path.value !== "/" && !GIVEN.test(path.value)) return path;
  return refused({
    message: `is no directory of the step's own (${quote(value)})`,
    help: "name the directory that the program keeps its downloads in, like `/root/.npm`, or one of the tree, like `web/.cache`",
  });
};

/** What a step reads: a file or a directory of the tree, or a pattern of files; cleaned. */
export const inputPath: Rule<string> = (value) => {
  const plain = plainText(value);
  if (!plain.ok) return plain;
  const named = value.replaceAll(/[*?]/g, "x");
  if (named === value) return insidePath(value);
  // A pattern is held to the rules of a path that it could stand for.
  const shape = insidePath(named);
  if (!shape.ok) return shape;
  const elements = value.split("/").filter((element) => element !== "" && element !== ".");
  if (elements.includes("..") || elements.some((element) => element !== "**" && element.includes("**"))) {
    return refused({
      message: `is no pattern of files (${quote(value)})`,
      help: "write `*` and `?` for characters of a name, and `**` alone for any directories, like `proto/**/*.proto`",
    });
  }
  return parsed(elements.join("/"));
};

/** The program that a step runs and its arguments: the program has a name. */
export const programName: Rule<readonly string[]> = (argv) =>
  (argv[0] ?? "") === ""
    ? refused({
        message: "names no program",
        help: "the first item of a command is its program, like `[npm, run, build]`",
      })
    : parsed(argv);

/** A list that says something: there is no default that could stand for it. */
export const filled: Rule<readonly unknown[]> = (items) =>
  items.length === 0
    ? refused({
        message: "is empty",
        help: "a step runs something and writes something: list it, or remove the step",
      })
    : parsed(items);
