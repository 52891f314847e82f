// Values that say what an image holds beside its binaries.
import { type Parsed, parsed, refused } from "../oci/index.ts";
import { imagePath, LARGEST_ID, outsideMounted } from "./image-values.ts";
import { plainText, type Problem, type Rule, shaped, tooLong } from "./rule.ts";
import { inputPath } from "./step-values.ts";
import { suggest } from "./suggest.ts";
import { firstUnsafe, quote } from "./visible.ts";

/** A file, link or directory that is put into an image: absolute and cleaned, not the root, nothing that engines mount. */
export const contentPath: Rule<string> = (value) => {
  const path = imagePath(value, "/var/lib/orders");
  if (!path.ok) return path;
  if (path.value === "/") {
    return refused({
      message: `is the root of the image (${quote(value)})`,
      help: "name a path below it, like `/data`",
    });
  }
  return outsideMounted(path.value, value, "/data");
};

/** Where files are put: a path as of {@link contentPath}, or a folder that they are put into. */
export interface Target {
  readonly path: string;
  /** It was written with `/` at its end. */
  readonly isFolder: boolean;
}

export const targetPath: Rule<string, Target> = (value) => {
  if (value === "/") return parsed({ path: "/", isFolder: true });
  const path = contentPath(value);
  return path.ok ? parsed({ path: path.value, isFolder: value.endsWith("/") }) : path;
};

/** What of the tree is put into an image: a file, a folder or a pattern of files; cleaned. */
export const sourcePath: Rule<string> = (value) => {
  const path = inputPath(value);
  return path.ok && path.value === "."
    ? refused({
        message: "names the whole build context",
        help: "name the files and folders that the image needs, like `web/dist`",
      })
    : path;
};

const LONGEST_CONTENT = 65_536;

/** What a file holds: lines of text. */
export const fileText: Rule<string> = (value) => {
  if (value.length > LONGEST_CONTENT) return tooLong(LONGEST_CONTENT);
  // Line breaks and tabs are what a text file has of them.
  const at = firstUnsafe(value.replaceAll(/[\n\t]/g, " "), "");
  return at === undefined
    ? parsed(value)
    : refused({
        message: `holds a control or invisible character (${quote(value.slice(at, at + 1))})`,
        help: "leave the character out, or put the file into the source tree",
      });
};

/** Permissions in octal digits, as chmod takes them; read as four of them. */
export const fileMode: Rule<string> = (value) => {
  const [, digits] = /^0?([0-7]{3,4})$/.exec(value) ?? [];
  if (digits !== undefined) return parsed(digits.padStart(4, "0"));
  const [, meant] = /^0o([0-7]{3,4})$/.exec(value.slice(0, 16)) ?? [];
  return refused({
    message: `is not a mode (${quote(value)})`,
    help:
      meant === undefined
        ? "modes are octal digits, like `0755` or `1777`"
        : `write \`${meant.padStart(4, "0")}\`: the digits are octal as they stand`,
  });
};

/** Who has a file of the image; without a group the one of the same number. */
export interface Owner {
  /** An id, or a name of the image's users. */
  readonly user: string;
  readonly group?: string | undefined;
}

const ownerShape = shaped(
  /^(?:[0-9]{1,10}|[a-z_][a-z0-9_-]{0,31})(?::(?:[0-9]{1,10}|[a-z_][a-z0-9_-]{0,31}))?$/,
  "an owner",
  "write a user id, like `65532`, or `uid:gid`, like `65532:0`",
  80,
);

/** An owner: `65532`, `65532:0`, `root`. */
export const ownerSetting: Rule<string, Owner> = (value) => {
  const shape = ownerShape(value);
  if (!shape.ok) return shape;
  const [user = "", group] = value.split(":");
  const tooLarge = [user, group ?? ""].find((id) => /^[0-9]+$/.test(id) && Number(id) > LARGEST_ID);
  if (tooLarge !== undefined) {
    return refused({
      message: `is not an owner (${tooLarge})`,
      help: `ids are whole numbers from 0 to ${LARGEST_ID}`,
    });
  }
  // Another way to write an id would be another key of the same content.
  const id = (text: string): string => (/^[0-9]+$/.test(text) ? String(Number(text)) : text);
  return parsed({ user: id(user), ...(group === undefined ? {} : { group: id(group) }) });
};

/** What a link says: a path of the image, or one relative to the link's directory. */
export const linkTarget: Rule<string> = (value) => {
  const plain = plainText(value);
  if (!plain.ok) return plain;
  if (value === "" || value.length > 1024) {
    return refused({
      message: value === "" ? "is empty" : "is longer than 1024 characters",
      help: "name what the link leads to, like `/usr/local/bin/orders`",
    });
  }
  return value.includes("${")
    ? refused({
        message: `cannot hold variables (${quote(value)})`,
        help: "write the path out, like `/usr/local/bin/orders`",
      })
    : parsed(value);
};

/** Signals of Linux that a process can be sent to end it (golang/go:src/syscall/zerrors_linux_amd64.go has their numbers). */
const SIGNALS = [
  ..."HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG".split(
    " ",
  ),
  ..."XCPU XFSZ VTALRM PROF WINCH IO PWR SYS".split(" "),
].map((name) => `SIG${name}`);

/** As container engines know them (github.com/moby/sys/signal:signal_linux.go). */
const realTime = /^SIGRT(?:MIN(?:\+(?:[1-9]|1[0-5]))?|MAX(?:-(?:[1-9]|1[0-4]))?)$/;

/** A signal as OCI's StopSignal has it: `SIGINT`, `SIGRTMIN+3`, or a number. */
export const stopSignal: Rule<string> = (value) => {
  const isNumber = /^[1-9][0-9]?$/.test(value) && Number(value) <= 64;
  if (isNumber || SIGNALS.includes(value) || realTime.test(value)) return parsed(value);
  const word = value.slice(0, 32).toUpperCase();
  const name = word.startsWith("SIG") ? word : `SIG${word}`;
  const meant = SIGNALS.includes(name) ? name : suggest(name, SIGNALS);
  return notASignal(value, meant);
};

function notASignal(value: string, meant: string | undefined): Parsed<never, Problem> {
  return refused({
    message: `is not a signal (${quote(value)})`,
    help: meant === undefined ? "signals are written like `SIGINT`, `SIGQUIT`" : `write \`${meant}\``,
  });
}
