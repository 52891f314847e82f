// The encoder of exec ops (moby/buildkit:client/llb/exec.go, ExecOp.Marshal).
import { wireNumbers } from "../../proto/index.ts";
import { checkExec } from "./check-exec.ts";
import { describeVertex } from "../graph/describe.ts";
import type { EnvList } from "../graph/env.ts";
import { LlbError } from "../names/errors.ts";
import { mountContentCacheDefault } from "../graph/exec.ts";
import { canonicalIP } from "../names/ip.ts";
import { InputList, marshalCommon, marshalPlatform, NONE } from "./marshal-context.ts";
import type { EncodableOp, MarshalContext, MarshalledOp } from "./marshal-context.ts";
import { netModeSandbox, securityModeInsecure } from "../graph/meta.ts";
import { hasOutput, type ExecVertex, type Mount } from "../graph/vertex.ts";

type EncodableExec = NonNullable<EncodableOp["exec"]>;
type EncodableMount = NonNullable<EncodableExec["mounts"]>[number];

const { mountType } = wireNumbers;
const unixPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The number of the output that holds what is in the mount afterwards. */
export function execOutputIndex(vertex: ExecVertex, mount: Mount): number {
  const index = vertex.encodedMounts.filter(hasOutput).indexOf(mount);
  if (index < 0) {
    throw new LlbError(
      describeVertex(vertex),
      "",
      `the mount at ${JSON.stringify(mount.target)} is not an output`,
    );
  }
  return index;
}

/**
 * The ExecOp of a vertex, with the inputs and capabilities that it needs (moby/buildkit:client/llb/exec.go, Marshal).
 *
 * @throws LlbError for a process that BuildKit would refuse
 */
export function marshalExec(vertex: ExecVertex, context: MarshalContext): MarshalledOp {
  const { meta, secrets, ssh, cdiDevices, proxyEnv } = vertex;
  checkExec(vertex);
  const mounts = vertex.encodedMounts;
  const sshTargets = ssh.map(({ target }, i) => (target === "" ? `/run/buildkit/ssh_agent.${i}` : target));
  const inputs = new InputList();
  const bindMounts = bindAndCacheMounts(mounts, inputs, context);

  const { constraints, metadata } = marshalCommon(context, vertex.constraints, execCaps(vertex, context));
  const exec: EncodableExec = {
    meta: {
      args: meta.args,
      env: execEnv(vertex, sshTargets, context).toArray(),
      cwd: meta.dir,
      user: meta.user,
      proxy_env:
        proxyEnv === undefined
          ? undefined
          : {
              http_proxy: proxyEnv.httpProxy,
              https_proxy: proxyEnv.httpsProxy,
              ftp_proxy: proxyEnv.ftpProxy,
              no_proxy: proxyEnv.noProxy,
              all_proxy: proxyEnv.allProxy,
            },
      extraHosts: meta.extraHosts.map(({ host, ip }) => ({ Host: host, IP: canonicalIP(ip) })),
      hostname: meta.hostname,
      ulimit: meta.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
      cgroupParent: meta.cgroupParent,
      removeMountStubsRecursive: true,
      validExitCodes: meta.validExitCodes,
    },
    mounts: [...bindMounts, ...secretMounts(vertex), ...sshMounts(vertex, sshTargets)],
    network: meta.network,
    security: meta.security,
    secretenv: secrets.flatMap(({ secretID, env, optional }) =>
      env === undefined ? [] : [{ ID: secretID, name: env, optional }],
    ),
    cdiDevices: cdiDevices.map(({ deviceName, optional }) => ({ name: deviceName, optional })),
  };
  return {
    op: {
      inputs: inputs.list,
      platform: marshalPlatform(context, vertex, vertex.constraints.platform ?? meta.platform),
      constraints,
      exec,
    },
    metadata,
    gates: execGates(vertex),
  };
}

/** The variables of the process; the agent's socket and the default PATH come last. */
function execEnv(
  { meta, constraints }: ExecVertex,
  sshTargets: readonly string[],
  { caps, base }: MarshalContext,
): EnvList {
  const [socket] = sshTargets;
  const env = socket === undefined ? meta.env : meta.env.setDefault("SSH_AUTH_SOCK", socket);
  // A daemon that sets PATH itself announces it. Without a word from the daemon Go trusts it to.
  if (caps === undefined || caps.has("exec.meta.setsdefaultpath")) return env;
  const os = base.platform?.os ?? constraints.platform?.os ?? "linux";
  return os === "windows" ? env : env.setDefault("PATH", unixPath);
}

