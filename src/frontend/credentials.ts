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
  const message = String((error as Error).message);
  const file = located.source.filename;
  const found = auth.flatMap((each) => {
    switch (each.kind) {
      case "netrc":
      case "token": {
        if (
          !message.includes(`secret ${each.secret}: not found`) &&
          !message.includes(`secret ${each.secret} not found`) &&
          !isNotFound(message, each.secret)
        ) {
          return [];
        }
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
        if (!/no SSH key|unset ssh forward key|ssh forward/i.test(message)) return [];
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

function isNotFound(message: string, secret: string): boolean {
  return message.includes(secret) && /secret.*not found|not found.*secret/i.test(message);
}
