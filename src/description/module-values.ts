import { type Parsed, parsed, refused } from "../oci/index.ts";
import { LONGEST_TEXT, type Problem, type Rule, shaped } from "./rule.ts";
import { firstUnsafe, quote } from "./visible.ts";

/** Ids of secrets and agents, as the client names them. */
export const secretId = shaped(
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  "an id",
  "ids hold letters, digits, `.`, `_` and `-`: the `NAME` of `--secret id=NAME` or `--ssh NAME`",
  64,
);

export const loginName = shaped(
  /^[A-Za-z0-9_][A-Za-z0-9._+@-]*$/,
  "a user name",
  "user names hold letters, digits, `.`, `_`, `+`, `@` and `-`",
  64,
);

/** A host that modules come from, as it stands in module paths. */
export const moduleHost: Rule<string> = (value) => {
  if (!value.includes(".") && value !== "localhost") {
    return refused({
      code: "GF021",
      message: `unknown key ${quote(value)}: neither a host nor \`netrc\``,
      help: "hosts are written in full, like `github.com`; `netrc: ID` names a secret that holds a netrc file",
      whole: true,
    });
  }
  return shaped(
    /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/,
    "a host name",
    "write the host as it stands in module paths, like `github.com`, without scheme, port and path",
    253,
  )(value);
};

/** GOPRIVATE patterns: path.Match globs of module path prefixes. */
export const modulePattern = shaped(
  /^[A-Za-z0-9*?[][A-Za-z0-9*?[\]._~/+^-]*$/,
  "a pattern of module paths",
  "write one pattern each, like `github.com/acme/*` or `*.corp.example`, without scheme",
);

export const proxyEntry: Rule<string> = (value) => {
  if (value === "direct" || value === "off") return parsed(value);
  if (/^[a-z]+:\/\/[^/]*@/i.test(value.slice(0, 512))) {
    return refused({
      message: "must not hold credentials",
      help: "put them into a netrc file and hand it in as a secret: `modules: { auth: { netrc: ID } }`",
    });
  }
  return shaped(
    /^https?:\/\/[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:\/[A-Za-z0-9._~/-]*)?$/,
    "a module proxy",
    "write the URL of a proxy, `direct` or `off`",
  )(value);
};

const PATH = "[A-Za-z0-9][A-Za-z0-9._~-]*(?:/[A-Za-z0-9._~-]+)*";
const VERSION = String.raw`v[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+incompatible)?`;

/** A module path, as far as its letters go: Go tells the rest at the line of go.mod. */
export const modulePath = shaped(
  new RegExp(`^${PATH}$`),
  "a module path",
  "write it as go.mod does, like `golang.org/x/net`",
);

/** What go.mod requires of a module, or that it does not. */
export const requiredVersion = shaped(
  new RegExp(`^(?:none|${VERSION})$`),
  "a version",
  "write the whole version, like `v0.38.0` (`go list -m PATH@latest` prints one), or `none` to leave the module out",
);

/** What is replaced: a module, or one version of it. */
export const replacedModule = shaped(
  new RegExp(`^${PATH}(?:@${VERSION})?$`),
  "a module",
  "write its path, like `example.com/lib`, or one version of it, like `example.com/lib@v1.2.3`",
);

/** A directory as go.mod names it. Two slashes would begin a comment there. */
const FOLDER = String.raw`\.{1,2}(?:/[A-Za-z0-9._~+@-]+)*/?`;

/** What replaces a module. */
export const replacement = shaped(
  new RegExp(String.raw`^(?:none|context:[a-z0-9][a-z0-9._/-]*|${FOLDER}|${PATH}@${VERSION})$`),
  "a replacement",
  "write `PATH@VERSION`, a directory that begins with `./` or `../`, `context:NAME` for what the client hands in with `--build-context NAME=…`, or `none`",
);

/** A line of go.sum: a module, its version, alone or with `/go.mod`, and a hash. */
export const sumLine = shaped(
  new RegExp(String.raw`^${PATH} ${VERSION}(?:/go\.mod)? h1:[A-Za-z0-9+/]{43}=$`),
  "a line of go.sum",
  "write a line as go.sum has it, `PATH VERSION h1:…=` or `PATH VERSION/go.mod h1:…=`; `go mod download -json PATH@VERSION` prints both hashes",
  512,
);

const keyTypes = [
  "ssh-ed25519",
  "ssh-rsa",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
];

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): hosts, key type, key. */
export const knownHostsLine: Rule<string> = (value) => {
  const help =
    "write a line as `ssh-keyscan -t ed25519 HOST` prints it, after checking the key with the host's owner";
  const fault = (message: string): Parsed<never, Problem> => refused({ code: "GF054", message, help });
  if (value.length > LONGEST_TEXT) return fault(`is longer than ${LONGEST_TEXT} characters`);
  if (firstUnsafe(value, "") !== undefined) {
    return refused({
      code: "GF054",
      message: "must hold one line each",
      help: "write a list: one line of known_hosts to an item",
    });
  }
  const fields = value.trim().split(/ +/);
  if (fields[0] === "@cert-authority" || fields[0] === "@revoked") fields.shift();
  const [hosts = "", type = "", key = ""] = fields;
  if (type === "" || key === "") return fault(`is not a line of known_hosts (${quote(value)})`);
  if (!/^[A-Za-z0-9.,:*?![\]|+/=_-]+$/.test(hosts)) {
    return fault(`is not a line of known_hosts (${quote(value)})`);
  }
  if (!keyTypes.includes(type)) return fault(`has an unknown key type (${quote(type)})`);
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(key)) return fault(`has a key that is not base64 (${quote(key)})`);
  // The blob begins with the length and the name of the key's type (RFC 4253, 6.6).
  const start = key.replace(/=+$/, "").slice(0, 60);
  if (start.length % 4 === 1) return fault(`has a key that is not base64 (${quote(key)})`);
  const blob = atob(start);
  const length = blob.charCodeAt(3);
  return blob.slice(4, 4 + length) === type
    ? parsed(value)
    : fault(`has a key that is not of the type ${type}`);
};
