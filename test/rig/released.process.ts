// Released programs, from a server on the loopback address with files of the form that the projects publish.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetchReleased, releasedTools } from "../../rig/released.ts";
import { type Release, releases } from "../../rig/releases.ts";
import { defaultTools } from "../../rig/versions.ts";

const architecture = process.arch === "arm64" ? "arm64" : "amd64";
let folder = "";
const names = ["GO_FRONTEND_CACHE", "GO_FRONTEND_DOWNLOADS"] as const;
const before = names.map((name) => [name, process.env[name]] as const);
let server: Server | undefined;
let lines: string[] = [];
const log = (line: string): void => void lines.push(line);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "released-"));
  for (const name of names) process.env[name] = join(folder, "cache");
  lines = [];
});

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}

/** A file of a release's form, whose programs say their own names. */
function publish(release: Release): Buffer {
  const program = (name: string): string => `#!/bin/sh\necho ${name}\n`;
  const entries = Object.entries(release.programs);
  const [first] = entries;
  if (first?.[1] === ".") return Buffer.from(program(first[0]));
  const work = mkdtempSync(join(folder, "release-"));
  for (const [name, member] of [...entries, ["other", "bin/other"]] as const) {
    mkdirSync(dirname(join(work, member)), { recursive: true });
    writeFileSync(join(work, member), program(name), { mode: 0o755 });
  }
  return execFileSync("tar", ["-c", "-z", "-C", work, ...readdirSync(work)]);
}

function published(): Readonly<{ pinned: readonly Release[]; files: ReadonlyMap<string, Buffer> }> {
  const files = new Map<string, Buffer>();
  const pinned = releases.map((release): Release => {
    const bytes = publish(release);
    files.set(`/${release.path(architecture)}`, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { ...release, sha256: { amd64: sha256, arm64: sha256 } };
  });
  return { pinned, files };
}

describe("released programs", () => {
  test("are fetched once, through redirections as GitHub answers with, checked and put aside", async () => {
    const { pinned, files } = published();
    let asked = 0;
    const base = await serve((request, response) => {
      asked += 1;
      const path = request.url ?? "";
      const file = files.get(path.replace("/stored", ""));
      if (!path.startsWith("/stored")) response.writeHead(302, { location: `/stored${path}` }).end();
      else response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    expect(releasedTools(defaultTools, pinned)).toBeUndefined();
    const tools = await fetchReleased(defaultTools, { log, base, releases: pinned });
    expect(lines.join("\n")).not.toContain("cannot be had");
    expect(
      Object.fromEntries(
        Object.entries(tools ?? {}).map(([name, path]) => [name, execFileSync(path, { encoding: "utf8" })]),
      ),
    ).toEqual(Object.fromEntries(defaultTools.map((name) => [name, `${name}\n`])));
    expect(asked).toBe(8);
    expect(await fetchReleased(defaultTools, { log, base, releases: pinned })).toEqual(tools);
    expect(releasedTools(defaultTools, pinned)).toEqual(tools);
    expect(asked).toBe(8);
  });

  test("that are not the pinned ones are refused, and nothing of them stays", async () => {
    const { pinned, files } = published();
    const base = await serve((request, response) => {
      const path = request.url ?? "";
      const file = files.get(path) ?? Buffer.from("");
      response
        .writeHead(200)
        .end(path.includes("buildx") ? Buffer.concat([file, Buffer.from("# more")]) : file);
    });
    expect(await fetchReleased(["buildx"], { log, base, releases: pinned })).toBeUndefined();
    expect(lines.join("\n")).toMatch(/buildx-v[0-9.]+\.linux-\w+: its SHA-256 is [0-9a-f]{64}, pinned is/);
    expect(readdirSync(join(folder, "cache", "tools"))).toEqual([]);
  });

  test("are given up soon when the server does not answer, answers no, or is not there", async () => {
    const { pinned } = published();
    const silent = await serve(() => undefined);
    expect(
      await fetchReleased(defaultTools, { log, base: silent, releases: pinned, milliseconds: 300 }),
    ).toBeUndefined();
    expect(lines.join("\n")).toContain("no answer in 300 ms");
    server?.closeAllConnections();
    server?.close();
    expect(await fetchReleased(defaultTools, { log, base: silent, releases: pinned })).toBeUndefined();
    expect(lines.join("\n")).toContain("ECONNREFUSED");
    const refusing = await serve((_, response) => response.writeHead(403).end());
    expect(await fetchReleased(defaultTools, { log, base: refusing, releases: pinned })).toBeUndefined();
    expect(lines.join("\n")).toContain("answers 403");
  });

  test("every one is pinned for both architectures, and every default tool is in one", () => {
    for (const { path, sha256, version } of releases) {
      for (const each of ["amd64", "arm64"] as const) {
        expect(sha256[each]).toMatch(/^[0-9a-f]{64}$/);
        expect(path(each)).toContain(version);
      }
      expect(path("amd64")).not.toBe(path("arm64"));
    }
    expect(releases.flatMap(({ programs }) => Object.keys(programs))).toEqual(
      expect.arrayContaining([...defaultTools]),
    );
    expect(readFileSync(join(import.meta.dirname, "..", "..", "rig", "releases.ts"), "utf8")).not.toContain(
      "http://",
    );
  });
});
