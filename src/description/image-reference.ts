import { parseReference } from "../oci/index.ts";
import { quote } from "./visible.ts";

export interface ReferenceProblem {
  readonly message: string;
  readonly help: string;
}

const LONGEST = 512;

const WRITTEN = "write it like `debian:bookworm-slim` or `registry.example.com/team/base:1.2@sha256:…`";

/**
 * Checks an image reference: `name[:tag][@digest]`, with a registry host or without. Undefined
 * when it is one. The message is a predicate to be put behind the key's name.
 */
export function referenceProblem(text: string): ReferenceProblem | undefined {
  if (text.length > LONGEST) return { message: `is longer than ${LONGEST} characters`, help: WRITTEN };
  if (text.includes("${")) {
    return {
      message: `cannot hold variables (${quote(text)})`,
      help: "name the image itself, like `debian:bookworm-slim`; the client can replace it: `--build-context debian:bookworm-slim=docker-image://…`",
    };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return {
      message: `must be an image reference, found the URL ${quote(hideCredentials(text))}`,
      help: "leave out the scheme, like `registry.example.com/team/base:1.2`",
    };
  }
  if (/^[^/@]*:[^/@]*@(?!sha)/.test(text)) {
    return { message: "must not hold credentials", help: "log in on the client with `docker login`" };
  }
  if (parseReference(text).ok) return undefined;
  const lower = text.toLowerCase();
  if (lower !== text && parseReference(lower).ok) {
    return {
      message: `is not an image reference (${quote(text)}): repository names are lower case`,
      help: `write ${quote(lower)}`,
    };
  }
  if (/@sha(256|512):/.test(text)) {
    return {
      message: `is not an image reference (${quote(text)}): the digest must be sha256: and 64 lower-case hexadecimal digits`,
      help: "copy the digest whole, as `docker buildx imagetools inspect` prints it",
    };
  }
  return {
    message: `is not an image reference (${quote(text)})`,
    help: WRITTEN,
  };
}

function hideCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//…@");
}
