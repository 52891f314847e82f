import { PATHS } from "../paths.ts";
import { goEnv } from "../flags.ts";
import { cacheId } from "../cache-id.ts";
import { hashOf } from "../hash.ts";
import { stepName } from "../labels.ts";
import type { Mount, RunStep, Tree } from "../step.ts";
import type { AuthPlan, ImportedModules, InlineFile, ModulesPlan } from "../types.ts";
import { addTask, type Helper } from "./helper.ts";
import { inlineFiles, output, readOnly, type Site } from "./site.ts";

/** Id of the optional secret with the CA certificates of a company that re-signs TLS. */
export const CA_SECRET = "ca-certificates";

/**
 * The download step: the only one with a network and with credentials. It sees the module files of
 * the source tree and no line of its code. Its result is the module cache without what no build reads.
 * Many public modules are downloaded by a few such steps.
 */
export function addModules(site: Site, helper: Helper, modules: ModulesPlan): Tree {
  const { parts, imports } = modules;
  const name = stepName("modules", modules.label);
  // Laying the parts together would copy every module where the builder cannot merge.
  if (parts === undefined || !site.abilities.merge) {
    const does = imports === undefined ? "go mod download" : "go list (fetches what is imported)";
    return addDownload(site, helper, modules, name, `[${name}] ${does}`);
  }
  const trees = parts.map(({ name: part, files, dir, command }) =>
    addDownload(
      site,
      helper,
      { ...modules, files, dir },
      `${name} ${part}`,
      `[${name} ${part}] ${command.slice(0, 3).join(" ")}`,
      command,
    ),
  );
  return site.add({ kind: "merge", id: name, title: `[${name}] all`, trees });
}

function addDownload(
  site: Site,
  helper: Helper,
  modules: ModulesPlan,
  id: string,
  title: string,
  command: readonly string[] = [],
): Tree {
  const { plan, toolchain, resolved } = site;
  const { imports, workspace, proxy } = modules;
  const tenant = tenantOf(site, modules);
  const auth = modules.auth.map(loginOf);
  const known = knownHosts(modules.auth);
  const source = site.add({
    kind: "files",
    id: `${id} files`,
    title: `[internal] module files${imports === undefined ? "" : " and imports"}`,
    actions: inlineFiles([...modules.files, ...(imports?.files ?? []), ...known]),
  });
  const left = addTask(site, helper, {
    id,
    stage: "modules",
    title,
    at: modules.at,
    on: modules.git ? toolchain.full : toolchain.slim,
    does: [
      "download",
      `-store=${PATHS.store}`,
      `-source=${PATHS.source}`,
      ...(workspace === undefined ? [] : [`-work=${workspace}`]),
      ...(plan.retries.unfetched === undefined ? [] : ["-retried"]),
      ...(plan.scope === "narrow" ? ["-again"] : []),
      ...(imports === undefined ? [] : importFlags(imports)),
      `-ca=${PATHS.secrets}/${CA_SECRET}`,
      ...(tenant === undefined ? [] : [`-tenant=${tenant}`]),
      ...auth.map(({ flag }) => flag),
      ...(known.length > 0 ? [`-known-hosts=${PATHS.source}/${KNOWN_HOSTS}`] : []),
      ...(command.length > 0 ? ["--", ...command] : []),
    ],
    env: {
      ...goEnv({}),
      ...modules.env,
      ...(proxy === undefined ? {} : { GOPROXY: proxy }),
      ...(modules.private.length > 0 ? { GOPRIVATE: modules.private.join(",") } : {}),
    },
    dir: `${PATHS.source}/${modules.dir}`,
    mounts: [
      readOnly(PATHS.source, source),
      // The store holds what needs no login, each file named by the hash that go.sum asks for, and nothing in it is
      // believed (helper/store.go): projects share it.
      { kind: "cache", at: PATHS.store, id: cacheId(plan.cacheNamespace, "module-files"), sharing: "shared" },
      // Optional: without it the toolchain image's own roots are trusted.
      { kind: "secret", at: `${PATHS.secrets}/${CA_SECRET}`, id: CA_SECRET, optional: true },
      ...auth.map(({ mount }) => mount),
      output(PATHS.moduleCache),
    ],
    ...networkOf(resolved.settings),
  });
  return left(PATHS.moduleCache);
}

