// Image references as distribution/reference reads them (normalize.go, regexp.go): `alpine`
// becomes `docker.io/library/alpine`.
import { type Parsed, parsed, refused } from "./parsed.ts";

/** A reference taken apart; `name` has its domain. */
export interface Reference {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const host = `(?:${COMPONENT}(?:\\.${COMPONENT})*|\\[(?:[a-fA-F0-9:]+)\\])`;
const domainAndPort = `${host}(?::[0-9]+)?`;
const PATH_COMPONENT = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
const remoteName = `${PATH_COMPONENT}(?:/${PATH_COMPONENT})*`;
const TAG_PATTERN = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const DIGEST_PATTERN = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*[:][0-9A-Fa-f]{32,}";
const anchoredReference = new RegExp(
  `^((?:${domainAndPort}/)?${remoteName})(?::(${TAG_PATTERN}))?(?:@(${DIGEST_PATTERN}))?$`,
);
const anchoredName = new RegExp(`^(?:${domainAndPort}/)?(${remoteName})$`);

const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Whether the text is a digest of an algorithm that BuildKit knows. */
export function isDigest(text: string): boolean {
  const [algorithm = "", hex = "", ...rest] = text.split(":");
  return rest.length === 0 && /^[a-f0-9]+$/.test(hex) && digestLengths[algorithm] === hex.length;
}

/** Parses a reference as people write it. */
export function parseReference(text: string): Parsed<Reference> {
  if (/^[a-f0-9]{64}$/.test(text)) return refused("64 hexadecimal digits alone are an image id, not a name");
  const { domain, remainder } = splitDomain(text);
  const repository = remainder.split(":", 1)[0] ?? "";
  if (repository !== repository.toLowerCase()) return refused("the repository name must be lower-case");
  const match = anchoredReference.exec(`${domain}/${remainder}`);
  if (match === null) return refused("it is not of the form [host/]name[:tag][@digest]");
  const [, name = "", tag, digest] = match;
  if ((anchoredName.exec(name)?.[1] ?? name).length > 255) {
    return refused("the repository name is longer than 255 characters");
  }
  if (digest !== undefined && !isDigest(digest)) {
    return refused(`${digest} is not a sha256, sha384 or sha512 digest`);
  }
  return parsed({ name, tag, digest });
}

/** Puts a reference together again. */
export function formatReference({ name, tag, digest }: Reference): string {
  return `${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** Adds the tag `latest` to a reference that is only a name. */
export function tagNameOnly(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined
    ? { ...reference, tag: "latest" }
    : reference;
}

function splitDomain(text: string): { domain: string; remainder: string } {
  const slash = text.indexOf("/");
  if (slash < 0) return { domain: "docker.io", remainder: `library/${text}` };
  const first = text.slice(0, slash);
  const rest = text.slice(slash + 1);
  let domain = "docker.io";
  let remainder = text;
  if (first === "index.docker.io") remainder = rest;
  else if (first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase()) {
    domain = first;
    remainder = rest;
  }
  if (domain === "docker.io" && !remainder.includes("/")) remainder = `library/${remainder}`;
  return { domain, remainder };
}
