// Secrets, ssh agents and devices of State.run (moby/buildkit:client/llb/exec.go).
import type { Draft } from "../graph/draft.ts";
import type { CDIDeviceInfo, SecretInfo, SSHInfo } from "../graph/exec.ts";
import type { RunOption } from "./state.ts";

/** An option of a secret. */
export type SecretOption = (secret: Draft<SecretInfo>) => void;

function secret(id: string, target: string | undefined, options: readonly SecretOption[]): RunOption {
  const info: Draft<SecretInfo> = {
    secretID: id,
    target,
    env: undefined,
    mode: 0o400,
    uid: 0,
    gid: 0,
    optional: false,
  };
  for (const option of options) option(info);
  return (exec) => {
    exec.secrets = [...exec.secrets, info];
  };
}

/** Gives the process a secret as the file `dest`; its id is `dest` unless secretID says otherwise. */
export const addSecret = (dest: string, ...options: readonly SecretOption[]): RunOption =>
  secret(dest, dest, options);

/** Gives the process the secret `id` as the file `dest`, or only as what the options say. */
export const addSecretWithDest = (
  id: string,
  dest: string | undefined,
  ...options: readonly SecretOption[]
): RunOption => secret(id, dest, options);

/** The secret's id, as the client gives it: `--secret id=…`. */
export const secretID =
  (id: string): SecretOption =>
  (info) => {
    info.secretID = id;
  };

/** Without the secret the process runs all the same. */
export const secretOptional: SecretOption = (info) => {
  info.optional = true;
};

/** Owner and permissions of the secret's file; default root and 0400. */
export const secretFileOpt =
  (uid: number, gid: number, mode: number): SecretOption =>
  (info) => {
    info.uid = uid;
    info.gid = gid;
    info.mode = mode;
  };

/** Turns the target into the name of an environment variable, or takes the variable away. */
export const secretAsEnv =
  (asEnv: boolean): SecretOption =>
  (info) => {
    if (!asEnv) info.env = undefined;
    else if (info.target !== undefined) {
      info.env = info.target;
      info.target = undefined;
    }
  };

/** Gives the secret in this environment variable as well. */
export const secretAsEnvName =
  (name: string): SecretOption =>
  (info) => {
    info.env = name;
  };

// ------------------------------------------------------------------ ssh

/** An option of an ssh agent socket. */
export type SSHOption = (ssh: Draft<SSHInfo>) => void;

/** Gives the process an ssh agent socket and sets SSH_AUTH_SOCK. */
export function addSSHSocket(...options: readonly SSHOption[]): RunOption {
  const info: Draft<SSHInfo> = { sshID: "", target: "", mode: 0o600, uid: 0, gid: 0, optional: false };
  for (const option of options) option(info);
  return (exec) => {
    exec.ssh = [...exec.ssh, info];
  };
}

/** The agent's id, as the client gives it: `--ssh ID`. An empty one is the client's default agent. */
export const sshID =
  (id: string): SSHOption =>
  (info) => {
    info.sshID = id;
  };

/** The socket's path. Default: `/run/buildkit/ssh_agent.N`. */
export const sshSocketTarget =
  (target: string): SSHOption =>
  (info) => {
    info.target = target;
  };

/** The socket's path, owner and permissions. */
export const sshSocketOpt =
  (target: string, uid: number, gid: number, mode: number): SSHOption =>
  (info) => {
    info.target = target;
    info.uid = uid;
    info.gid = gid;
    info.mode = mode;
  };

/** Without the agent the process runs all the same. */
export const sshOptional: SSHOption = (info) => {
  info.optional = true;
};

// ------------------------------------------------------------------ devices

/** An option of a device. */
export type CDIDeviceOption = (device: Draft<CDIDeviceInfo>) => void;

/** Gives the process a device by its CDI name. */
export function addCDIDevice(...options: readonly CDIDeviceOption[]): RunOption {
  const info: Draft<CDIDeviceInfo> = { deviceName: "", optional: false };
  for (const option of options) option(info);
  return (exec) => {
    exec.cdiDevices = [...exec.cdiDevices, info];
  };
}

/** The device's CDI name: `vendor.com/class=name`. */
export const cdiDeviceName =
  (name: string): CDIDeviceOption =>
  (info) => {
    info.deviceName = name;
  };

/** Without the device the process runs all the same. */
export const cdiDeviceOptional: CDIDeviceOption = (info) => {
  info.optional = true;
};
