// What is said of an image that cannot be used, at the line that names it.
import {
  diagnosticError,
  errorAt,
  formatPlatform,
  type Platform,
  type Range,
} from "../../description/index.ts";
import type { ImageRequest } from "./image-request.ts";

/** Of a configuration that cannot be read; `problem` ends the sentence. */
export function badConfig(request: ImageRequest, reference: string, problem: string): Error {
  const { code, name } = USES[request.use];
  const help =
    "name another image, or build this one anew with a tool that follows the OCI image specification";
  return diagnosticError([errorAt(code, `${name} ${reference} ${problem}`, { ...place(request), help })]);
}

/** Of an image that BuildKit did not find; `attempts` says how often it was asked. */
export function unusable(request: ImageRequest, reference: string, error: unknown, attempts: number): Error {
  const detail = String((error as Error).message).replace(
    /^.*failed to resolve source metadata for [^:]+:[^:]+: /,
    "",
  );
  const fault = faultOf(detail);
  const { code, name } = USES[request.use];
  const tried = attempts > 1 ? ` (${attempts} attempts)` : "";
  const message = `${name} ${reference}${wordsFor(fault, request.platform, detail)}${tried}`;
  return diagnosticError([
    errorAt(code, message, { ...place(request), help: helpFor(fault, request, reference) }),
  ]);
}

/** How errors call an image, by its use. */
export const USES = {
  toolchain: { code: "GF071", name: "toolchain image" },
  base: { code: "GF070", name: "base image" },
  step: { code: "GF073", name: "step image" },
  profile: { code: "GF074", name: "profile image" },
  shell: { code: "GF070", name: "image of the debug target's shell" },
} as const;

/** Where the description asks for an image. */
export function place({ at: { file, range } }: ImageRequest): {
  readonly file: string;
  readonly range: Range;
} {
  return { file, range };
}

/** What is wrong with an image: all that BuildKit's words tell. */
type Fault = "platform" | "missing" | "denied" | "other";

/**
 * For an index without the platform, containerd says that nothing matches and that it was not found; the classic
 * image store of Docker Engine names both platforms (moby/moby:daemon/images/image.go).
 */
function faultOf(detail: string): Fault {
  if (/no match for platform|does not match the specified platform/.test(detail)) return "platform";
  if (/not found|manifest unknown/.test(detail)) return "missing";
  return /denied|unauthorized|authorization failed|\b40[13]\b/.test(detail) ? "denied" : "other";
}

function wordsFor(fault: Fault, platform: Platform, detail: string): string {
  switch (fault) {
    case "platform":
      return ` is there, but not for ${formatPlatform(platform)}`;
    case "missing":
      return ": not found";
    case "denied":
      return ": access denied";
    case "other":
      return `: ${detail}`;
  }
}

function helpFor(fault: Fault, { use, platform }: ImageRequest, reference: string): string {
  if (use === "toolchain") {
    switch (fault) {
      case "platform":
        return `name an image for ${formatPlatform(platform)}, where the builder compiles, with \`toolchain:\``;
      case "missing":
        return "choose a Go release that exists with `go:` (a mirror may lack it), or name an image that holds the toolchain with `toolchain:`";
      case "denied":
      case "other":
        return "check the registry login of the client, or name a mirror with `toolchain:`";
    }
  }
  switch (fault) {
    case "platform":
      return use === "step" || use === "profile"
        ? `name an image for ${formatPlatform(platform)}, where the builder runs`
        : "name a base that is made for it, or build for others with --platform";
    case "missing":
      return "check the name and the tag";
    case "denied":
      return `log in on the client: docker login ${reference.split("/")[0] ?? reference}`;
    case "other":
      return "check that the builder can reach the registry";
  }
}
