import { type Parsed, parsed, type Platform, refused } from "../oci/index.ts";
import type { Code } from "./codes.ts";
import { goVersion } from "./go-version.ts";
import { referenceProblem } from "./image-reference.ts";
import { cleanPath, type PathProblem } from "./path.ts";
import { goPlatform } from "./platform.ts";
import { firstUnsafe, quote } from "./visible.ts";

/**
 * What is wrong with a value. `message` is a predicate to be put behind the key's name, unless
 * `whole` says that it is a sentence of its own.
 */
export interface Problem {
  readonly code?: Code | undefined;
  readonly message: string;
  readonly help: string;
  readonly whole?: true | undefined;
}

/** Reads a value of the right type: what it means, or what is wrong with it. Linear in the value's length. */
export type Rule<Written, Value = Written> = (written: Written) => Parsed<Value, Problem>;

export const LONGEST_TEXT = 4096;

/** Any text of a value: one line, printable, at most 4 KiB. */
export const plainText: Rule<string> = (value) => {
  if (value.length > LONGEST_TEXT) return tooLong(LONGEST_TEXT);
  const at = firstUnsafe(value, "");
  if (at === undefined) return parsed(value);
  return refused({
    message: `holds a control or invisible character (${quote(value.slice(at, at + 1))})`,
    help:
      value[at] === "\n"
        ? "write one line; a block scalar (`|`) always ends with a line break, `|-` does not"
        : "leave the character out",
  });
};

function tooLong(most: number): Parsed<never, Problem> {
  return refused({ message: `is longer than ${most} characters`, help: "write a shorter one" });
}

/** A rule made of a pattern; `what` ends the sentence "… is not what (…)". */
export function shaped(pattern: RegExp, what: string, help: string, most = 256): Rule<string> {
  return (value) => {
    if (value.length > most) return tooLong(most);
    return pattern.test(value)
      ? parsed(value)
      : refused({ message: `is not ${what} (${quote(value)})`, help });
  };
}

export const serviceName: Rule<string> = (value) =>
  shaped(
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/,
    "a service's name",
    meaning(
      hyphenated(value, /[^A-Za-z0-9._-]+/g),
      "names hold letters, digits, `.`, `_` and `-`, and start and end with a letter or digit",
    ),
    63,
  )(value);

/** The text with `-` for what is not allowed, and none of it at the ends. */
function hyphenated(value: string, refused: RegExp): string {
  return value
    .slice(0, 200)
    .replaceAll(refused, "-")
    .replaceAll(/^[._-]+|[._-]+$/g, "");
}

/** The rule, with what was meant in front of it where that is short enough to be a name. */
function meaning(meant: string, rule: string): string {
  return /[A-Za-z0-9]/.test(meant) && meant.length <= 60 ? `write \`${meant}\`: ${rule}` : rule;
}

/** The name of an executable: a file of the image, and of the folder that `--target binary` fills. */
export const binaryName: Rule<string> = (value) =>
  // Maps do not keep the order of numbers, and the first binary is what the image starts.
  /^[0-9]+$/.test(value.slice(0, 64))
    ? refused({ message: `is a number (${quote(value)})`, help: "names of binaries hold a letter" })
    : shaped(
        /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/,
        "the name of a binary",
        meaning(
          hyphenated(value, /[^A-Za-z0-9._-]+/g),
          "names hold letters, digits, `.`, `_` and `-`, and start and end with a letter or digit",
        ),
        63,
      )(value);

/** Targets of a description's only service, whatever its key: another meaning would depend on how many there are. */
const ownTargets: ReadonlySet<string> = new Set(["image", "binary"]);

export const serviceKey: Rule<string> = (value) => {
  if (ownTargets.has(value)) {
    return refused({
      code: "GF044",
      message: `${quote(value)} is a target of a description's only service, so no service can have this name`,
      help: `choose another name, like \`${value}-service\``,
      whole: true,
    });
  }
  return shaped(
    /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
    "a service name",
    meaning(
      hyphenated(value.toLowerCase(), /[^a-z0-9_-]+/g),
      "service names are build targets: lower-case letters, digits, `_` and `-`",
    ),
    63,
  )(value);
};

/** A directory or file inside the build context or the module, cleaned: `.` or `services/orders`. */
export const insidePath: Rule<string> = (value) =>
  pathIn(value, "run the build from a directory further up, and set `module:` to the module's directory");

/** Like {@link insidePath}, for paths that start at the module. */
export const inModulePath: Rule<string> = (value) =>
  pathIn(
    value,
    "paths start at the module's directory; run the build from the repository root and set `module:`",
  );

function pathIn(value: string, whenOutside: string): Parsed<string, Problem> {
  const path = cleanPath(value);
  return path.ok ? path : refused(pathProblem(value, path.problem, whenOutside));
}

