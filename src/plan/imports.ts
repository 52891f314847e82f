// Which modules to fetch where `go mod download` would fetch too much. What go.sum is complete for, and what can be
// fetched, is what `go build` reads; in a workspace and for a go line below 1.17 `go mod download` wants every module
// of the graph. There the download step asks the go command to load a package that imports what the service imports.
import { type GoModule, minorOf, type PlatformFacts } from "../facts/index.ts";
import { formatPlatform } from "../description/index.ts";
import { chosenEnv, lookingEnv } from "./flags.ts";
import { fileTags, instrumentOf } from "./instrument.ts";
import type { InspectedProgram } from "./inspected.ts";
import { factsOn } from "./scanned.ts";
import { STUB_DIR, stubText } from "./stub.ts";
import type { ImportedModules, InlineFile } from "./types.ts";

/**
 * Whether the go command reads anything of other modules before it compiles the program.
 *
 * It looks for a package in every required module whose path begins the package's, even for one that it has found in
 * the source tree; and it reads the go.mod of all requirements where the go line is below 1.17, in a workspace, and to
 * say what is wrong with an import that nothing provides
 * (golang/go:src/cmd/go/internal/modload/import.go, importFromModules; buildlist.go, readModGraph).
 */
export function readsModules(program: InspectedProgram): boolean {
  const { facts } = program;
  if (facts.outside.length > 0) return true;
  const required = requiredElsewhere(program.module);
  if (required.size === 0) return false;
  return readsGraph(program) || facts.platforms.some((platform) => shadowed(platform, required).length > 0);
}

/** Whether `go mod download` fetches other modules than loading the program's packages does. */
export function readsGraph({ module, facts }: InspectedProgram): boolean {
  const { workspace, go, absent } = module;
  return workspace !== undefined || minorOf(go) < 17 || facts.missing.length > 0 || absent.length > 0;
}

/**
 * What some programs of one module import, as a package that the go command can load without their source.
 *
 * @param program the program to build; its platforms and tags count
 * @param importing it, and others whose imports are fetched with its own
 */
export function importedModules(
  program: InspectedProgram,
  importing: readonly InspectedProgram[],
): ImportedModules {
  const { module, platforms, description } = program;
  const { build } = description;
  const prefix = module.dir === "." ? "" : `${module.dir}/`;
  const required = requiredElsewhere(module);
  const stubs = new Map<string, Set<string>>();
  const stands = new Map<string, InlineFile>();
  for (const platform of platforms) {
    // Go reads a file of this name for this platform alone.
    const path = `${prefix}${STUB_DIR}/deps_${platform.os}_${platform.architecture}.go`;
    const imports = stubs.get(path) ?? new Set<string>();
    stubs.set(path, imports);
    for (const facts of factsOn(platform, importing)) {
      for (const importPath of [
        ...facts.outside,
        ...facts.missing.filter((path) => !isLocal(program, path)),
      ]) {
        imports.add(importPath);
      }
      for (const { importPath, dir } of shadowed(facts, required)) {
        imports.add(importPath);
        const file = `${dir === "." ? "" : `${dir}/`}stub.go`;
        stands.set(file, { path: file, text: "package stub\n" });
      }
    }
  }
  return {
    stub: `./${STUB_DIR}`,
    files: [
      ...[...stubs].map(([path, imports]) => ({ path, text: stubText([...imports]) })),
      ...stands.values(),
    ],
    modules: module.local.map(({ path }) => path).toSorted(),
    tags: fileTags({ tags: build.tags, instrument: instrumentOf(build) }),
    platforms: platforms.map((platform) => ({
      id: formatPlatform(platform),
      env: lookingEnv(chosenEnv(platform, build)),
    })),
  };
}

/** Paths of required modules whose source is not in the tree. */
function requiredElsewhere(module: GoModule): ReadonlySet<string> {
  const paths = new Set(module.local.flatMap(({ goMod }) => goMod?.require.map(({ path }) => path) ?? []));
  for (const { path } of [...module.local, ...module.absent]) paths.delete(path);
  return paths;
}

/** Packages of the tree that a required module could hold too, as far as their paths tell. */
function shadowed(facts: PlatformFacts, required: ReadonlySet<string>): PlatformFacts["packages"] {
  return facts.packages.filter(({ importPath }) => {
    const elements = importPath.split("/");
    return elements.some((_, index) => required.has(elements.slice(0, index + 1).join("/")));
  });
}

function isLocal({ module }: InspectedProgram, path: string): boolean {
  return module.local.some((local) => path === local.path || path.startsWith(`${local.path}/`));
}
