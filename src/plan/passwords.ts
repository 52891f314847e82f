import { type Diagnostic, errorAt, type LocatedDescription, short, warningAt } from "../description/index.ts";
import type { BuildRequest } from "./types.ts";

/** A login in an address: all that stands between `//` and `@`. */
const LOGIN = /\/\/[^/@\s]+@/;

/** The same with a password. */
const PASSWORD = /\/\/[^/@\s:]*:[^/@\s]+@/;

/** Settings of the download that are addresses. */
const ADDRESSES = new Set(["GOPROXY", "GOSUMDB"]);

/**
 * Logins in build arguments. BuildKit writes every build argument into provenance of mode=max
 * (moby/buildkit:solver/llbsolver/provenance/predicate.go), and the environment of steps as well. Nothing of the value is
 * in the message.
 *
 * @returns GF053: an error where there is a way that does not leak, else a warning
 */
export function passwordsInArguments(
  located: LocatedDescription,
  { buildArgs }: Pick<BuildRequest, "buildArgs">,
): readonly Diagnostic[] {
  const file = located.source.filename;
  const found = Object.entries(buildArgs).map(([name, value]): Diagnostic | undefined => {
    if (ADDRESSES.has(name) && LOGIN.test(value)) {
      return errorAt(
        "GF053",
        `--build-arg ${short(name)} holds a login, which provenance would show to everyone`,
        {
          file,
          option: `--build-arg ${short(name)}`,
          help: "pass the address without it, and the login as a secret: `modules: { auth: { netrc: ID } }` with --secret id=ID,src=NETRC_FILE",
        },
      );
    }
    if (!PASSWORD.test(value)) return undefined;
    return warningAt(
      "GF053",
      `--build-arg ${short(name)} holds a password, which provenance of mode=max shows to everyone`,
      {
        file,
        option: `--build-arg ${short(name)}`,
        help: "use an address without a password, or build with --provenance=mode=min or false",
      },
    );
  });
  return found.filter((warning) => warning !== undefined);
}
