// Git remotes as BuildKit reads them (moby/buildkit:util/gitutil/git_url.go): URLs of four
// schemes, and `user@host:path`.

import { type Parsed, parsed, refused } from "../../oci/index.ts";

/** A remote; `host` and `path` name the repository whatever the protocol. */
export interface GitURL {
  readonly scheme: "http" | "https" | "ssh" | "git";
  readonly host: string;
  readonly path: string;
  /** What git is called with: the URL without query and fragment. */
  readonly remote: string;
}

const withScheme = /^([a-zA-Z0-9]+):\/\//;
const scpStyle = /^([a-zA-Z0-9-_]+)@([a-zA-Z0-9-.]+):(.*?)(?:\?(.*?))?(?:#(.*))?$/;

/** Whether a text names its protocol, in one of the two ways. Others, like `github.com/moby/buildkit`, may be a path. */
export function namesProtocol(remote: string): boolean {
  return withScheme.test(remote) || scpStyle.test(remote);
}

/** Parses a remote. */
export function parseGitURL(remote: string): Parsed<GitURL> {
  const protocol = withScheme.exec(remote)?.[1];
  if (protocol !== undefined) return parseURL(remote, protocol.toLowerCase());
  const match = scpStyle.exec(remote);
  if (match === null) return refused("it has no scheme and is not of the form user@host:path");
  const [, user = "", host = "", path = ""] = match;
  return parsed({ scheme: "ssh", host, path, remote: `${user}@${host}:${path}` });
}

function parseURL(text: string, scheme: string): Parsed<GitURL> {
  if (scheme !== "http" && scheme !== "https" && scheme !== "ssh" && scheme !== "git") {
    return refused(`${scheme} is not http, https, ssh or git`);
  }
  // Go's net/url refuses exactly these.
  if (/[\u0000-\u001f\u007f]/.test(text)) return refused("it has a control character");
  const rest =
    text
      .slice(scheme.length + 3)
      .split("#", 1)[0]
      ?.split("?", 1)[0] ?? "";
  const slash = rest.indexOf("/");
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const rawPath = slash < 0 ? "" : rest.slice(slash);
  const at = authority.lastIndexOf("@");
  const userinfo = authority.slice(0, Math.max(at, 0));
  const host = authority.slice(at + 1);
  if (!/^[A-Za-z0-9._~!$&'()*+,;=:-]*$/.test(userinfo.replaceAll(/%[0-9A-Fa-f]{2}/g, ""))) {
    return refused("it has an invalid user");
  }
  if (!/^(\[[0-9A-Fa-f:.]+\]|[^[\]:%\s<>"]*)(:\d*)?$/.test(host)) {
    return refused("it has an invalid host or port");
  }
  if (/%(?![0-9A-Fa-f]{2})/.test(rawPath)) return refused("it has a broken percent escape");
  const user = at < 0 ? "" : `${userinfo}@`;
  const path = unescapePath(rawPath);
  const escaped = isEncoded(rawPath) ? rawPath : escapePath(path);
  return parsed({ scheme, host, path, remote: `${scheme}://${user}${host}${escaped}` });
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function unescapePath(raw: string): string {
  const bytes = raw
    .split(/(%[0-9A-Fa-f]{2})/)
    .flatMap((part, i) => (i % 2 === 1 ? [Number.parseInt(part.slice(1), 16)] : [...encoder.encode(part)]));
  return decoder.decode(new Uint8Array(bytes));
}

/** Whether net/url would keep the path as it was written. */
const isEncoded = (raw: string): boolean => /^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]*$/.test(raw);

const escapePath = (path: string): string =>
  [...encoder.encode(path)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9\-_.~$&+,/:;=@]/.test(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
