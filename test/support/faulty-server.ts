// A server on the loopback interface that fails in the ways of real ones: it resets, cuts its answers short, says nothing,
// or answers with an error. What it does to the nth request for a path is decided by a seed, so it does not depend on the
// order in which requests come.
import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { listen } from "./listen.ts";

/** What may be done to a request; a number is a status that is answered. */
export type Fault = "reset" | "cut" | "silent" | number;

export interface Faults {
  readonly seed: string;
  /** How many requests of a hundred meet a fault. */
  readonly percent: number;
  readonly kinds: readonly Fault[];
  /** The paths that may meet one; without it all. */
  readonly only?: (path: string) => boolean;
}

export interface Request {
  readonly method: string;
  /** Behind the address, with its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export interface FaultyServer {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly url: string;
  /** How often each path was asked for. */
  readonly asked: ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
}

/** The fault that the nth request for a path meets, if any. */
export function faultOf(
  { seed, percent, kinds, only }: Faults,
  path: string,
  nth: number,
): Fault | undefined {
  if (only !== undefined && !only(path)) return undefined;
  const drawn = createHash("sha256").update(`${seed}\n${path}\n${nth}`).digest();
  return drawn.readUInt32LE(0) % 100 < percent ? kinds[drawn.readUInt32LE(4) % kinds.length] : undefined;
}

/** Serves what `answer` gives, but where a fault comes first. */
export async function startFaultyServer(
  answer: (request: Request) => Answer | Promise<Answer>,
  faults: Faults,
): Promise<FaultyServer> {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const nth = (asked.get(path) ?? 0) + 1;
    asked.set(path, nth);
    const chunks: Buffer[] = [];
    const respond = async (): Promise<void> => {
      const fault = faultOf(faults, path, nth);
      if (fault === "silent") return;
      if (fault === "reset") {
        request.socket.resetAndDestroy();
        return;
      }
      if (typeof fault === "number") {
        response.writeHead(fault).end("a fault\n");
        return;
      }
      const { method = "GET", headers } = request;
      const {
        status,
        headers: more,
        body,
      } = await answer({ method, path, headers, body: Buffer.concat(chunks) });
      const bytes = Buffer.from(body);
      response.writeHead(status, {
        ...more,
        "content-length": more?.["content-length"] ?? bytes.length,
      });
      if (fault === "cut") {
        response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
      } else response.end(method === "HEAD" ? undefined : bytes);
    };
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      respond().catch(() => void request.socket.destroy());
    });
  });
  server.on("connection", (socket) => socket.on("error", () => undefined));
  const port = await listen(server);
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Gives what a table of files has, by path. */
export function fromFiles(files: ReadonlyMap<string, Uint8Array>): (request: Request) => Answer {
  return ({ path }) => {
    const body = files.get(decodeURIComponent(path.slice(1)));
    return body === undefined ? { status: 404, body: "not found\n" } : { status: 200, body };
  };
}

/** Passes requests on to another server on this machine, without following what it answers. */
export function fromServer(url: string): (request: Request) => Promise<Answer> {
  return async ({ method, path, headers }) => {
    const { host: _, connection: __, ...rest } = headers;
    const passed = Object.entries(rest).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" ? [[name, value]] : [],
    );
    const response = await fetch(`${url}${path}`, { method, headers: passed, redirect: "manual" });
    const given = Object.fromEntries(
      [...response.headers].filter(
        ([name]) => !/^(?:connection|transfer-encoding|keep-alive|date)$/.test(name),
      ),
    );
    return { status: response.status, headers: given, body: Buffer.from(await response.arrayBuffer()) };
  };
}
