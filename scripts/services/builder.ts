import { ensureFrontendImage } from "../../frontend-image/index.ts";
import {
  ensureBuildxBuilder,
  ensureRunc,
  type Log,
  provideStandIns,
  type RigInstance,
  unreachableHosts,
  up,
} from "../../rig/index.ts";
import type { Builder } from "../demo/builder.ts";
import { caBundle } from "../demo/ca.ts";
import { provideNode } from "./node-image.ts";

/** A BuildKit of its own, with the packaged frontend and, where registries cannot be reached, stand-ins. */
export interface ServicesBuilder extends Pick<Builder, "buildx" | "registry" | "crane"> {
  /** For `# syntax=`. */
  readonly frontend: string;
  readonly runc: string;
  readonly caBundle: string | undefined;
  /** Whether images of docker.io are stand-ins here. */
  readonly standIns: boolean;
  /** Makes sure that these images can be pulled. */
  readonly provide: (references: readonly string[]) => Promise<void>;
  readonly release: () => Promise<void>;
}

/**
 * Starts the rig `services`. Its build cache stays, so that services share what does not belong to one of them: the
 * toolchain, our program for build steps, the standard library.
 *
 * @throws RigError that says what is missing
 */
export async function startServicesBuilder(log: Log): Promise<ServicesBuilder> {
  const unreached = await unreachableHosts(log);
  const rig = await up({ name: "services", mirrors: "always", standIns: false, ephemeral: true, log });
  try {
    return await prepared(rig, unreached, log);
  } catch (error) {
    await rig.release();
    throw error;
  }
}

async function prepared(rig: RigInstance, unreached: readonly string[], log: Log): Promise<ServicesBuilder> {
  const { name, env } = await ensureBuildxBuilder(rig);
  const bundle = await caBundle();
  const { registry, tools } = rig;
  const architectures = [process.arch === "arm64" ? "arm64" : "amd64"] as const;
  const frontend = await ensureFrontendImage({ rig, log, platforms: architectures });
  const provide = async (references: readonly string[]): Promise<void> => {
    const node =
      unreached.includes("docker.io") && references.some((reference) => reference.startsWith("node:"));
    const wanted = [...references, ...(node ? ["debian:bookworm-slim"] : [])];
    await provideStandIns(wanted, { registry, mirrored: unreached, crane: tools.crane, log, architectures });
    if (node) await provideNode(rig, bundle, log);
  };
  return {
    buildx: { command: [tools.buildx], options: ["--builder", name], env },
    registry,
    crane: tools.crane,
    frontend: frontend.name,
    runc: await ensureRunc(log),
    caBundle: bundle,
    standIns: unreached.includes("docker.io"),
    provide,
    release: rig.release,
  };
}
