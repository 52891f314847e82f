// What an exec may not say: what BuildKit or runc would refuse later and with other words.
import { describeVertex } from "../graph/describe.ts";
import { LlbError } from "../names/errors.ts";
import { mountContentCacheOn } from "../graph/exec.ts";
import { canonicalIP } from "../names/ip.ts";
import { ulimitNames } from "../graph/meta.ts";
import { join } from "../names/path.ts";
import { hasOutput, type ExecVertex, type Mount } from "../graph/vertex.ts";

/** @throws LlbError for the first thing that is wrong. */
export function checkExec(vertex: ExecVertex): void {
  const { meta, mounts, secrets, ssh, cdiDevices } = vertex;
  const check = (ok: boolean, option: string, message: () => string): void => {
    if (!ok) throw new LlbError(describeVertex(vertex), option, message());
  };
  const isText = (text: string): boolean => !text.includes("\0");
  const isId = (id: number): boolean => Number.isSafeInteger(id) && id >= 0 && id < 2 ** 32;
  const isMode = (mode: number): boolean => Number.isSafeInteger(mode) && mode >= 0 && mode <= 0o7777;

  check(meta.args.length > 0, "args", () => "a command is required");
  check(meta.args.every(isText), "args", () => "an argument has a NUL character");
  for (const key of meta.env.keys()) {
    check(key !== "" && !key.includes("="), "addEnv", () => `${JSON.stringify(key)} is not a variable name`);
  }
  check(meta.env.toArray().every(isText), "addEnv", () => "a variable has a NUL character");
  check(meta.dir !== "" && isText(meta.dir), "dir", () => `${JSON.stringify(meta.dir)} is not a directory`);
  check([0, 1, 2].includes(meta.network), "network", () => `${meta.network} is not a network mode`);
  check([0, 1].includes(meta.security), "security", () => `${meta.security} is not a security mode`);
  for (const code of meta.validExitCodes) {
    check(
      Number.isInteger(code) && code >= 0 && code <= 255,
      "validExitCodes",
      () => `${code} is not an exit code`,
    );
  }
  for (const { host, ip } of meta.extraHosts) {
    check(host !== "" && isText(host), "addExtraHost", () => `${JSON.stringify(host)} is not a host name`);
    check(canonicalIP(ip) !== undefined, "addExtraHost", () => `${JSON.stringify(ip)} is not an IP address`);
  }
  for (const { name } of meta.ulimits) {
    check(
      ulimitNames.includes(name),
      "addUlimit",
      () => `${JSON.stringify(name)} is not one of ${ulimitNames.join(", ")}`,
    );
  }

  for (const [i, mount] of mounts.entries()) {
    check(
      mount.target !== "" && isText(mount.target),
      "addMount",
      () => `${JSON.stringify(mount.target)} is not a place`,
    );
    // The first mount is the root; a second one would hide it.
    check(i === 0 || mount.target !== "/", "addMount", () => "/ is the root; run on that state instead");
    checkMount(mount, check);
  }
  for (const { secretID, target, env, uid, gid, mode } of secrets) {
    check(secretID !== "", "addSecret", () => "the secret has no id");
    check(
      target !== undefined || env !== undefined,
      "addSecret",
      () => `the secret ${secretID} has neither a file nor a variable`,
    );
    check(
      target !== "" && isText(target ?? ""),
      "addSecret",
      () => `the secret ${secretID} has an empty target`,
    );
    check(
      env === undefined || /^[^=\0]+$/.test(env),
      "secretAsEnv",
      () => `${JSON.stringify(env)} is not a variable name`,
    );
    check(
      isId(uid) && isId(gid) && isMode(mode),
      "secretFileOpt",
      () => `${uid}, ${gid}, ${mode} are not a user, a group and a mode`,
    );
  }
  for (const { uid, gid, mode } of ssh) {
    check(
      isId(uid) && isId(gid) && isMode(mode),
      "sshSocketOpt",
      () => `${uid}, ${gid}, ${mode} are not a user, a group and a mode`,
    );
  }
  for (const { deviceName } of cdiDevices) {
    check(deviceName !== "", "addCDIDevice", () => "the device has no name; pass cdiDeviceName");
  }
}

type Check = (ok: boolean, option: string, message: () => string) => void;

function checkMount(mount: Mount, check: Check): void {
  const at = JSON.stringify(mount.target);
  const { tmpfs, cache } = mount;
  check(
    tmpfs === undefined || mount.source === undefined,
    "tmpfs",
    () => `the mount at ${at} must be of scratch`,
  );
  check(tmpfs === undefined || tmpfs.size >= 0, "tmpfsSize", () => `the mount at ${at} has a negative size`);
  check(tmpfs === undefined || cache === undefined, "tmpfs", () => `the mount at ${at} is also a cache`);
  check(cache?.id !== "", "asPersistentCacheDir", () => `the cache at ${at} has no id`);
  check(
    cache === undefined || [0, 1, 2].includes(cache.sharing),
    "asPersistentCacheDir",
    () => `the cache at ${at} has no sharing mode`,
  );
  check([0, 1, 2].includes(mount.contentCache), "contentCache", () => `${mount.contentCache} is not a mode`);
  // moby/buildkit:solver/llbsolver/ops/exec.go, getMountDeps: a part of a source that is written
  // to cannot be matched by content.
  const unsafe = hasOutput(mount) && join("/", mount.selector) !== "/";
  check(
    mount.contentCache !== mountContentCacheOn || !unsafe,
    "contentCache",
    () => `the mount at ${at} is writable and only a part of its source`,
  );
}
