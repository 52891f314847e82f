import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rigError } from "./text.ts";

/** The rig's own folder in the repository. */
export const rigFolder = dirname(fileURLToPath(import.meta.url));

/** The cache folder of downloads, builds and state, outside the repository and shared by all checkouts. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env["GO_FRONTEND_CACHE"];
  return chosen !== undefined && chosen !== "" ? chosen : join(homedir(), ".cache", "go-frontend");
}

/**
 * The folder of what comes from others and may be used again without harm: compiled tools, packages pinned by hash. The
 * cache folder, unless a run that makes everything of ours anew has one of its own.
 */
export function downloadsFolder(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env["GO_FRONTEND_DOWNLOADS"];
  return chosen !== undefined && chosen !== "" ? chosen : cacheFolder(env);
}

/** The folders and files of one named rig. */
export interface RigPaths {
  readonly name: string;
  readonly stateDir: string;
  readonly root: string;
  readonly socket: string;
  readonly config: string;
  readonly state: string;
  readonly log: string;
  readonly leases: string;
  readonly temp: string;
  /** Where a Docker Engine has its sockets and what runs; goes with it. */
  readonly exec: string;
  readonly buildx: string;
  /** The parent cgroup of every step's container; what is found in it after a stop was left over. */
  readonly cgroup: string;
}

// sockaddr_un holds 108 bytes with the terminating zero; containerd, which makes buildkitd's, takes 104 at most
// (containerd/containerd:pkg/sys/socket_unix.go).
const longestSocketPath = 104;
const longestSocketOfEngine = join("containerd", "containerd-debug.sock.ttrpc");
// Of a forwarded ssh agent (moby/buildkit:session/sshforward/ssh.go).
const longestSocketOfStep = join(".buildkit-ssh-sock4294967295", "ssh_auth_sock");

/**
 * The paths of the rig called `name`.
 *
 * @throws RigError when the name could not be a folder's name
 */
export function rigPaths(name: string, cache: string = cacheFolder()): RigPaths {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) {
    throw rigError(
      `rig name ${JSON.stringify(name)} is not usable`,
      "use lower-case letters, digits, '.', '_' and '-'",
    );
  }
  const stateDir = join(cache, "rig", name);
  const id = createHash("sha256").update(stateDir).digest("hex").slice(0, 12);
  /** A path below the state folder, or where the sockets in it would be too far down one below the system's. */
  const near = (path: string, longest: string, away: string): string =>
    join(stateDir, path, longest).length <= longestSocketPath
      ? join(stateDir, path)
      : join(tmpdir(), `go-frontend-rig-${id}${away}`);
  return {
    name,
    stateDir,
    root: join(stateDir, "root"),
    socket: near("buildkitd.sock", "", ".sock"),
    config: join(stateDir, "buildkitd.toml"),
    state: join(stateDir, "state.json"),
    log: join(stateDir, "buildkitd.log"),
    leases: join(stateDir, "leases"),
    temp: near("tmp", longestSocketOfStep, "-tmp"),
    exec: near("exec", longestSocketOfEngine, ""),
    buildx: join(stateDir, "buildx"),
    cgroup: `go-frontend-rig-${id}`,
  };
}

/** The names of all rigs of this cache folder, running or not. */
export function rigNames(): readonly string[] {
  const rigs = join(cacheFolder(), "rig");
  return existsSync(rigs) ? readdirSync(rigs).filter((name) => !name.startsWith(".")) : [];
}
