import { type Parsed, parsed, type Platform, refused } from "../oci/index.ts";
import { goVersion } from "./go-version.ts";
import { cleanPath, type PathProblem } from "./path.ts";
import { goPlatform } from "./platform.ts";
import { LONGEST_TEXT, plainText, type Problem, type Rule, shaped } from "./rule.ts";
import { quote } from "./visible.ts";

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

/** The address of a file that is fetched; what it holds a checksum says. */
export const fileUrl: Rule<string> = (value) => {
  const host = /^https?:\/\/([^/?#\s]+)\/[^\s#]*$/.exec(value)?.[1];
  const isUrl = host !== undefined && URL.canParse(value) && plainText(value).ok && value.length <= 2048;
  if (isUrl && !host.includes("@")) return parsed(value);
  return refused({
    message: isUrl
      ? "holds a login, which provenance would show"
      : `is not the URL of a file (${quote(value)})`,
    help: "write an address like `https://profiles.example.com/orders.pgo`",
  });
};

export const sha256Checksum: Rule<string> = (value) =>
  /^sha256:[0-9a-f]{64}$/.test(value)
    ? parsed(value)
    : refused({
        message: `is not a checksum (${quote(value)})`,
        help: "write `sha256:` and 64 hexadecimal digits, as `sha256sum FILE` prints them",
      });

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
