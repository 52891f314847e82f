import { addEnv, addMount, args, dir, readonly, type RunOption, scratch, type State } from "../llb/index.ts";
import { PATHS } from "../plan/index.ts";
import { goEnv, type GraphContext, inlineFiles, sandbox, withoutNetwork } from "./context.ts";
import { HELPER_FILES } from "./helper-files.ts";

/** Our one program for build steps, compiled from its source by the toolchain image itself. */
export interface Helper {
  /** Path inside a step that carries {@link Helper.mount}. */
  readonly path: string;
  readonly mount: RunOption;
  /** Build cache left by its compilation: the start of the standard library's, for the build platform. */
  readonly buildCache: State;
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
export function buildHelper(context: GraphContext): Helper {
  const source = inlineFiles(HELPER_FILES, [], "[internal] helper source");
  const { buildPlatform } = context.plan;
  const target = { CGO_ENABLED: "0", GOOS: buildPlatform.os, GOARCH: buildPlatform.architecture };
  const run = context.toolchain.run(
    // `go run` compiles and starts in one step, so the program can age the cache that its own
    // compilation filled, in the same layer.
    args(["go", "run", "-pgo=off", "-ldflags=-s -w -buildid=", ".", "install", `${PATHS.output}/helper`]),
    ...Object.entries({ ...goEnv(target), ...COLLECTOR }).map(([name, value]) => addEnv(name, value)),
    dir(PATHS.source),
    ...sandbox(),
    addMount(PATHS.source, source, readonly),
    withoutNetwork(),
    ...context.step("helper", "[helper] go run", context.plan.toolchain.at),
  );
  const output = run.addMount(PATHS.output, scratch());
  const buildCache = run.addMount(PATHS.buildCache, scratch());
  return { path: `${PATHS.helper}/helper`, mount: addMount(PATHS.helper, output, readonly), buildCache };
}
