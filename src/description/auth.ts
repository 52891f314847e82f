import type { LocatedDescription } from "./located.ts";
import type { Path } from "./position.ts";
import type { HostAuth } from "./schema.ts";

/** A way to log in to hosts of private modules, with its defaults; `path` is where the file asks for it. */
export type Auth =
  | { readonly kind: "netrc"; readonly secret: string; readonly path: Path }
  | {
      readonly kind: "token";
      readonly host: string;
      readonly secret: string;
      readonly user: string;
      readonly path: Path;
    }
  | {
      readonly kind: "ssh";
      readonly host: string;
      readonly agent: string;
      readonly user: string;
      readonly port: number;
      readonly knownHosts: readonly string[];
      readonly path: Path;
    };

/** What `modules.auth` asks for, in the order of the file. */
export function authOf(located: LocatedDescription): readonly Auth[] {
  const auth: Readonly<Record<string, unknown>> = located.description.modules?.auth ?? {};
  // The schema gives `netrc` first, wherever it stands.
  const start = (host: string): number => located.keyRangeOf(["modules", "auth", host]).start.offset;
  const entries = Object.entries(auth).toSorted(([a], [b]) => start(a) - start(b));
  return entries.map(([host, value]): Auth => {
    const path: Path = ["modules", "auth", host];
    if (host === "netrc") return { kind: "netrc", secret: String(value), path };
    // The schema has checked every key but `netrc` to be a host's.
    const entry = value as HostAuth;
    if (entry.ssh !== undefined) {
      return {
        kind: "ssh",
        host,
        agent: entry.ssh,
        user: entry.user ?? "git",
        port: entry.port ?? 22,
        knownHosts: entry.knownHosts ?? [],
        path: [...path, "ssh"],
      };
    }
    return {
      kind: "token",
      host,
      secret: entry.token ?? "",
      user: entry.user ?? "oauth2",
      path: [...path, "token"],
    };
  });
}
