import {
  authOf,
  buildkitRange,
  type LocatedDescription,
  type Range,
  servicesOf,
} from "../description/index.ts";

/** What a client can give to a build of the description, as JSON and as text: arguments, secrets and agents. */
export function outlineOf(located: LocatedDescription): readonly [object, string] {
  const args = Object.entries(located.description.args ?? {}).map(([name, value]) => ({
    name,
    value,
    location: locationOf(located.keyRangeOf(["args", name])),
  }));
  const credentials = [...ofModules(located), ...ofSteps(located)];
  const secrets = [...named(credentials, "secret"), { name: "ca-certificates", required: false }];
  const ssh = named(credentials, "agent");
  const text = [
    ...args.map((argument) => `argument ${argument.name}=${argument.value}`),
    ...secrets.map((secret) => `secret ${secret.name}${secret.required ? "" : " (optional)"}`),
    ...ssh.map((agent) => `ssh ${agent.name}`),
  ].join("\n");
  return [{ args, secrets, ssh, sources: [Buffer.from(located.source.text).toString("base64")] }, text];
}

interface Credential {
  readonly kind: "secret" | "agent";
  readonly id: string;
  readonly range: Range;
}

function ofModules(located: LocatedDescription): readonly Credential[] {
  return authOf(located).map((login): Credential => {
    const range = located.rangeOf(login.path);
    return login.kind === "ssh"
      ? { kind: "agent", id: login.agent, range }
      : { kind: "secret", id: login.secret, range };
  });
}

function ofSteps(located: LocatedDescription): readonly Credential[] {
  return servicesOf(located).flatMap(({ steps, rangeOf }) =>
    [...steps].flatMap(([name, { secrets = [], ssh }]): readonly Credential[] => [
      ...secrets.map((id, index): Credential => {
        return { kind: "secret", id, range: rangeOf(["steps", name, "secrets", index]) };
      }),
      ...(ssh === undefined
        ? []
        : [{ kind: "agent" as const, id: ssh, range: rangeOf(["steps", name, "ssh"]) }]),
    ]),
  );
}

/** Those of a kind: each id once, at the first place that asks for it. */
function named(credentials: readonly Credential[], kind: Credential["kind"]) {
  const places = new Map<string, Range>();
  for (const credential of credentials) {
    if (credential.kind === kind && !places.has(credential.id)) places.set(credential.id, credential.range);
  }
  return [...places].map(([name, range]) => ({ name, required: true, location: locationOf(range) }));
}

function locationOf(range: Range): object {
  return { ranges: [buildkitRange(range)] };
}
