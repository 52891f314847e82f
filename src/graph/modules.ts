import {
  addEnv,
  addExtraHost,
  addMount,
  addSSHSocket,
  addSecretWithDest,
  args,
  asPersistentCacheDir,
  cacheMountShared,
  copy,
  dir,
  merge,
  netModeHost,
  netModeNone,
  network,
  readonly,
  type RunOption,
  scratch,
  secretOptional,
  sshID,
  sshSocketTarget,
  type State,
  withCreatedTime,
  withoutExportCache,
  withProxy,
} from "../llb/index.ts";
import {
  type AuthPlan,
  type ImportedModules,
  type InlineFile,
  type ModulesPlan,
  PATHS,
} from "../plan/index.ts";
import { EPOCH, goEnv, type GraphContext, inlineFiles, sandbox } from "./context.ts";
import type { Helper } from "./helper.ts";
import { named } from "./name.ts";

const SECRETS = "/run/secrets/go-frontend";

/** Id of the optional secret with the CA certificates of a company that re-signs TLS. */
export const CA_SECRET = "ca-certificates";

/**
 * The download step: the only vertex with a network and with credentials. It sees the module files of
 * the source tree and no line of its code. Its result is the module cache without what no build reads.
 * Many public modules are downloaded by a few such steps.
 */
export function downloadModules(context: GraphContext, helper: Helper, plan: ModulesPlan): State {
  const { parts } = plan;
  // Laying the parts together would copy every module where the builder cannot merge.
  if (parts === undefined || !context.abilities.merge) {
    return download(
      context,
      helper,
      plan,
      `[modules] ${plan.imports === undefined ? "go mod download" : "go list (fetches what is imported)"}`,
    );
  }
  const states = parts.map(({ name, files, dir: folder, command }) =>
    download(
      context,
      helper,
      { ...plan, files, dir: folder },
      `[modules ${name}] ${command.slice(0, 3).join(" ")}`,
      command,
    ),
  );
  return merge(states, named("[modules] all"));
}

function download(
  context: GraphContext,
  helper: Helper,
  plan: ModulesPlan,
  name: string,
  command: readonly string[] = [],
): State {
  const auth = plan.auth.map(authOptions);
  const known = knownHosts(plan.auth);
  const { imports, workspace } = plan;
  const files = inlineFiles(
    [...plan.files, ...(imports?.files ?? []), ...known],
    [],
    `[internal] module files${imports === undefined ? "" : " and imports"}`,
  );
  const argv = [
    helper.path,
    "download",
    `-store=${PATHS.store}`,
    `-source=${PATHS.source}`,
    ...(workspace === undefined ? [] : [`-work=${workspace}`]),
    ...(context.plan.retries.unfetched === undefined ? [] : ["-retried"]),
    ...(context.plan.scope === "narrow" ? ["-again"] : []),
    ...(imports === undefined ? [] : importFlags(imports)),
    `-ca=${SECRETS}/${CA_SECRET}`,
    ...(auth.length > 0 ? [`-tenant=${tenant(context)}`] : []),
    ...auth.flatMap((each) => each.flags),
    ...(known.length > 0 ? [`-known-hosts=${PATHS.source}/${KNOWN_HOSTS}`] : []),
    ...(command.length > 0 ? ["--", ...command] : []),
  ];
  const env = {
    ...goEnv({}),
    ...plan.env,
    ...(plan.proxy === undefined ? {} : { GOPROXY: plan.proxy }),
    ...(plan.private.length > 0 ? { GOPRIVATE: plan.private.join(",") } : {}),
  };
  const run = (plan.git ? context.fullToolchain : context.toolchain).run(
    args(argv),
    ...Object.entries(env).map(([name, value]) => addEnv(name, value)),
    dir(`${PATHS.source}/${plan.dir}`),
    ...sandbox(),
    helper.mount,
    addMount(PATHS.source, files, readonly),
    addMount(PATHS.store, scratch(), asPersistentCacheDir(storeId(context), cacheMountShared)),
    // Optional: without it the toolchain image's own roots are trusted.
    addSecretWithDest(CA_SECRET, `${SECRETS}/${CA_SECRET}`, secretOptional),
    ...auth.flatMap((each) => each.options),
    ...networkOptions(context),
    ...context.step("modules", name, plan.at),
  );
  return run.addMount(PATHS.moduleCache, scratch());
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

/**
 * Files of the source tree for a step that compiles, with the go.work.sum that the download step has completed: where
 * one of its lines is missing go would write it (golang/go:src/cmd/go/internal/modfetch/fetch.go, WriteGoSum).
 */
export function withWorkSum(context: GraphContext, files: State, modules: State | undefined): State {
  const workspace = context.plan.modules?.workspace;
  if (modules === undefined || workspace === undefined) return files;
  const place = workspace === "." ? "/go.work.sum" : `/${workspace}/go.work.sum`;
  return files.file(
    copy(modules, "/go.work.sum", place, withCreatedTime(EPOCH)),
    named("[internal] go.work.sum"),
    withoutExportCache(),
  );
}

/**
 * The store holds what needs no login, each file named by the hash that go.sum asks for, and nothing in it is believed
 * (helper/store.go): projects share it.
 */
function storeId(context: GraphContext): string {
  const { cacheScope } = context.plan;
  // Only the last element is the project's: a namespace may hold anything, our own name and slashes included.
  return `${cacheScope.slice(0, cacheScope.lastIndexOf("/"))}/module-files`;
}

/**
 * Whose login a download is made with, as far as the client tells: its cache namespace and the module. BuildKit keys a
 * step on the ids of secrets and not on what they hold, so without it a tenant that writes another's go.sum into its
 * own project would be handed what the other's login has fetched.
 */
function tenant(context: GraphContext): string {
  const { cacheScope } = context.plan;
  return cacheScope.slice(cacheScope.lastIndexOf("/") + 1);
}

interface AuthOptions {
  readonly flags: readonly string[];
  readonly options: readonly RunOption[];
}

function authOptions(auth: AuthPlan, index: number): AuthOptions {
  const file = `${SECRETS}/auth-${index}`;
  switch (auth.kind) {
    case "netrc":
      return { flags: [`-netrc=${file} ${auth.secret}`], options: [addSecretWithDest(auth.secret, file)] };
    case "token":
      return {
        flags: [`-token=${auth.host} ${auth.user} ${file} ${auth.secret}`],
        options: [addSecretWithDest(auth.secret, file)],
      };
    case "ssh": {
      const socket = `/run/buildkit/go-frontend-ssh-${index}`;
      return {
        flags: [`-ssh=${auth.host} ${auth.user} ${auth.port} ${socket}`],
        options: [addSSHSocket(sshID(auth.agent), sshSocketTarget(socket))],
      };
    }
  }
}

const KNOWN_HOSTS = ".go-frontend/known_hosts";

function knownHosts(auth: readonly AuthPlan[]): readonly InlineFile[] {
  const lines = auth.flatMap((each) => (each.kind === "ssh" ? each.knownHosts : []));
  return lines.length === 0 ? [] : [{ path: KNOWN_HOSTS, text: `${lines.join("\n")}\n` }];
}

function networkOptions(context: GraphContext): readonly RunOption[] {
  const { networkMode, extraHosts, proxy } = context.resolved.settings;
  return [
    ...(networkMode === "host"
      ? [network(netModeHost)]
      : networkMode === "none"
        ? [network(netModeNone)]
        : []),
    ...extraHosts.map(({ host, ip }) => addExtraHost(host, ip)),
    ...(Object.keys(proxy).length > 0 ? [withProxy(proxy)] : []),
  ];
}
