import { authOf, formatPlatform, type Position } from "../description/index.ts";
import { proxiesOf } from "./allowed.ts";
import { importedModules, readsGraph, readsModules } from "./imports.ts";
import type { InspectedProgram } from "./inspected.ts";
import { moduleLabel } from "./labels.ts";
import { compileKey, type Peers } from "./peers.ts";
import type { Planning } from "./planning.ts";
import type { Scope } from "./retry.ts";
import { needsGit } from "./toolchain.ts";
import type { AuthPlan, ImportedModules, ModulesPlan, Place } from "./types.ts";

/** What is downloaded, and with what, for each module of the service's programs that is in need of it. */
export function planModules(of: Planning, scope: Scope): readonly ModulesPlan[] {
  const byModule = Map.groupBy(of.service.programs, ({ module }) => module.dir);
  return [...byModule.values()].flatMap((programs) => planModule(of, programs, scope) ?? []);
}

/** Undefined where nothing of other modules is read, or all of it is vendored. */
function planModule(
  { located, peers, request }: Planning,
  programs: readonly InspectedProgram[],
  scope: Scope,
): ModulesPlan | undefined {
  const [program] = programs;
  if (program === undefined || program.module.vendor !== undefined) return undefined;
  const { module } = program;
  if (!programs.some(readsModules)) return undefined;
  const byImports = scope === "narrow" || (scope === "planned" && programs.some(readsGraph));
  const { modules } = located.description;
  const at = (path: readonly (string | number)[]): Place => ({
    file: located.source.filename,
    range: located.rangeOf(path),
  });
  const argument = (name: string): Record<string, string> =>
    request.buildArgs[name] === undefined ? {} : { [name]: request.buildArgs[name] };
  return {
    label: moduleLabel(peers.labels, program),
    files: program.modFiles,
    dir: module.dir,
    private: modules?.private ?? [],
    proxy: proxiesOf(located, request),
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
    imports: byImports ? importsOfAll(peers, programs, program) : undefined,
    workspace: module.workspace?.dir,
    at: located.has(["modules"])
      ? at(["modules"])
      : { file: module.goMod.file, range: requirements(program) },
  };
}

/** @param programs those of one module and one service; `first` is one of them */
function importsOfAll(
  peers: Peers,
  programs: readonly InspectedProgram[],
  first: InspectedProgram,
): ImportedModules {
  const keys = new Set(programs.map(compileKey));
  const key = JSON.stringify([first.platforms.map(formatPlatform), ...keys]);
  return peers.shared.imports(key, () => {
    const importing = new Set(programs.flatMap(peers.compiledAlike));
    return importedModules(first, [...importing]);
  });
}

/** More lines than these are no excerpt. */
const FEW_LINES = 12;

/** The lines of go.mod that name modules; its first one where they are many. */
function requirements({ module }: InspectedProgram): Place["range"] {
  const lines = module.goMod.require.map(({ at }) => at.line);
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  const isShort = lines.length > 0 && last - first < FEW_LINES;
  const at = (line: number): Position => ({ line, column: 1, offset: 0 });
  return isShort ? { start: at(first), end: at(last) } : { start: at(1), end: at(1) };
}
