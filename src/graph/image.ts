import { addEnv, args, dir, image, platform, scratch, type State } from "../llb/index.ts";
import { binaryPath, type ImagePlan, PATHS } from "../plan/index.ts";
import { formatPlatform, type Platform } from "../description/index.ts";
import { goEnv, type GraphContext, sandbox, withoutNetwork } from "./context.ts";
import type { Helper } from "./helper.ts";
import { overlay } from "./overlay.ts";
import { imageMode } from "./toolchain.ts";
import type { HistoryEntry, ImageConfig, ResolvedImage } from "./types.ts";
import { named } from "./name.ts";

/** The user when neither the description nor the base names one. */
const NONROOT = "65532:65532";

/**
 * Lays the binary on its base, as a layer of its own. Where the builder can merge, nothing is copied: a new base
 * rebuilds nothing, and no base is pulled.
 */
export function imageState(
  context: GraphContext,
  helper: Helper,
  plan: ImagePlan,
  target: Platform,
  base: ResolvedImage | undefined,
  binary: State,
): State {
  const name = named(`[${context.plan.service.name} ${formatPlatform(target)}] image`);
  switch (plan.base.kind) {
    case "scratch":
      return binary;
    case "static":
      return overlay(context, [rootfs(context, helper, plan), binary], name);
    case "image": {
      const { resolved } = context;
      const reference = base?.reference ?? plan.base.reference;
      const state =
        base?.state ??
        image(
          reference,
          platform(target),
          imageMode(resolved.settings.resolveMode),
          named(`[base ${formatPlatform(target)}] ${reference}`),
        );
      return overlay(context, [state, binary], name);
    }
  }
}

/** CA roots, time zones, passwd and group, made from the toolchain image: no base image is pulled for them. */
function rootfs(context: GraphContext, helper: Helper, plan: ImagePlan): State {
  const [uid = "65532", gid = uid] = (plan.user ?? NONROOT).split(":");
  const numeric = (id: string): string => (/^[0-9]+$/.test(id) ? id : "65532");
  const run = context.toolchain.run(
    args([
      helper.path,
      "rootfs",
      `-out=${PATHS.output}`,
      `-uid=${numeric(uid)}`,
      `-gid=${numeric(gid)}`,
      `-time=${context.plan.epoch}`,
    ]),
    ...Object.entries(goEnv({})).map(([key, value]) => addEnv(key, value)),
    dir("/tmp"),
    ...sandbox(),
    helper.mount,
    withoutNetwork(),
    ...context.step("rootfs", "[rootfs] CA roots, time zones, users", context.plan.service.at),
  );
  return run.addMount(PATHS.output, scratch());
}

/**
 * The image's configuration. Of the base's container configuration it takes what the OCI specification names
 * (opencontainers/image-spec:config.md) and what says something of this image too. The rest spoke of the base alone:
 * its program's entrypoint, arguments and health check, the shell and the triggers (`ONBUILD`) of a Dockerfile. Nothing
 * of how the base was built (an inline cache, a creation time) is said of this image.
 */
export function imageConfig(
  context: GraphContext,
  plan: ImagePlan,
  target: Platform,
  base: ImageConfig | undefined,
): ImageConfig {
  const from = plan.base.kind === "image" ? (base?.config ?? {}) : {};
  const created = new Date(context.plan.epoch * 1000).toISOString().replace(".000Z", "Z");
  const step = (createdBy: string): HistoryEntry => ({
    created,
    created_by: createdBy,
    comment: "go-frontend",
  });
  const own = plan.base.kind === "static" ? [step("rootfs: CA roots, time zones, users")] : [];
  return {
    created,
    ...(base?.author === undefined ? {} : { author: base.author }),
    architecture: target.architecture,
    os: target.os,
    ...(base?.["os.version"] === undefined ? {} : { "os.version": base["os.version"] }),
    ...(target.variant === undefined ? {} : { variant: target.variant }),
    config: {
      User: plan.user ?? nonrootUser(from.User),
      ...optional("ExposedPorts", {
        ...from.ExposedPorts,
        ...Object.fromEntries(plan.ports.map((port) => [port, {}])),
      }),
      Env: mergeEnv(from.Env ?? [], plan.env),
      Entrypoint: plan.entrypoint,
      ...(plan.args.length === 0 ? {} : { Cmd: plan.args }),
      ...optional("Volumes", { ...from.Volumes }),
      WorkingDir: plan.workdir ?? from.WorkingDir ?? "/",
      ...optional("Labels", { ...from.Labels, ...plan.labels }),
      ...(from.StopSignal === undefined ? {} : { StopSignal: from.StopSignal }),
    },
    history: [
      ...(base?.history ?? []),
      ...own,
      step(`go build ${context.plan.service.importPath} (${binaryPath(context.plan.service.name)})`),
    ],
  };
}

/** A base's user is kept when it is not root: this frontend makes no root images unless told to. */
function nonrootUser(user: string | undefined): string {
  const name = user?.split(":")[0] ?? "";
  return user === undefined || name === "" || name === "0" || name === "root" ? NONROOT : user;
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
