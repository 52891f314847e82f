import { OWN_PATH } from "../description/index.ts";
import { contentHistory } from "./content.ts";
import { imageUser } from "./image-users.ts";
import { DEBUG_FOLDER } from "./paths.ts";
import { baseLabels, inheritedLabels } from "./oci-labels.ts";
import type { ContainerConfig, HistoryEntry, ImageConfig, ResolvedImage } from "./resolved.ts";
import { rfc3339 } from "./rfc3339.ts";
import type { Plan, PlatformPlan } from "./types.ts";

/**
 * The image's configuration. Of the base's container configuration it takes what the OCI specification names
 * (opencontainers/image-spec:config.md) and what says something of this image too. The rest spoke of the base alone:
 * its program's entrypoint, arguments and health check, the shell and the triggers (`ONBUILD`) of a Dockerfile. Nothing
 * of how the base was built (an inline cache, a creation time) is said of this image.
 */
export function imageConfig(
  plan: Plan,
  { platform, image }: PlatformPlan,
  found: ResolvedImage | undefined,
): ImageConfig {
  const base = found?.config;
  const { service, epoch } = plan;
  const from = image.base.kind === "image" ? (base?.config ?? {}) : {};
  const created = rfc3339(epoch);
  const step = (createdBy: string): HistoryEntry => ({
    created,
    created_by: createdBy,
    comment: "go-frontend",
  });
  const rootfs = image.base.kind === "static" ? [step("rootfs: CA roots, time zones, users")] : [];
  return {
    created,
    ...(base?.author === undefined ? {} : { author: base.author }),
    architecture: platform.architecture,
    os: platform.os,
    ...(base?.["os.version"] === undefined ? {} : { "os.version": base["os.version"] }),
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    config: {
      User: imageUser(image, from),
      ...optional("ExposedPorts", {
        ...from.ExposedPorts,
        ...Object.fromEntries(image.ports.map((port) => [port, {}])),
      }),
      Env: withDebugger(plan, withFolders(image.path ?? [], mergeEnv(from.Env ?? [], image.env))),
      ...(image.entrypoint.length === 0 ? {} : { Entrypoint: image.entrypoint }),
      ...(image.args.length === 0 ? {} : { Cmd: image.args }),
      ...optional("Volumes", {
        ...from.Volumes,
        ...Object.fromEntries((image.volumes ?? []).map((path) => [path, {}])),
      }),
      WorkingDir: image.workdir ?? from.WorkingDir ?? "/",
      ...optional("Labels", { ...inheritedLabels(from.Labels), ...baseLabels(found), ...image.labels }),
      ...stopSignal(image.stopSignal ?? from.StopSignal),
    },
    history: [
      ...(base?.history ?? []),
      ...rootfs,
      ...service.programs.map(({ importPath, path }) => step(`go build ${importPath} (${path})`)),
      ...(image.content === undefined ? [] : contentHistory(image.content).map(step)),
    ],
  };
}

function stopSignal(signal: string | undefined): Pick<ContainerConfig, "StopSignal"> {
  return signal === undefined ? {} : { StopSignal: signal };
}

/** The debugger and the shell are found by their names. */
function withDebugger({ output }: Plan, env: readonly string[]): readonly string[] {
  if (output !== "debug") return env;
  const path = env.find((entry) => entry.startsWith("PATH=")) ?? `PATH=${OWN_PATH}`;
  return [`${path}:${DEBUG_FOLDER}`, ...env.filter((entry) => !entry.startsWith("PATH="))];
}

/** Folders stand before the others of PATH, at its place; an image without a PATH has a container engine's own. */
function withFolders(folders: readonly string[], env: readonly string[]): readonly string[] {
  if (folders.length === 0) return env;
  const path = env.find((entry) => entry.startsWith("PATH=")) ?? `PATH=${OWN_PATH}`;
  const longer = `PATH=${[...folders, path.slice("PATH=".length)].join(":")}`;
  return env.includes(path) ? env.map((entry) => (entry === path ? longer : entry)) : [longer, ...env];
}

/** Later values win and keep the place of the first, so that a base's order stays readable. */
function mergeEnv(base: readonly string[], added: readonly (readonly [string, string])[]): readonly string[] {
  const values = new Map(base.map((entry) => [entry.split("=")[0] ?? entry, entry]));
  for (const [name, value] of added) values.set(name, `${name}=${value}`);
  return [...values.values()];
}

function optional<K extends string, V extends object>(key: K, value: V): { readonly [P in K]?: V } {
  return (Object.keys(value).length === 0 ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
