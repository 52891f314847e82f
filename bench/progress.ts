import type { Compiled, VertexTime } from "./types.ts";

interface RawVertex {
  readonly digest: string;
  readonly name?: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

interface RawStatus {
  readonly vertex: string;
  readonly id: string;
  readonly name?: string;
  readonly current?: number;
}

/** A line of `buildctl build --progress=rawjson` (moby/buildkit:client/graph.go, SolveStatus). */
interface RawLine {
  readonly vertexes?: readonly RawVertex[];
  readonly statuses?: readonly RawStatus[];
  readonly logs?: readonly Readonly<{ vertex: string; data?: string }>[];
}

/** What a build's progress says of it. */
export interface Progress {
  readonly vertices: readonly VertexTime[];
  readonly contextBytes: number;
  readonly logs: string;
  readonly errors: readonly string[];
}

function parseLine(line: string): RawLine | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as RawLine;
  } catch {
    return undefined;
  }
}

const secondsBetween = (start: string, end: string): number => (Date.parse(end) - Date.parse(start)) / 1000;

/**
 * Reads the raw progress of a build.
 *
 * @param text buildctl's stderr, a JSON object a line
 */
export function readProgress(text: string): Progress {
  const vertices = new Map<string, RawVertex>();
  const spans = new Map<string, number>();
  const transfers = new Map<string, number>();
  const logs = new Map<string, string>();
  for (const line of text.split("\n")) {
    const raw = parseLine(line);
    for (const vertex of raw?.vertexes ?? []) {
      vertices.set(vertex.digest, { ...vertices.get(vertex.digest), ...vertex });
      // A vertex may run in several intervals (a source is first resolved and later read): the sum counts.
      if (vertex.started !== undefined && vertex.completed !== undefined) {
        const key = `${vertex.digest} ${vertex.started}`;
        spans.set(key, secondsBetween(vertex.started, vertex.completed));
      }
    }
    for (const status of raw?.statuses ?? []) {
      if (!status.id.startsWith("transferring")) continue;
      const key = `${status.vertex} ${status.id}`;
      transfers.set(key, Math.max(transfers.get(key) ?? 0, status.current ?? 0));
    }
    for (const log of raw?.logs ?? []) {
      const before = logs.get(log.vertex) ?? "";
      logs.set(log.vertex, before + Buffer.from(log.data ?? "", "base64").toString("utf8"));
    }
  }
  const secondsOf = (digest: string): number =>
    [...spans].reduce((sum, [key, seconds]) => (key.startsWith(`${digest} `) ? sum + seconds : sum), 0);
  return {
    vertices: [...vertices.values()].map((vertex) => ({
      name: vertex.name ?? vertex.digest,
      seconds: secondsOf(vertex.digest),
      cached: vertex.cached === true,
    })),
    contextBytes: [...transfers.values()].reduce((sum, bytes) => sum + bytes, 0),
    logs: [...logs.values()].join("\n"),
    errors: [...vertices.values()].flatMap(({ error }) =>
      error === undefined || error === "" ? [] : [error],
    ),
  };
}

const importPath = /^[a-z0-9][\w.~-]*(\/[\w.~+-]+)*$/;

/**
 * Counts the packages that `go build -v` named.
 *
 * @param module the main module's path
 */
export function countCompiled(logs: string, module: string): Compiled {
  const count = { firstParty: 0, thirdParty: 0, std: 0 };
  for (const raw of logs.split("\n")) {
    const line = raw.trim();
    if (!importPath.test(line)) continue;
    if (line === module || line.startsWith(`${module}/`) || line === "command-line-arguments") {
      count.firstParty += 1;
    } else if ((line.split("/")[0] ?? "").includes(".")) count.thirdParty += 1;
    else count.std += 1;
  }
  return count;
}
