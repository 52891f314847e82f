// Runs an image as a container engine does: its files as the root, its configuration as the process. No engine needed.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureRunc, logToStderr } from "../../../rig/index.ts";
import type { Client } from "./clients.ts";
import type { Config } from "./oci.ts";
import { freePort } from "./port.ts";
import { type Run, run, succeeded } from "./run.ts";

export interface Container {
  /** A bundle for runc, in a directory of its own. */
  readonly bundle: string;
  readonly id: string;
}

export interface ContainerOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its root is not read-only. */
  readonly writable?: true;
  /** What {@link execIn} may give; the image's own program has none of them, as with `docker run --cap-add` and a user. */
  readonly capabilities?: readonly string[];
}

/** Unpacks an image of the registry for this machine's platform, ready to run with a read-only root and no capability. */
export async function unpackImage(
  crane: Client,
  reference: string,
  parent: string,
  { args, env = {}, writable, capabilities }: ContainerOptions = {},
): Promise<Container> {
  const bundle = mkdtempSync(join(parent, "container-"));
  const root = join(bundle, "rootfs");
  mkdirSync(root);
  const platform = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;
  const { bytes } = await succeeded(crane(["export", "--platform", platform, reference, "-"]));
  await succeeded(run("tar", ["-x", "--same-owner", "-C", root], { input: bytes }));
  const config = await succeeded(crane(["config", "--platform", platform, reference]));
  const process_ = (JSON.parse(config.stdout) as Config).config;
  const [uid, gid] = (process_.User ?? "").split(":").map(Number);
  const spec = {
    ociVersion: "1.0.2",
    process: {
      user: { uid, gid: gid ?? uid },
      args: [...(process_.Entrypoint ?? []), ...(args ?? process_.Cmd ?? [])],
      env: [...(process_.Env ?? []), ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      cwd: process_.WorkingDir ?? "/",
      noNewPrivileges: true,
      ...(capabilities === undefined ? {} : { capabilities: { bounding: capabilities } }),
    },
    root: { path: "rootfs", readonly: writable !== true },
    mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
    // The network is this machine's, so that a server can be asked.
    linux: { namespaces: ["pid", "mount", "ipc", "uts"].map((type) => ({ type })) },
  };
  writeFileSync(join(bundle, "config.json"), JSON.stringify(spec));
  return { bundle, id: `go-frontend-e2e-${process.pid}-${bundle.slice(-6)}` };
}

const command = ({ bundle, id }: Container): readonly string[] => [
  "--root",
  join(bundle, "state"),
  "run",
  "--bundle",
  bundle,
  id,
];

/** Runs the container to its end. */
export const runContainer = async (container: Container): Promise<Run> =>
  run(await runc(), command(container));

/** The rig's: nothing has to be installed. */
const runc = (): Promise<string> => ensureRunc(logToStderr);

export interface InContainer {
  /** As whom, in place of the image's user: `0:0`. */
  readonly user?: string;
  /** Such as CAP_SYS_PTRACE; without any it has none. */
  readonly capabilities?: readonly string[];
  readonly input?: string;
}

/** Runs a further program in a container that runs, as `docker exec` does. */
export async function execIn(
  { bundle, id }: Container,
  args: readonly string[],
  { user, capabilities = [], input }: InContainer = {},
): Promise<Run> {
  const flags = [
    ...(user === undefined ? [] : ["--user", user]),
    ...capabilities.flatMap((name) => ["--cap", name]),
  ];
  const command = ["--root", join(bundle, "state"), "exec", ...flags, id, ...args];
  return run(await runc(), command, input === undefined ? {} : { input });
}

/** Runs a server in the container until `use` is done with it; PORT says where it has to listen. */
export async function withServer<T>(
  crane: Client,
  reference: string,
  parent: string,
  use: (url: string, container: Container) => Promise<T>,
  options: Pick<ContainerOptions, "capabilities"> = {},
): Promise<T> {
  const port = await freePort();
  const container = await unpackImage(crane, reference, parent, {
    ...options,
    env: { PORT: String(port) },
  });
  const server = spawn(await runc(), command(container), { stdio: ["ignore", "ignore", "inherit"] });
  try {
    const url = `http://127.0.0.1:${port}/`;
    await answers(url, server);
    return await use(url, container);
  } finally {
    await run(await runc(), ["--root", join(container.bundle, "state"), "kill", container.id, "KILL"]);
    if (server.exitCode === null) await new Promise((resolve) => server.once("exit", resolve));
  }
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    try {
      await fetch(url);
      return;
    } catch {
      await sleep(50); // it has not begun to listen
    }
  }
  throw new Error(`the server ended with ${String(server.exitCode)}`);
}
