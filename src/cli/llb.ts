import { HEADER_BYTES, headerBytes, withinHeaders } from "../facts/index.ts";
import { allowOwnOps, buildGraph, includedPaths, type ResolvedImage, named } from "../graph/index.ts";
import {
  allowOps,
  excludePatterns,
  includePatterns,
  knownCaps,
  local,
  localUniqueID,
  platform as onPlatform,
  sharedKeyHint,
  type Definition,
} from "../llb/index.ts";
import { formatPlatform } from "../description/index.ts";
import type { CommandArgs, Terminal } from "./cli.ts";
import { emit, openProject, type Project } from "./project.ts";

/** Environment of the golang images, whose configuration cannot be read without a registry. */
const GOLANG_ENV = [
  "PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "GOPATH=/go",
];

/** Compiles the graph from the local folder and writes it for `buildctl build`, without a frontend container. */
export async function llbCommand(args: CommandArgs, terminal: Terminal): Promise<number> {
  if (terminal.isTerminal && args.output === undefined) {
    terminal.err(
      "go-frontend: the graph is binary; pipe it: go-frontend llb . | buildctl build --local context=.\n",
    );
    return 2;
  }
  const definition = localDefinition(await openProject(args));
  emit(args, terminal, definition.toBytes());
  return 0;
}

/** The graph of a project's only platform; several platforms are several graphs, of which one must be chosen. */
export function localDefinition(project: Project): Definition {
  const { plan, located, ignore } = project;
  const toolchain: ResolvedImage = {
    reference: plan.toolchain.reference,
    config: { config: { Env: GOLANG_ENV } },
  };
  const excluded = ignore.map(({ pattern }) => pattern);
  const graph = buildGraph(plan, {
    toolchain,
    bases: plan.service.images.map((image) =>
      image.base.kind === "image" ? { reference: image.base.reference, config: {} } : undefined,
    ),
    context: {
      files: (paths, role) =>
        local(
          "context",
          includePatterns(includedPaths(withinHeaders(paths, HEADER_BYTES - headerBytes(excluded)))),
          excludePatterns(excluded),
          sharedKeyHint(`go-frontend-${role}`),
          localUniqueID("go-frontend"),
          named(`[internal] load build context: ${role}`),
        ),
    },
    settings: {
      noCache: undefined,
      networkMode: undefined,
      extraHosts: [],
      proxy: {},
      resolveMode: "default",
      caps: new Set(knownCaps.keys()),
    },
    description: located.source,
  });
  const [first, ...others] = graph.platforms;
  if (first === undefined) throw new Error("the plan has no platform");
  if (others.length > 0) {
    const names = graph.platforms.map((each) => formatPlatform(each.platform)).join(", ");
    throw new Error(`a graph is for one platform and this plan is for ${names}; choose one with --platform`);
  }
  return first.state.marshal(onPlatform(first.platform), allowOps(allowOwnOps));
}