function pathProblem(value: string, { kind, message, help }: PathProblem, whenOutside: string): Problem {
  switch (kind) {
    case "outside":
      return {
        code: "GF003",
        message: `points outside the build context (${quote(value).slice(1, -1)})`,
        help: whenOutside,
      };
    case "absolute":
    case "invalid":
      return { message, help };
  }
}

/** Where the profile for the compiler comes from; `path` is cleaned and relative to the module (`auto` for `./auto`). */
export type Pgo =
  | { readonly kind: "auto" }
  | { readonly kind: "off" }
  | { readonly kind: "profile"; readonly path: string };

export const pgoSetting: Rule<string, Pgo> = (value) => {
  if (value === "auto" || value === "off") return parsed({ kind: value });
  const path = inModulePath(value);
  return path.ok ? parsed({ kind: "profile", path: path.value }) : path;
};

export const goVersionText: Rule<string> = (value) => {
  if (goVersion(value) !== undefined) return parsed(value);
  const bare = /^(?:go|v)?([0-9]+\.[0-9]+(?:\.[0-9]+)?(?:(?:rc|beta)[0-9]+)?)$/.exec(value.slice(0, 64))?.[1];
  const fixed = bare !== undefined && goVersion(bare) !== undefined ? `write \`go: "${bare}"\`` : undefined;
  return refused({
    message: `is not a Go version (${quote(value)})`,
    help: fixed ?? 'Go versions are written like `"1.26"`, `"1.26.3"` or `"1.27rc1"`',
  });
};

export const imageReference: Rule<string> = (value) => {
  const problem = referenceProblem(value);
  return problem === undefined ? parsed(value) : refused({ code: "GF041", ...problem });
};

/** What an image starts from. */
export type Base =
  | { readonly kind: "static" }
  | { readonly kind: "scratch" }
  | { readonly kind: "image"; readonly reference: string };

export const baseImage: Rule<string, Base> = (value) => {
  if (value === "static" || value === "scratch") return parsed({ kind: value });
  const reference = imageReference(value);
  return reference.ok ? parsed({ kind: "image", reference: reference.value }) : reference;
};

export const platformText: Rule<string, Platform> = (value) => {
  const platform = goPlatform(value);
  return platform.ok ? platform : refused({ code: "GF030", ...platform.problem, whole: true });
};

/** Names that the client or BuildKit give a meaning of their own. */
const reservedArg = /^(?:BUILDKIT_.*|SOURCE_DATE_EPOCH|(?:HTTP|HTTPS|FTP|NO|ALL)_PROXY)$/i;

export const argName: Rule<string> = (value) => {
  if (reservedArg.test(value.slice(0, 128))) {
    return refused({
      code: "GF044",
      message: `${quote(value)} has a meaning of its own to BuildKit, so no argument can have this name`,
      help: "leave it out: it can be given with `--build-arg` without being declared",
      whole: true,
    });
  }
  return identifier("the name of an argument")(value);
};

export const envName = identifier("the name of an environment variable");

/** Names as shells and Docker take them; the help writes what is meant with the signs that are allowed. */
function identifier(what: string): Rule<string> {
  return (value) => {
    const rule = "names hold letters, digits and `_`, and do not start with a digit";
    const meant = value.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=[0-9])/, "_");
    return shaped(/^[A-Za-z_][A-Za-z0-9_]*$/, what, meaning(meant, rule), 128)(value);
  };
}

/** As cmd/go/internal/imports accepts tags: letters, digits, `_` and `.`. */
export const buildTag: Rule<string> = (value) => {
  if (/[\s,]/.test(value.slice(0, LONGEST_TEXT))) {
    const list = value
      .slice(0, 200)
      .split(/[\s,]+/)
      .filter((tag) => /^[\w.]+$/.test(tag));
    return refused({
      message: `must hold one tag each (${quote(value)})`,
      help: `write \`[${list.join(", ")}]\``,
    });
  }
  return shaped(/^[\p{L}\p{Nd}_.]+$/u, "a build tag", "tags hold letters, digits, `_` and `.`", 128)(value);
};

/** `importpath.name`: the left side of the linker's -X flag (cmd/link). */
export const varName: Rule<string> = (value) => {
  const match = /^([A-Za-z0-9_][A-Za-z0-9._~/+-]*)\.([\p{L}_][\p{L}\p{Nd}_]*)$/u.exec(value.slice(0, 512));
  if (match !== null && value.length <= 512) return parsed(value);
  const help = /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(value.slice(0, 64))
    ? `name the package too, like \`main.${value.slice(0, 64)}\``
    : "write the import path, a dot and the variable: `main.version`, `example.com/shop/build.Version`";
  return refused({ message: `is not the name of a package variable (${quote(value)})`, help });
};

export const portNumber: Rule<number> = (value) =>
  Number.isInteger(value) && value >= 1 && value <= 65535
    ? parsed(value)
    : refused({ message: `is not a port (${value})`, help: "ports are whole numbers from 1 to 65535" });

