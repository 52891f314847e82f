// What a state carries besides its files: how a process run on it would be started.
import { wireNumbers } from "../../proto/index.ts";
import { EnvList } from "./env.ts";
import type { Platform } from "../../oci/index.ts";

const { network, security } = wireNumbers;

export type NetMode = (typeof network)[keyof typeof network];
/** A network of the process alone. */
export const netModeSandbox = network.sandbox;
/** The host's network; needs the entitlement `network.host`. */
export const netModeHost = network.host;
export const netModeNone = network.none;

export type SecurityMode = (typeof security)[keyof typeof security];
export const securityModeSandbox = security.sandbox;
/** Privileged; needs the entitlement `security.insecure`. */
export const securityModeInsecure = security.insecure;

/** A name and the address it stands for in /etc/hosts. */
export interface HostIP {
  readonly host: string;
  readonly ip: string;
}

export interface Ulimit {
  readonly name: UlimitName;
  readonly soft: number | bigint;
  readonly hard: number | bigint;
}

export const ulimitNames = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
] as const;
export type UlimitName = (typeof ulimitNames)[number];

/** Values that a user of the library attached to a state. */
export interface ValueNode {
  readonly parent: ValueNode | undefined;
  readonly key: unknown;
  readonly value: unknown;
}

export interface StateMeta {
  readonly env: EnvList;
  /** Absolute as written, not cleaned; relative values are joined to the one before. */
  readonly dir: string;
  readonly args: readonly string[];
  readonly user: string;
  readonly hostname: string;
  readonly cgroupParent: string;
  readonly platform: Platform | undefined;
  readonly network: NetMode;
  readonly security: SecurityMode;
  readonly extraHosts: readonly HostIP[];
  readonly ulimits: readonly Ulimit[];
  readonly validExitCodes: readonly number[];
  readonly values: ValueNode | undefined;
}

/** What a new state starts with (moby/buildkit:client/llb/state.go, NewState). */
export const initialMeta: StateMeta = {
  env: EnvList.empty,
  dir: "/",
  args: [],
  user: "",
  hostname: "",
  cgroupParent: "",
  platform: undefined,
  network: netModeSandbox,
  security: securityModeSandbox,
  extraHosts: [],
  ulimits: [],
  validExitCodes: [],
  values: undefined,
};
