import { type AllowOp, type ExecMessage, wireNumbers } from "../llb/index.ts";
import { PATHS, type RunStep, type Step } from "../plan/index.ts";
import { STEP_ID } from "./render.ts";

/** Sources that a build of ours may name. */
const SOURCES = ["docker-image://", "oci-layout://", "local://", "git://", "http://", "https://"];

const { network, security, mountType } = wireNumbers;

/**
 * What a graph of this frontend may hold, checked before BuildKit sees it: the last line of defence of
 * a shared builder against our own mistakes. Ops of others, such as another bake target's, are theirs.
 *
 * - steps run the helper, or go itself to compile it, to merge profiles and to write build ids, in the sandbox, with the network off
 * - the download step alone has a network, secrets and ssh
 * - no nested builds, no devices, no unknown kinds of op
 */
export const allowOwnOps: AllowOp = ({ kind, op, imported }) => {
  if (imported) return undefined;
  switch (kind) {
    case "source": {
      const identifier = op.source?.identifier ?? "";
      return SOURCES.some((scheme) => identifier.startsWith(scheme))
        ? undefined
        : `this frontend has no source like ${identifier}`;
    }
    case "exec":
      return op.exec === null || op.exec === undefined ? "an exec without a process" : execFault(op.exec);
    case "file":
    case "merge":
    case "diff":
      return undefined;
    case "passthrough":
    case "build":
    case "unknown":
      return `this frontend makes no ${kind} ops`;
  }
};

/**
 * As {@link allowOwnOps}, with the commands that steps of the description run, and those that install C tools. They are
 * told by the id of their step, and by their root filesystem, which nothing else of a build can write to.
 *
 * - they run what the plan says, with its network, in the sandbox
 * - they get the secrets, agents and caches that the plan names
 */
export function allowOpsOf(steps: readonly Step[]): AllowOp {
  const described = new Map(
    steps.flatMap((step) =>
      step.kind === "run" && step.rootfs === "writable" ? [[step.id, step] as const] : [],
    ),
  );
  if (described.size === 0) return allowOwnOps;
  return (asked) => {
    const exec = asked.kind === "exec" && !asked.imported ? asked.op.exec : undefined;
    const step = described.get(asked.metadata.description.get(STEP_ID) ?? "");
    return exec !== undefined && exec !== null && step !== undefined && isRunOf(step, exec)
      ? describedFault(exec, step)
      : allowOwnOps(asked);
  };
}

function isRunOf({ argv }: RunStep, { meta, mounts }: ExecMessage): boolean {
  const isWritable = (mounts ?? []).some(({ dest, readonly }) => dest === "/" && readonly !== true);
  return isWritable && argv.join("\0") === (meta?.args ?? []).join("\0");
}

const NETWORKS = { none: network.none, sandbox: network.sandbox, host: network.host } as const;

function describedFault(exec: ExecMessage, step: RunStep): string | undefined {
  const mounts = exec.mounts ?? [];
  if ((exec.security ?? security.sandbox) !== security.sandbox) return "steps stay in the sandbox";
  if ((exec.cdiDevices ?? []).length > 0) return "steps get no devices";
  if ((exec.network ?? network.sandbox) !== NETWORKS[step.network]) return `${step.id} has another network`;
  const credentials = mounts.flatMap(({ mountType: kind, secretOpt, SSHOpt }) => {
    if (kind === mountType.secret) return [`secret ${secretOpt?.ID ?? ""}`];
    return kind === mountType.ssh ? [`agent ${SSHOpt?.ID ?? ""}`] : [];
  });
  const named = step.mounts.flatMap((mount) =>
    mount.kind === "secret" || mount.kind === "agent" ? [`${mount.kind} ${mount.id}`] : [],
  );
  const isNamed =
    credentials.every((credential) => named.includes(credential)) && (exec.secretenv ?? []).length === 0;
  if (!isNamed) return `${step.id} has other secrets or agents`;
  const caches = step.mounts.flatMap((mount) => (mount.kind === "cache" ? [mount.id] : []));
  const isOther = mounts.some(
    ({ mountType: kind, cacheOpt }) => kind === mountType.cache && !caches.includes(cacheOpt?.ID ?? ""),
  );
  return isOther ? `${step.id} has other caches` : undefined;
}

function execFault(exec: ExecMessage): string | undefined {
  const [program, step = ""] = exec.meta?.args ?? [];
  const isHelper = program === PATHS.program;
  const downloads = isHelper && /^modules(?: |$)/.test(step);
  const mounts = exec.mounts ?? [];
  const credentials =
    mounts.some((mount) => mount.mountType === mountType.secret || mount.mountType === mountType.ssh) ||
    (exec.secretenv ?? []).length > 0;
  if (!isHelper && program !== "go") return `steps run the helper or go, not ${program ?? "nothing"}`;
  if ((exec.security ?? security.sandbox) !== security.sandbox) return "steps stay in the sandbox";
  if ((exec.cdiDevices ?? []).length > 0) return "steps get no devices";
  if (!downloads && exec.network !== network.none) return "only the download step has a network";
  if (!downloads && credentials) return "only the download step gets secrets or an ssh agent";
  return undefined;
}
