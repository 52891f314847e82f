import { posix } from "node:path";
import { goEnv } from "../flags.ts";
import { HELPER_C_FILES, HELPER_FILES } from "../generated/helper-files.ts";
import { PATHS } from "../paths.ts";
import type { Tree, TreeMount } from "../step.ts";
import { addRun, byDefinition, inlineFiles, output, readOnly, type Run, type Site } from "./site.ts";

/** Our one program for build steps, compiled from its source by the toolchain image itself. */
export interface Helper {
  /** Makes it {@link PATHS.program} in a step. */
  readonly mount: TreeMount;
  /** Build cache left by its compilation: the start of the standard library's, for the build platform. */
  readonly buildCache: Tree;
}

/**
 * The garbage collector does not run: what is compiled here is a known part of the standard library, whose largest
 * package takes 684 MB. Steps that compile other code speak to each compiler, in terms that harm no large package;
 * see helper/tool.go.
 */
const COLLECTOR = { GOGC: "off", GOMEMLIMIT: "1GiB" };

/**
 * Compiles the helper. Its key is the toolchain and the helper's source, so one compilation serves
 * every project of a builder, and of everybody who shares its registry cache.
 */
export function addHelper(site: Site): Helper {
  const { os, architecture } = site.plan.buildPlatform;
  const usesC = site.plan.service.platforms.some(({ links }) =>
    links.some(({ variant }) => variant.cTools !== undefined),
  );
  const source = site.add({
    kind: "files",
    id: "helper source",
    title: "[internal] helper source",
    actions: inlineFiles(usesC ? [...HELPER_FILES, ...HELPER_C_FILES] : HELPER_FILES),
  });
  const left = addRun(site, {
    id: "helper",
    stage: "helper",
    title: "[helper] go run",
    at: site.plan.toolchain.at,
    // `go run` compiles and starts in one step, so the program can age the cache that its own
    // compilation filled, in the same layer.
    argv: [
      "go",
      "run",
      "-pgo=off",
      "-ldflags=-s -w -buildid=",
      ".",
      "install",
      `${PATHS.output}/${posix.basename(PATHS.program)}`,
    ],
    env: { ...goEnv({ CGO_ENABLED: "0", GOOS: os, GOARCH: architecture }), ...COLLECTOR },
    dir: PATHS.source,
    mounts: [readOnly(PATHS.source, source), output(PATHS.output), output(PATHS.buildCache)],
  });
  return { mount: readOnly(PATHS.helper, left(PATHS.output)), buildCache: left(PATHS.buildCache) };
}

/** A step that runs our program. */
interface Task extends Omit<Run, "argv"> {
  /** What it does: its arguments, which stand in a file. */
  readonly does: readonly string[];
}

/**
 * Puts a step that runs our program into the list. BuildKit prints the command line of a step that fails, whole, as the
 * last line of a build, and a record has no other name of a step: so it is the step's id and no more.
 *
 * @returns as {@link addRun}
 */
export function addTask(site: Site, helper: Helper, { does, ...run }: Task): (at: string) => Tree {
  const file = site.add({
    kind: "files",
    id: `${run.id} arguments`,
    title: `[internal] arguments of ${run.id}`,
    actions: [
      {
        kind: "mkfile",
        path: `/${posix.basename(PATHS.arguments)}`,
        text: `${JSON.stringify(does, undefined, 1)}\n`,
      },
    ],
  });
  const step: TreeMount = { ...readOnly(posix.dirname(PATHS.arguments), file), ...byDefinition(site) };
  return addRun(site, { ...run, argv: [PATHS.program, run.id], mounts: [helper.mount, step, ...run.mounts] });
}
