import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../rig/index.ts";
import type { Container } from "./container.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

/** One HTTP request to a port of a container. */
export async function call(
  container: Container,
  port: number,
  method: "GET" | "POST",
  path: string,
  json?: unknown,
): Promise<Answer> {
  const socketPath = await container.reach(port);
  const body = json === undefined ? undefined : JSON.stringify(json);
  return new Promise((resolve, reject) => {
    const headers = {
      host: `localhost:${port}`,
      connection: "close",
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    };
    const signal = AbortSignal.timeout(10_000);
    const sent = request({ socketPath, method, path, headers, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: text,
          type: response.headers["content-type"] ?? "",
        }),
      );
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Waits until a container listens, and on which ports; none when it ends first or `seconds` pass. */
export async function waitForPorts(container: Container, seconds: number): Promise<readonly number[]> {
  const until = Date.now() + seconds * 1000;
  while (container.exit() === undefined && Date.now() < until) {
    const ports = container.ports();
    if (ports.length > 0) return ports;
    await sleep(20);
  }
  return [];
}

function expectStatus(answer: Answer, status: number, what: string): void {
  if (answer.status !== status) {
    throw new Error(`${what}: answered ${answer.status}, not ${status}: ${answer.body.slice(0, 200)}`);
  }
}

function shown(body: string): string {
  const [line = ""] = body.trim().split("\n");
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

/** Uses examples/orders as its users would; throws when an answer is not what it should be. */
export async function callOrders(container: Container, port: number, log: Log): Promise<void> {
  const ask = async (
    method: "GET" | "POST",
    path: string,
    status: number,
    json?: unknown,
  ): Promise<string> => {
    const answer = await call(container, port, method, path, json);
    expectStatus(answer, status, `${method} ${path}`);
    const order = json === undefined ? "" : ` ${JSON.stringify(json)}`;
    if (path !== "/metrics") log(`${method} ${path}${order} → ${answer.status} ${shown(answer.body)}`);
    return answer.body;
  };
  await ask("GET", "/healthz", 200);
  const { id } = JSON.parse(await ask("POST", "/orders", 201, { item: "tea", quantity: 3 })) as {
    readonly id: string;
  };
  const book = await ask("GET", "/orders", 200);
  if (!book.includes(id)) throw new Error(`GET /orders does not list ${id}: ${book}`);
  const metrics = (await ask("GET", "/metrics", 200)).split("\n");
  const requests = metrics.find((line) => line.includes("_count{") && line.includes('"/orders"'));
  if (requests === undefined) throw new Error("GET /metrics does not count the requests");
  log(`GET /metrics → 200 ${requests}`);
}

/** Asks any service for one path, on the first port that speaks HTTP. */
export async function callAny(
  container: Container,
  ports: readonly number[],
  path: string,
  log: Log,
): Promise<Answer | undefined> {
  for (const port of ports) {
    try {
      const answer = await call(container, port, "GET", path);
      log(`GET http://localhost:${port}${path} → ${answer.status} ${answer.type}`);
      for (const line of answer.body.trim().split("\n").slice(0, 5)) log(`  ${shown(line)}`);
      return answer;
    } catch (error) {
      log(`port ${port} listens, but does not answer HTTP: ${(error as Error).message}`);
    }
  }
  return undefined;
}