function execCaps(vertex: ExecVertex, { caps }: MarshalContext): readonly string[] {
  const { meta, mounts, secrets } = vertex;
  const needed = ["exec.meta.base"];
  const need = (condition: boolean, cap: string): void => {
    if (condition) needed.push(cap);
  };
  need(caps?.has("exec.meta.setsdefaultpath") === true, "exec.meta.setsdefaultpath");
  need(meta.validExitCodes.length > 0, "exec.validexitcode");
  need(meta.ulimits.length > 0, "exec.meta.ulimit");
  need(vertex.constraints.metadata.linuxResources !== undefined, "exec.meta.linux.resources");
  need(meta.network !== netModeSandbox, "exec.meta.network");
  need(meta.security === securityModeInsecure, "exec.meta.security");
  need(vertex.proxyEnv !== undefined, "exec.meta.proxyenv");
  for (const mount of mounts) {
    need(mount.selector !== "", "exec.mount.selector");
    if (mount.cache !== undefined) needed.push("exec.mount.cache", "exec.mount.cache.sharing");
    else if (mount.tmpfs !== undefined) {
      needed.push("exec.mount.tmpfs");
      need(mount.tmpfs.size > 0, "exec.mount.tmpfs.size");
    } else need(mount.source !== undefined, "exec.mount.bind");
    need(mount.contentCache !== mountContentCacheDefault, "exec.mount.cache.content");
  }
  need(secrets.length > 0, "exec.mount.secret");
  need(
    secrets.some(({ env }) => env !== undefined),
    "exec.secretenv",
  );
  need(vertex.ssh.length > 0, "exec.mount.ssh");
  need(vertex.cdiDevices.length > 0, "exec.meta.cdi");
  return needed;
}

/** What the daemon must know although Go does not say so. */
function execGates({ meta, mounts }: ExecVertex): readonly string[] {
  const gates = meta.cgroupParent === "" ? [] : ["exec.meta.cgroup.parent"];
  const throwAway = mounts.some(
    (m) =>
      m.source !== undefined && m.noOutput && !m.readonly && m.cache === undefined && m.tmpfs === undefined,
  );
  return throwAway ? [...gates, "exec.mount.bind.readwrite-nooutput"] : gates;
}

function bindAndCacheMounts(
  mounts: readonly Mount[],
  inputs: InputList,
  context: MarshalContext,
): readonly EncodableMount[] {
  let outputs = 0;
  return mounts.map((mount) => ({
    input: mount.source === undefined ? NONE : inputs.add(context.input(mount.source)),
    selector: mount.selector,
    dest: mount.target,
    output: hasOutput(mount) ? outputs++ : NONE,
    readonly: mount.readonly,
    mountType:
      mount.tmpfs !== undefined
        ? mountType.tmpfs
        : mount.cache !== undefined
          ? mountType.cache
          : mountType.bind,
    TmpfsOpt: mount.tmpfs === undefined ? undefined : { size: mount.tmpfs.size },
    cacheOpt: mount.cache === undefined ? undefined : { ID: mount.cache.id, sharing: mount.cache.sharing },
    contentCache: mount.contentCache,
  }));
}

function secretMounts({ secrets }: ExecVertex): readonly EncodableMount[] {
  return secrets.flatMap(({ secretID, target, uid, gid, mode, optional }) =>
    target === undefined
      ? []
      : [
          {
            input: NONE,
            dest: target,
            mountType: mountType.secret,
            secretOpt: { ID: secretID, uid, gid, mode, optional },
          },
        ],
  );
}

function sshMounts({ ssh }: ExecVertex, targets: readonly string[]): readonly EncodableMount[] {
  return ssh.map(({ sshID, uid, gid, mode, optional }, i) => ({
    input: NONE,
    dest: targets[i],
    mountType: mountType.ssh,
    SSHOpt: { ID: sshID, uid, gid, mode, optional },
  }));
}
