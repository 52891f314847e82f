import { allowOpsOf, includedPaths, named, render } from "../graph/index.ts";
import {
  allowOps,
  type Definition,
  excludePatterns,
  includePatterns,
  knownCaps,
  local,
  localUniqueID,
  platform as onPlatform,
  scratch,
  sharedKeyHint,
} from "../llb/index.ts";
import { type Build, savedPlan, stepsOf, unresolved } from "../plan/index.ts";
import { formatPlatform } from "../description/index.ts";
import { usageText } from "./arguments.ts";
import { type CommandArgs, emit, pathFrom, type Terminal } from "./command.ts";
import { openProject, type Project } from "./project.ts";
import { MAX_SAVED, parseJson, readWhole } from "./read.ts";

/**
 * Compiles the graph from the local folder, or of a plan that was printed, and writes it for `buildctl build`, without a
 * frontend container.
 */
export async function llbCommand(args: CommandArgs, terminal: Terminal): Promise<number> {
  if (terminal.isTerminal && args.output === undefined) {
    const help = "pipe it: `go-frontend llb . | buildctl build --local context=.`, or name a file with `-o`";
    terminal.err(usageText({ message: "the graph is binary, and this is a terminal", help }));
    return 2;
  }
  const build =
    args.plan === undefined ? localBuild(await openProject(args, terminal)) : savedBuild(args.plan, terminal);
  emit(args, terminal, localDefinition(build).toBytes());
  return 0;
}

/** The steps of a project on a builder that has everything, as far as they are known without one. */
export function localBuild({ plan, located, ignore }: Omit<Project, "folder" | "contexts">): Build {
  const caps = new Set(knownCaps.keys());
  return stepsOf(
    plan,
    unresolved(plan, located.source, { caps, ignore: ignore.map(({ pattern }) => pattern) }),
  );
}

/** The steps of a plan that was printed. */
function savedBuild(name: string, terminal: Terminal): SavedBuild {
  const saved = savedPlan(parseJson(readWhole(pathFrom(terminal, name), MAX_SAVED)));
  if (saved === undefined) {
    throw new Error(`${name} is not a plan; write one with: go-frontend plan -o ${name}`);
  }
  return saved.build;
}

type SavedBuild = Pick<Build, "steps" | "results" | "sources">;

/** The graph of a build's only platform; several platforms are several graphs, of which one must be chosen. */
export function localDefinition(build: SavedBuild): Definition {
  const [first, ...others] = build.results;
  if (first === undefined) throw new Error("the plan has no platform");
  if (others.length > 0) {
    const names = build.results.map(({ platform }) => formatPlatform(platform)).join(", ");
    throw new Error(`a graph is for one platform and this plan is for ${names}; choose one with --platform`);
  }
  const state = render(build, {
    context: ({ named: of, role, title, paths, exclude }) =>
      local(
        of?.name ?? "context",
        includePatterns(includedPaths(paths)),
        excludePatterns(exclude),
        sharedKeyHint(`go-frontend-${role}`),
        localUniqueID("go-frontend"),
        named(title),
      ),
    // Only a client of a builder puts other trees in the place of images.
    image: () => scratch(),
  });
  return state(first.tree).marshal(onPlatform(first.platform), allowOps(allowOpsOf(build.steps)));
}
