import type { ContainerMount, GatewayClient } from "../gateway/index.ts";
import { isCanceled, isConnectionLost } from "../gateway/index.ts";
import type { AuthPlan, StepCredential } from "../plan/index.ts";
import { type Diagnostic, diagnosticError, errorAt, type LocatedDescription } from "../description/index.ts";

/** What the client hands in, by who asks for it. */
type Credential = AuthPlan | StepCredential;

/**
 * Asks the client for every secret and agent before anything is run. BuildKit asks for them when it prepares a
 * container's mounts (moby/buildkit:frontend/gateway/container/container.go, PrepareMounts); the containers are never
 * started, so no secret reaches a file system.
 *
 * @returns whether all are known to be there; where BuildKit cannot be asked, a step that needs them has to be run
 * @throws GF050 and GF051 for those that the client did not give
 */
export async function askForCredentials(
  client: GatewayClient,
  auth: readonly Credential[],
  located: LocatedDescription,
): Promise<boolean> {
  if (!client.caps.has("gateway.exec")) return auth.length === 0;
  const answers = await Promise.all(
    auth.map(async (entry): Promise<"there" | "unknown" | Diagnostic> => {
      try {
        const mounts = [{ dest: "/" }, mountOf(entry)];
        const container = await client.newContainer({ mounts, netMode: "none" });
        await container.release();
        return "there";
      } catch (error) {
        if (isCanceled(error) || isConnectionLost(error)) throw error;
        return missingCredential(error, entry, located) ?? "unknown";
      }
    }),
  );
  const missing = answers.filter((answer) => typeof answer === "object");
  if (missing.length > 0) throw diagnosticError(missing);
  return answers.every((answer) => answer === "there");
}

function mountOf(auth: Credential): ContainerMount {
  switch (auth.kind) {
    case "netrc":
    case "token":
    case "step-secret":
      return { dest: "/secret", type: "secret", secret: { id: auth.secret } };
    case "ssh":
    case "step-agent":
      return { dest: "/agent", type: "ssh", ssh: { id: auth.agent } };
  }
}

/**
 * Reads BuildKit's error: a secret or an agent that the client did not give is reported at the line that asks for
 * it, with the flag to add. Undefined for every other error.
 */
export function missingCredential(
  error: unknown,
  auth: Credential,
  located: LocatedDescription,
): Diagnostic | undefined {
  const message = error instanceof Error ? error.message : String(error);
  const place = { file: located.source.filename, range: auth.at.range };
  switch (auth.kind) {
    case "netrc":
    case "token": {
      if (missingSecret(message) !== auth.secret) return undefined;
      const from = auth.kind === "netrc" ? "src=$HOME/.netrc" : "env=TOKEN";
      return errorAt(
        "GF050",
        `the build needs the secret "${auth.secret}", which the client did not provide`,
        { ...place, help: `add --secret id=${auth.secret},${from}` },
      );
    }
    case "step-secret":
      if (missingSecret(message) !== auth.secret) return undefined;
      return errorAt("GF050", `a step needs the secret "${auth.secret}", which the client did not provide`, {
        ...place,
        help: `add --secret id=${auth.secret},src=FILE`,
      });
    case "step-agent": {
      if (missingAgent(message) !== auth.agent) return undefined;
      const id = auth.agent === "default" ? "default" : `${auth.agent}=PATH_OF_SOCKET_OR_KEY`;
      return errorAt(
        "GF051",
        `a step needs an ssh agent, and the client forwarded no agent "${auth.agent}"`,
        {
          ...place,
          help: `add --ssh ${id} (and load the key with ssh-add)`,
        },
      );
    }
    case "ssh": {
      if (missingAgent(message) !== auth.agent) return undefined;
      const id = auth.agent === "default" ? "default" : `${auth.agent}=PATH_OF_SOCKET_OR_KEY`;
      return errorAt(
        "GF051",
        `the build fetches modules from ${auth.host} over ssh, and the client forwarded no agent "${auth.agent}"`,
        { ...place, help: `add --ssh ${id} (and load the key with ssh-add)` },
      );
    }
  }
}

/** moby/buildkit:session/secrets/secrets.go, GetSecret */
function missingSecret(message: string): string | undefined {
  return /secret "?([\w.-]+)"?:? (?:was )?not found/.exec(message)?.[1];
}

/**
 * The agent that was not forwarded: with none at all the builder says it, with others the client
 * (moby/buildkit:solver/llbsolver/mounts/mount.go, moby/buildkit:session/sshforward/sshprovider/agentprovider.go).
 */
function missingAgent(message: string): string | undefined {
  return (
    /no SSH key "([^"]*)" forwarded/.exec(message) ?? /unset ssh forward key ([\w.-]+)/.exec(message)
  )?.[1];
}
