import {
  debianPrograms,
  defaultTools,
  type EnginePrograms,
  ensureRunc,
  ensureTools,
  fetchDebianPrograms,
  isEnding,
  type Log,
  quickTools,
  toolsAtHand,
  type Tools,
} from "../../rig/index.ts";
import type { Way } from "./way.ts";

/** The programs of a builder, on this machine; none of them runs yet. */
export type Kit =
  | Readonly<{ kind: "external"; tools: Tools<"registry" | "crane"> & Partial<Tools<"buildx">> }>
  | Readonly<{ kind: "rig"; name: string; tools: Tools; runc: string | undefined }>
  | Readonly<{ kind: "engine"; programs: EnginePrograms & Tools<"buildx" | "crane"> }>;

/** What a Docker Engine of the demo's own needs, apart from runc. */
const enginePrograms = [
  "dockerd",
  "containerd",
  "containerd-shim-runc-v2",
  "buildx",
  "registry",
  "crane",
] as const;

/**
 * Gets the programs that a way needs, by the first means that works: those at hand, released ones, Debian's packages,
 * a compiler.
 *
 * @param standIns the registries that the local one has to answer for
 */
export async function fetchKit(way: Way, standIns: readonly string[], log: Log): Promise<Kit> {
  if (way.kind === "external") {
    // docker buildx is the user's own where there is one.
    const names =
      way.external.kind === "buildkit"
        ? (["registry", "crane", "buildx"] as const)
        : (["registry", "crane"] as const);
    const tools =
      (await quickTools<"registry" | "crane" | "buildx">(names, log))?.tools ??
      (await fetchDebianPrograms<"registry" | "crane" | "buildx">(names, log)) ??
      (await ensureTools<"registry" | "crane" | "buildx">(names, log));
    return { kind: "external", tools };
  }
  const name = way.rig ?? "default";
  const kit = await toolsAtHand(defaultTools);
  if (kit !== undefined) return { kind: "rig", name, tools: kit.tools, runc: kit.runc };
  // A rig that is asked for by name is a buildkitd; so is what must answer for more than docker.io.
  const engineServes = way.rig === undefined && standIns.every((host) => host === "docker.io");
  const before = engineServes ? debianPrograms(enginePrograms) : undefined;
  if (before !== undefined) return engineOf(before, log);
  const released = await quickTools(defaultTools, log);
  if (released !== undefined) return { kind: "rig", name, tools: released.tools, runc: released.runc };
  const fetched = engineServes ? await fetchDebianPrograms(enginePrograms, log) : undefined;
  if (fetched !== undefined) return engineOf(fetched, log);
  // A download that Ctrl-C has ended is no reason to compile.
  if (isEnding()) throw new Error("interrupted");
  log("compiling buildkitd and its tools from the Go module proxy: 8 minutes on two cores, once");
  return { kind: "rig", name, tools: await ensureTools(defaultTools, log), runc: undefined };
}

const engineOf = async (
  programs: Readonly<Record<(typeof enginePrograms)[number], string>>,
  log: Log,
): Promise<Kit> => ({ kind: "engine", programs: { ...programs, runc: await ensureRunc(log) } });
