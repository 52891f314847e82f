import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageConfig } from "./image.ts";

interface User {
  readonly uid: number;
  readonly gid: number;
}

function field(file: string, name: string, index: number): number | undefined {
  if (!existsSync(file)) return undefined;
  const line = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[0] === name || fields[2] === name);
  const value = line?.[index];
  return value === undefined ? undefined : Number(value);
}

/** An image's user as numbers; names are looked up in the image's own passwd and group files, as engines do. */
function userOf(text: string, rootfs: string): User {
  const [user = "", group] = text.split(":");
  if (user === "") return { uid: 0, gid: 0 };
  const [passwd, groups] = [join(rootfs, "etc", "passwd"), join(rootfs, "etc", "group")];
  const uid = /^\d+$/.test(user) ? Number(user) : field(passwd, user, 2);
  if (uid === undefined) throw new Error(`the image's user ${user} is not in its /etc/passwd`);
  const gid =
    group === undefined
      ? (field(passwd, user, 3) ?? 0)
      : /^\d+$/.test(group)
        ? Number(group)
        : field(groups, group, 2);
  return { uid, gid: gid ?? 0 };
}

/** What a root user keeps, as container engines have it by default. */
const rootCapabilities = (
  "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FSETID CAP_FOWNER CAP_MKNOD CAP_NET_RAW CAP_SETGID CAP_SETUID CAP_SETFCAP " +
  "CAP_SETPCAP CAP_NET_BIND_SERVICE CAP_SYS_CHROOT CAP_KILL"
).split(" ");

const mounts = [
  { destination: "/proc", type: "proc", source: "proc" },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "mode=620"],
  },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  {
    destination: "/tmp",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "nodev", "mode=1777", "size=65536k"],
  },
];

/**
 * The config.json of a runc bundle (opencontainers/runtime-spec:config.md) that runs an image as an engine would with
 * `--read-only --tmpfs /tmp --network none --security-opt no-new-privileges`.
 *
 * @param rootfs the unpacked root filesystem
 * @param args in place of the image's own Cmd
 * @param id the container's name, also its cgroup's
 */
export function bundleConfig(
  config: ImageConfig,
  rootfs: string,
  id: string,
  args: readonly string[] | undefined,
  files: Readonly<Record<string, string>> = {},
): object {
  const argv = [...(config.Entrypoint ?? []), ...(args ?? config.Cmd ?? [])];
  if (argv.length === 0) throw new Error("the image has neither an entrypoint nor a command");
  const user = userOf(config.User ?? "", rootfs);
  const capabilities = user.uid === 0 ? rootCapabilities : [];
  const env = config.Env ?? [];
  return {
    ociVersion: "1.0.2",
    hostname: id,
    root: { path: rootfs, readonly: true },
    process: {
      terminal: false,
      user,
      args: argv,
      env: env.some((variable) => variable.startsWith("PATH="))
        ? env
        : ["PATH=/usr/local/bin:/usr/bin:/bin", ...env],
      cwd: config.WorkingDir === undefined || config.WorkingDir === "" ? "/" : config.WorkingDir,
      noNewPrivileges: true,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    mounts: [
      ...mounts,
      ...Object.entries(files).map(([destination, source]) => ({
        destination,
        type: "bind",
        source,
        options: ["bind", "ro"],
      })),
    ],
    linux: {
      cgroupsPath: `/${id}`,
      namespaces: ["pid", "mount", "ipc", "uts", "network"].map((type) => ({ type })),
      // As engines do for a network of the container's own: port 80 needs no privilege there.
      sysctl: { "net.ipv4.ip_unprivileged_port_start": "0" },
      maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
  };
}