/**
 * Whose result a download is; undefined: anybody's, as go.sum says what it holds. What a login shows is its tenant's.
 * In a workspace go completes go.work.sum with what answers, which the checksum database need not know, and BuildKit
 * leaves the addresses of hosts and proxies out of a step's key: whoever sends the download elsewhere has a result of
 * their own.
 */
function tenantOf({ plan, resolved }: Site, { auth, workspace }: ModulesPlan): string | undefined {
  const project = auth.length > 0 ? plan.project : undefined;
  const sent = sentElsewhere(resolved.settings);
  if (workspace === undefined || sent === undefined) return project;
  return hashOf(project, ...sent);
}

/**
 * Where the client has the network's questions answered: hosts with their addresses, and proxies without their logins.
 * BuildKit leaves both out of a step's key. Undefined: nowhere else.
 */
export function sentElsewhere({
  extraHosts,
  proxy,
}: Site["resolved"]["settings"]): readonly [hosts: unknown, proxies: unknown] | undefined {
  const proxies = [proxy.httpProxy, proxy.httpsProxy, proxy.allProxy];
  if (extraHosts.length === 0 && proxies.every((address) => address === undefined)) return undefined;
  const hosts = extraHosts.map(({ host, ip }) => [host, ip]);
  return [hosts, proxies.map((address) => (address === undefined ? undefined : hostOf(address)))];
}

/** Without the login that the address of a proxy may have. */
function hostOf(address: string): string {
  const url = address.includes("://") ? address : `http://${address}`;
  return URL.parse(url)?.host ?? address;
}

function importFlags({ stub, modules, tags, platforms }: ImportedModules): readonly string[] {
  return [
    `-stub=${stub}`,
    `-tags=${tags.join(",")}`,
    `-modules=${modules.join(",")}`,
    ...platforms.map(platformFlag),
  ];
}

/** How our program is told of a platform. */
export function platformFlag({ id, env }: ImportedModules["platforms"][number]): string {
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return `-platform=${id}=${pairs.join(",")}`;
}

interface Login {
  readonly flag: string;
  readonly mount: Mount;
}

function loginOf(auth: AuthPlan, index: number): Login {
  const at = `${PATHS.secrets}/auth-${index}`;
  switch (auth.kind) {
    case "netrc":
      return { flag: `-netrc=${at} ${auth.secret}`, mount: { kind: "secret", at, id: auth.secret } };
    case "token":
      return {
        flag: `-token=${auth.host} ${auth.user} ${at} ${auth.secret}`,
        mount: { kind: "secret", at, id: auth.secret },
      };
    case "ssh": {
      const socket = `/run/buildkit/go-frontend-ssh-${index}`;
      return {
        flag: `-ssh=${auth.host} ${auth.user} ${auth.port} ${socket}`,
        mount: { kind: "agent", at: socket, id: auth.agent },
      };
    }
  }
}

const KNOWN_HOSTS = ".go-frontend/known_hosts";

function knownHosts(auth: readonly AuthPlan[]): readonly InlineFile[] {
  const lines = auth.flatMap((login) => (login.kind === "ssh" ? login.knownHosts : []));
  return lines.length === 0 ? [] : [{ path: KNOWN_HOSTS, text: `${lines.join("\n")}\n` }];
}

/** Hosts and proxies of the client are for what has a network: the download, and steps that ask for one. */
export function networkOf({
  networkMode,
  extraHosts,
  proxy,
}: Site["resolved"]["settings"]): Pick<RunStep, "network" | "hosts" | "proxy"> {
  return {
    network: networkMode ?? "sandbox",
    ...(extraHosts.length === 0 ? {} : { hosts: extraHosts }),
    ...(Object.keys(proxy).length === 0 ? {} : { proxy }),
  };
}
