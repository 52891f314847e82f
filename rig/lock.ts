import { createHash } from "node:crypto";
import { connect, createServer, type Server } from "node:net";
import { isRecord } from "./files.ts";
import { cacheFolder } from "./paths.ts";
import { identify, waitFor, type ProcessId } from "./process.ts";
import { rigError, type Log } from "./text.ts";

/** Whether a value read from a file names a process. */
export const isProcessId = (value: unknown): value is ProcessId =>
  isRecord(value) && typeof value["pid"] === "number" && typeof value["startTime"] === "string";

/** This process, as others can check whether it still runs. */
export const self = (): ProcessId => identify(process.pid) ?? { pid: process.pid, startTime: "0" };

// A listener on an abstract socket (unix(7)) is a lock that the kernel gives to one process and takes back when
// that process ends in whatever way: nothing stale is left. Who connects is told the owner's process id.
const take = async (address: string): Promise<Server | undefined> =>
  await new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end(String(process.pid));
    });
    server.on("error", (error) => {
      if ("code" in error && error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
    server.unref();
  });

const ownerOf = async (address: string): Promise<string> =>
  await new Promise((resolve) => {
    let text = "";
    const socket = connect(address);
    socket.on("data", (data) => (text += data.toString()));
    socket.on("error", () => resolve("?"));
    socket.on("close", () => resolve(text === "" ? "?" : text));
  });

/**
 * Does `work` while holding the lock called `name` of a folder (the cache folder), so that two checkouts or two commands
 * do not do it at once.
 *
 * @param doing what the holder is doing, for those who wait ("building buildx")
 * @throws RigError when the lock is not free within 30 minutes
 */
export async function withLock<T>(
  name: string,
  doing: string,
  log: Log,
  work: () => Promise<T>,
  folder: string = cacheFolder(),
): Promise<T> {
  const id = createHash("sha256").update(`${folder}\n${name}`).digest("hex").slice(0, 32);
  const address = `\0go-frontend-${id}`;
  let server = await take(address);
  if (server === undefined) {
    const owner = await ownerOf(address);
    log(`waiting for process ${owner}, which is ${doing}`);
    const free = async (): Promise<boolean> => (server = await take(address)) !== undefined;
    if (!(await waitFor(free, 30 * 60, 50))) {
      throw rigError(`process ${owner} is still ${doing} after 30 minutes`, `end process ${owner}`);
    }
  }
  try {
    return await work();
  } finally {
    server?.close();
  }
}
