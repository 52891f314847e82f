import { authOf, formatPlatform, type Platform, type Position } from "../description/index.ts";
import { defaultProxies } from "./allowed.ts";
import { importedModules, readsGraph, readsModules } from "./imports.ts";
import type { InspectedService } from "./inspect.ts";
import { compiledAlike, compileKey, ofModule, onceFor } from "./peers.ts";
import type { Planning } from "./planning.ts";
import type { Scope } from "./retry.ts";
import { onPlatform } from "./scanned.ts";
import { needsGit } from "./toolchain.ts";
import type { AuthPlan, ImportedModules, ModulesPlan, Place } from "./types.ts";

/** What is downloaded, and with what; undefined where nothing of other modules is read, or all of it is vendored. */
export function planModules(
  { located, inspected, service, request }: Planning,
  scope: Scope,
): ModulesPlan | undefined {
  const sameModule = ofModule(inspected.services, service.module.dir);
  const needed = neededModules(sameModule, "", () => ({ any: sameModule.some(readsModules) })).any;
  if (!needed || service.module.vendor !== undefined) return undefined;
  const byImports = scope === "narrow" || (scope === "planned" && readsGraph(service));
  const importing = compiledAlike(inspected.services, service);
  const { modules } = located.description;
  const at = (path: readonly (string | number)[]): Place => ({
    file: located.source.filename,
    range: located.rangeOf(path),
  });
  const argument = (name: string): Record<string, string> =>
    request.buildArgs[name] === undefined ? {} : { [name]: request.buildArgs[name] };
  return {
    files: service.modFiles,
    dir: service.module.dir,
    private: modules?.private ?? [],
    proxy: modules?.proxy?.join(",") ?? request.buildArgs["GOPROXY"] ?? defaultProxies(request),
    env: {
      ...argument("GOSUMDB"),
      ...argument("GONOSUMDB"),
      ...argument("GONOPROXY"),
      ...argument("GOINSECURE"),
    },
    auth: authOf(located).map((auth): AuthPlan => {
      switch (auth.kind) {
        case "netrc":
          return { kind: "netrc", secret: auth.secret, at: at(auth.path) };
        case "token":
          return { kind: "token", host: auth.host, user: auth.user, secret: auth.secret, at: at(auth.path) };
        case "ssh":
          return {
            kind: "ssh",
            host: auth.host,
            user: auth.user,
            port: auth.port,
            agent: auth.agent,
            knownHosts: auth.knownHosts,
            at: at(auth.path),
          };
      }
    }),
    git: needsGit(located, request),
    ...(byImports ? { imports: importsOfAll(importing, service) } : {}),
    ...(service.module.workspace === undefined ? {} : { workspace: service.module.workspace.dir }),
    at: located.has(["modules"])
      ? at(["modules"])
      : { file: service.module.goMod.file, range: requirements(service) },
  };
}

const neededModules = onceFor<{ readonly any: boolean }>();

const allImports = onceFor<ImportedModules>();

function importsOfAll(importing: readonly InspectedService[], service: InspectedService): ImportedModules {
  const key = [...service.platforms.map(formatPlatform), compileKey(service)].join(" ");
  return allImports(importing, key, () =>
    importedModules(
      service,
      importing.map((each) => ({
        service: each,
        onPlatform: (platform: Platform) => onPlatform(each, platform),
      })),
    ),
  );
}

/** More lines than these are no excerpt. */
const FEW_LINES = 12;

/** The lines of go.mod that name modules; its first one where they are many. */
function requirements({ module }: InspectedService): Place["range"] {
  const lines = module.goMod.require.map(({ at }) => at.line);
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  const isShort = lines.length > 0 && last - first < FEW_LINES;
  const at = (line: number): Position => ({ line, column: 1, offset: 0 });
  return isShort ? { start: at(first), end: at(last) } : { start: at(1), end: at(1) };
}