/** A port as in OCI's ExposedPorts: `8080/tcp`. */
export const exposedPort: Rule<number | string, string> = (value) => {
  if (typeof value === "number") {
    const port = portNumber(value);
    return port.ok ? parsed(`${port.value}/tcp`) : port;
  }
  const [, port, protocol = "/tcp"] = /^([1-9][0-9]{0,4})(\/tcp|\/udp|\/sctp)?$/.exec(value) ?? [];
  if (port !== undefined && Number(port) <= 65535) return parsed(`${port}${protocol}`);
  const inner = /^[0-9]+:([0-9]{1,5})$/.exec(value.slice(0, 16))?.[1];
  const help =
    inner === undefined
      ? "ports are written like `8080`, `53/udp`"
      : `write \`${inner}\`: an image names the port inside only`;
  return refused({ message: `is not a port (${quote(value)})`, help });
};

const LARGEST_ID = 4294967294;

/** A user as in OCI's User: `65532`, `1000:1000`, `nobody`. */
export const userSetting: Rule<number | string, string> = (value) => {
  const ids = `from 0 to ${LARGEST_ID}`;
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= 0 && value <= LARGEST_ID
      ? parsed(String(value))
      : refused({ message: `is not a user id (${value})`, help: `user ids are whole numbers ${ids}` });
  }
  const shape = userShape(value);
  const tooLarge = value.split(":").find((id) => /^[0-9]+$/.test(id) && Number(id) > LARGEST_ID);
  return !shape.ok || tooLarge === undefined
    ? shape
    : refused({ message: `is not a user id (${tooLarge})`, help: `ids are whole numbers ${ids}` });
};

const USER_PART = "(?:[0-9]{1,10}|[a-z_][a-z0-9_-]{0,31})";
const userShape = shaped(
  new RegExp(`^${USER_PART}(?::${USER_PART})?$`),
  "a user",
  "write a number, like `65532`, or `uid:gid`, like `1000:1000`, or a user name of the base image",
  80,
);

export const labelKey: Rule<string> = (value) => {
  if (/^(?:moby\.buildkit\.|containerimage\.)/.test(value)) {
    return refused({
      code: "GF044",
      message: `label ${quote(value)} has a meaning of its own to BuildKit`,
      help: "choose a key under a domain of yours, like `com.example.team`",
      whole: true,
    });
  }
  return shaped(
    /^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$/,
    "a label key",
    "keys are written like `org.opencontainers.image.title` or `com.example.team`",
  )(value);
};

/** A directory of the image, absolute and cleaned. */
export const workdirPath: Rule<string> = (value) => imagePath(value, "/var/lib/orders");

/** What a container engine mounts over the image. */
const mounted = /^\/(?:dev|proc|sys)(?:\/|$)/;

/** A file of the image, absolute and cleaned. */
export const binaryPath: Rule<string> = (value) => {
  const path = imagePath(value, "/bin/orders");
  if (!path.ok) return path;
  if (value.endsWith("/") || path.value === "/") {
    return refused({
      message: `is a directory (${quote(value)})`,
      help: `name the file too, like ${quote(`${path.value === "/" ? "" : path.value}/orders`)}`,
    });
  }
  if (!/^[A-Za-z0-9/._+@-]+$/.test(path.value)) {
    return refused({
      message: `is not the path of an executable (${quote(value)})`,
      help: "such paths hold letters, digits, `/`, `.`, `_`, `+`, `@` and `-`",
    });
  }
  const over = mounted.exec(path.value)?.[0].replace(/(?<=.)\/$/, "");
  return over === undefined
    ? path
    : refused({
        message: `lies in ${over}, which containers have of their own (${quote(value)})`,
        help: "choose another directory, like `/usr/local/bin`",
      });
};

function imagePath(value: string, example: string): Parsed<string, Problem> {
  const plain = plainText(value);
  if (!plain.ok) return plain;
  if (value.includes("${")) {
    return refused({
      message: `cannot hold variables (${quote(value)})`,
      help: `write the path out, like \`${example}\``,
    });
  }
  const clean = absolute(value);
  if (!value.startsWith("/")) {
    const isHome = /^[~$]/.test(value);
    return refused({
      message: `must be an absolute path (${quote(value)})`,
      help: isHome
        ? "nothing stands for a home here: write the path out, like `/home/nonroot`"
        : `write ${quote(clean)}: paths of an image start with \`/\` and use forward slashes`,
    });
  }
  if (value.split("/").includes("..")) {
    return refused({ message: `must not hold ".." (${quote(value)})`, help: `write ${quote(clean)}` });
  }
  return value.length > 1024 ? tooLong(1024) : parsed(cleanAbsolute(value));
}

function cleanAbsolute(path: string): string {
  const relative = path.split("/").filter((part) => part !== "" && part !== ".");
  return `/${relative.join("/")}`;
}

/** A path as it is written in an image: from the root, forward slashes, no drive, no `..`. */
function absolute(path: string): string {
  const parts: string[] = [];
  for (const part of path
    .replace(/^[A-Za-z]:/, "")
    .replaceAll("\\", "/")
    .split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
