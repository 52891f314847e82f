import type { AuthPlan } from "../plan/index.ts";
import { diagnosticError, errorAt, type LocatedSpec } from "../spec/index.ts";

/**
 * Reads BuildKit's error of the download step: a secret or an agent that the client did not give is
 * reported at the line that asks for it, with the flag to add. Undefined for every other error.
 */
export function missingCredential(
  error: unknown,
  auth: readonly AuthPlan[],
  located: LocatedSpec,
): Error | undefined {
  const message = error instanceof Error ? error.message : String(error);
  const file = located.source.filename;
  const found = auth.flatMap((each) => {
    switch (each.kind) {
      case "netrc":
      case "token": {
        if (missingSecret(message) !== each.secret) return [];
        const example =
          each.kind === "netrc"
            ? `--secret id=${each.secret},src=$HOME/.netrc`
            : `--secret id=${each.secret},env=TOKEN`;
        return [
          errorAt("GF050", `the build needs the secret "${each.secret}", which the client did not provide`, {
            file,
            range: each.at.range,
            help: `add ${example}`,
          }),
        ];
      }
      case "ssh": {
        if (missingAgent(message) !== each.agent) return [];
        const id = each.agent === "default" ? "default" : `${each.agent}=PATH_OF_SOCKET_OR_KEY`;
        return [
          errorAt(
            "GF051",
            `the build fetches modules from ${each.host} over ssh, and the client forwarded no agent "${each.agent}"`,
            { file, range: each.at.range, help: `add --ssh ${id} (and load the key with ssh-add)` },
          ),
        ];
      }
    }
  });
  const [first] = found;
  return first === undefined ? undefined : diagnosticError([first]);
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
