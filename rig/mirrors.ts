import { Agent, get } from "node:https";
import { mirrorPath } from "./config.ts";
import type { Log } from "./text.ts";

/** The registries whose images the rig has stand-ins for. */
export const standInHosts = ["docker.io", "gcr.io", "ghcr.io"] as const;

const endpoint = (host: string): string =>
  `https://${host === "docker.io" ? "registry-1.docker.io" : host}/v2/`;

/**
 * Whether a registry answers as one: 200 or 401 on /v2/, within `milliseconds`. Proxies named in the environment
 * are used, and any certificate is taken: buildkitd has its own view on those, this is only about reach.
 *
 * @returns undefined when it does, or else the reason why not
 */
const unreachable = async (host: string, milliseconds: number): Promise<string | undefined> =>
  await new Promise((resolve) => {
    const agent = new Agent({ proxyEnv: process.env, rejectUnauthorized: false });
    const request = get(endpoint(host), { agent, signal: AbortSignal.timeout(milliseconds) }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status === 200 || status === 401 ? undefined : `answers ${status}`);
      agent.destroy();
    });
    request.on("error", (error) => {
      resolve("code" in error && typeof error.code === "string" ? error.code : error.message);
      agent.destroy();
    });
  });

/** Says which of the registries cannot be reached, and says so aloud. */
export async function unreachableHosts(log: Log, milliseconds = 4000): Promise<readonly string[]> {
  const probed = await Promise.all(
    standInHosts.map(async (host) => ({ host, reason: await unreachable(host, milliseconds) })),
  );
  return probed.flatMap(({ host, reason }) => {
    if (reason === undefined) return [];
    log(`${host} is not reachable (${reason}): using stand-ins`);
    return [host];
  });
}

/** A reference's parts by the rules of distribution/reference: docker.io and `library/` are implied. */
export function parseReference(reference: string): Readonly<{ host: string; rest: string }> {
  const slash = reference.indexOf("/");
  const first = slash < 0 ? "" : reference.slice(0, slash);
  const named = first.includes(".") || first.includes(":") || first === "localhost";
  const host = named ? first : "docker.io";
  const path = named ? reference.slice(slash + 1) : reference;
  const rest = host === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  const name = rest.slice(rest.lastIndexOf("/") + 1);
  return { host, rest: name.includes(":") || name.includes("@") ? rest : `${rest}:latest` };
}

/**
 * The reference under which an image is pushed to the loopback registry, so that its mirror rule finds it:
 * `org/go-frontend` → `localhost:PORT/org/go-frontend:latest`. References to the registry itself stay.
 */
export function mirrorReference(registry: string, reference: string): string {
  const { host, rest } = parseReference(reference);
  return host === registry ? `${host}/${rest}` : `${registry}${mirrorPath(host)}/${rest}`;
}

/** The registry's host that a reference names. */
export const hostOf = (reference: string): string => parseReference(reference).host;
