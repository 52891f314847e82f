// What an image with a debugger has beside the service: Delve, compiled by the same toolchain, and busybox. No project has
// a part in their keys.
import { BUSYBOX, DELVE } from "../delve.ts";
import { goEnv, linkCommand, targetEnv } from "../flags.ts";
import { stepName } from "../labels.ts";
import { DEBUG_FOLDER, PATHS } from "../paths.ts";
import type { Tree } from "../step.ts";
import type { PlatformPlan } from "../types.ts";
import { isSame } from "../scanned.ts";
import { addTask, type Helper } from "./helper.ts";
import { addModules } from "./modules.ts";
import { addedTo, inlineFiles, readOnly, output, type Site, throwAway } from "./site.ts";

/** Trees with {@link DEBUG_FOLDER}; none where the target has no debugger. */
export function addDebugger(site: Site, helper: Helper, platform: PlatformPlan): readonly Tree[] {
  return site.plan.debugger === undefined
    ? []
    : [addBusybox(site, platform), addDelve(site, helper, platform)];
}

function addBusybox({ add, resolved }: Site, { id, platform }: PlatformPlan): Tree {
  const found = resolved.shells?.[id];
  const reference = found?.reference ?? BUSYBOX;
  const from = add({
    kind: "image",
    id: stepName("busybox", id),
    title: `[debug ${id}] ${reference}`,
    use: "shell",
    reference,
    platform,
    lookup: resolved.settings.resolveMode,
    ...(found?.replaced === true ? { replaced: true } : {}),
  });
  return add({
    kind: "files",
    id: stepName("shell", id),
    title: `[debug ${id}] shell`,
    actions: [
      {
        kind: "copy",
        from,
        source: "/bin",
        dest: DEBUG_FOLDER,
        contents: true,
        parents: true,
        times: "epoch",
      },
    ],
  });
}

function addDelve(site: Site, helper: Helper, { id, platform }: PlatformPlan): Tree {
  const { plan } = site;
  const wanted = plan.debugger;
  if (wanted === undefined) throw new Error("no debugger is planned");
  // It is fetched as it is, whatever else a project's own download may be tried with.
  const alone = { ...site, plan: { ...plan, retries: {}, scope: "planned" as const } };
  const modules = addModules(alone, helper, wanted);
  const name = stepName("deps delve", id);
  const source = site.add({
    kind: "files",
    id: `${name} files`,
    title: "[internal] module files of the debugger",
    actions: inlineFiles(wanted.files),
  });
  const flags = { tags: [], profile: undefined, strip: true, vars: [], output: `${PATHS.output}/dlv` };
  const left = addTask(site, helper, {
    id: name,
    stage: "deps",
    title: `[deps ${id}] go build ${DELVE.package}`,
    at: wanted.at,
    does: ["cook", "--", ...linkCommand(DELVE.package, flags)],
    env: { ...goEnv(targetEnv(platform)), GOPROXY: "off" },
    dir: PATHS.source,
    mounts: [
      readOnly(PATHS.source, source),
      throwAway(site, PATHS.moduleCache, modules),
      addedTo(site, PATHS.buildCache, isSame(platform, plan.buildPlatform) ? helper.buildCache : undefined),
      output(PATHS.output),
    ],
  });
  return site.add({
    kind: "files",
    id: stepName("debugger", id),
    title: `[debug ${id}] dlv`,
    actions: [
      {
        kind: "copy",
        from: left(PATHS.output),
        source: "/dlv",
        dest: `${DEBUG_FOLDER}/dlv`,
        parents: true,
        times: "epoch",
      },
    ],
  });
}
