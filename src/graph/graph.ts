import type { AllowOp, State } from "../llb/index.ts";
import { allowOpsOf } from "./allow.ts";
import type { Build, ImageConfig } from "../plan/index.ts";
import type { Platform } from "../description/index.ts";
import { type Inputs, render } from "./render.ts";

/** What a build comes to: for each platform what to solve, and what the image says of itself. */
export interface Graph {
  readonly platforms: readonly PlatformGraph[];
  /** What the graphs of {@link platforms} may hold. */
  readonly allow: AllowOp;
  readonly ahead: {
    readonly download: State | undefined;
    readonly listing: State | undefined;
    readonly std: readonly State[];
  };
}

export interface PlatformGraph {
  readonly platform: Platform;
  readonly state: State;
  /** Absent for the bare executable. */
  readonly config: ImageConfig | undefined;
  readonly baseConfig: ImageConfig | undefined;
}

/** The results of a build as states. */
export function buildGraph(build: Build, inputs: Inputs): Graph {
  const state = render(build, inputs);
  const { download, listing, std } = build.ahead;
  return {
    allow: allowOpsOf(build.steps),
    platforms: build.results.map(({ platform, tree, config, baseConfig }) => ({
      platform,
      state: state(tree),
      config,
      baseConfig,
    })),
    ahead: {
      download: download === undefined ? undefined : state(download),
      listing: listing === undefined ? undefined : state(listing),
      std: std.map(state),
    },
  };
}
