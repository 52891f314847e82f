import { type Parsed, parsed, refused } from "../oci/index.ts";
import { referenceProblem } from "./image-reference.ts";
import { plainText, type Problem, type Rule, shaped, tooLong } from "./rule.ts";
import { portNumber } from "./values.ts";
import { quote } from "./visible.ts";

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

/** Of users and groups; the number above it stands for none. */
export const LARGEST_ID = 4294967294;

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

/** A folder of PATH, absolute and cleaned. */
export const searchedFolder: Rule<string> = (value) => {
  const path = imagePath(value, "/opt/orders/bin");
  return path.ok && path.value.includes(":")
    ? refused({
        message: `holds a ":", which parts the folders of PATH (${quote(value)})`,
        help: "list each folder by itself, or choose a name without it",
      })
    : path;
};

/** What a container engine mounts over the image. */
const mounted = /^\/(?:dev|proc|sys)(?:\/|$)/;

/**
 * A cleaned path that no container engine mounts over.
 *
 * @param value as it is written
 * @param example a directory that is right
 */
export function outsideMounted(path: string, value: string, example: string): Parsed<string, Problem> {
  const [over] = mounted.exec(path) ?? [];
  return over === undefined
    ? parsed(path)
    : refused({
        message: `lies in ${over.replace(/(?<=.)\/$/, "")}, which containers have of their own (${quote(value)})`,
        help: `choose another directory, like \`${example}\``,
      });
}

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
  return outsideMounted(path.value, value, "/usr/local/bin");
};

/** A path of the image, absolute and cleaned; `example` is one that is right. */
export function imagePath(value: string, example: string): Parsed<string, Problem> {
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
