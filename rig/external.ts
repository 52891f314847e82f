import { existsSync } from "node:fs";
import { commandWorks } from "./process.ts";
import { rigError } from "./text.ts";

/** A builder that is not the rig's: a BuildKit address, or a builder known to the user's docker buildx. */
export type ExternalBuilder =
  | Readonly<{ kind: "buildkit"; buildkitHost: string }>
  | Readonly<{
      kind: "buildx";
      /** What to run before `build`: `docker buildx` or `buildx`. */
      command: readonly string[];
      /** For `--builder`; undefined is the user's current one. */
      builder: string | undefined;
    }>;

const buildxCommands: readonly (readonly [string, ...string[]])[] = [["docker", "buildx"], ["buildx"]];

async function findBuildx(builder: string | undefined): Promise<ExternalBuilder | undefined> {
  for (const command of buildxCommands) {
    const [program, ...args] = command;
    const name = builder === undefined ? [] : [builder];
    // inspect without --bootstrap: it succeeds for known builders; the engine behind it must answer too.
    if (!(await commandWorks(program, [...args, "inspect", ...name]))) continue;
    const engine = builder !== undefined || (await commandWorks("docker", ["version"]));
    if (!engine) continue;
    return { kind: "buildx", command, builder };
  }
  return undefined;
}

/**
 * The builder a user has, by what `--builder` says:
 * - not given: BUILDKIT_HOST, or else a running Docker Engine with buildx, or else undefined (use the rig);
 * - `rig`: undefined;
 * - an address (`unix://…`, `tcp://…`, `docker-container://…`): that BuildKit;
 * - anything else: the builder of that name in docker buildx.
 *
 * @throws RigError when the named builder is not there
 */
export async function externalBuilder(
  builder: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ExternalBuilder | undefined> {
  if (builder === "rig") return undefined;
  if (builder === undefined) {
    const host = env["BUILDKIT_HOST"];
    return host !== undefined && host !== ""
      ? { kind: "buildkit", buildkitHost: host }
      : findBuildx(undefined);
  }
  if (/^[a-z-]+:\/\//.test(builder)) return { kind: "buildkit", buildkitHost: builder };
  const found = await findBuildx(builder);
  if (found !== undefined) return found;
  throw rigError(
    `docker buildx knows no builder ${JSON.stringify(builder)}`,
    "docker buildx ls names those there are; an address (unix://…, tcp://…) or `rig` for the local one will do too",
  );
}

/** Where systems keep their CA roots, as Go looks for them (crypto/x509: root_linux.go). */
const bundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The file of CA roots this system trusts, a company's own among them: what to hand to a download step as a
 * secret when TLS is re-signed on the way. SSL_CERT_FILE comes first.
 */
export const systemCaBundle = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  [env["SSL_CERT_FILE"], ...bundles].find((path) => path !== undefined && path !== "" && existsSync(path));
