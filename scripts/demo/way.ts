import {
  externalBuilder,
  type ExternalBuilder,
  type Engine,
  findBuilder,
  type Log,
} from "../../rig/index.ts";
import type { DemoOptions } from "./options.ts";

/** Which builder is used; nothing has been fetched or started for it yet. */
export type Way =
  | Readonly<{ kind: "external"; external: ExternalBuilder; name: string; engine: Engine | undefined }>
  | Readonly<{
      kind: "own";
      /** The rig that was asked for; undefined: whichever builder can be had soonest. */
      rig: string | undefined;
      name: string;
    }>;

/**
 * Chooses the builder: the one that was named, or else one that the user has, or else one of the demo's own. What is
 * there and cannot be used is told.
 *
 * @throws RigError when the named builder is not there
 */
export async function chooseWay({ builder, rig }: DemoOptions, log: Log): Promise<Way> {
  if (builder === "rig" || (builder === undefined && rig !== undefined)) {
    return {
      kind: "own",
      rig: rig ?? "default",
      name: `the rig ${rig ?? "default"}, a buildkitd of the demo's own`,
    };
  }
  if (builder !== undefined && builder !== "auto") {
    const external = await externalBuilder(builder);
    if (external !== undefined) {
      return { kind: "external", external, name: `the BuildKit at ${builder}`, engine: undefined };
    }
  }
  const { found, passedOver } = await findBuilder();
  for (const reason of passedOver) log(`not used: ${reason}`);
  if (found !== undefined) {
    return { kind: "external", external: found.builder, name: found.name, engine: found.engine };
  }
  return {
    kind: "own",
    rig: undefined,
    name:
      passedOver.length === 0
        ? "one of the demo's own, since there is neither BUILDKIT_HOST nor a running Docker Engine"
        : "one of the demo's own",
  };
}
