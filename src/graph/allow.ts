import { type AllowOp, type ExecMessage, wireNumbers } from "../llb/index.ts";
import { PATHS } from "../plan/index.ts";

/** Sources that a build of ours may name. */
const SOURCES = ["docker-image://", "oci-layout://", "local://", "git://", "http://", "https://"];

const { network, security, mountType } = wireNumbers;

/**
 * What a graph of this frontend may hold, checked before BuildKit sees it: the last line of defence of
 * a shared builder against our own mistakes. Ops of others, such as another bake target's, are theirs.
 *
 * - steps run the helper, or go itself to compile it, in the sandbox, with the network off
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
