// The import direction of docs/architecture.md, read from the sources: what a room may use stands in one table.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

interface Rule {
  /** Rooms it may import, each through its index.ts. */
  readonly uses: readonly string[];
  /** Same input, same output: no files, network, processes, environment, clock or chance. */
  readonly pure: boolean;
  /** npm packages it may import. */
  readonly packages: readonly string[];
  /** Files that are the room's one door to the machine. */
  readonly impureFiles?: readonly string[];
}

const rooms: Readonly<Record<string, Rule>> = {
  proto: { uses: [], pure: true, packages: ["protobufjs"] },
  oci: { uses: [], pure: true, packages: [] },
  llb: { uses: ["oci", "proto"], pure: true, packages: [] },
  http2: { uses: [], pure: false, packages: [] },
  gateway: { uses: ["http2", "oci", "proto"], pure: false, packages: [] },
  "grpc-js": { uses: ["gateway"], pure: false, packages: ["@grpc/grpc-js"] },
  description: { uses: ["oci"], pure: true, packages: ["yaml", "zod"] },
  facts: {
    uses: ["description", "oci"],
    pure: true,
    packages: [],
    impureFiles: ["folder-tree.ts", "rounds.ts"],
  },
  plan: { uses: ["facts", "description", "oci"], pure: true, packages: [] },
  graph: { uses: ["plan", "facts", "description", "llb", "oci"], pure: true, packages: [] },
  frontend: {
    uses: ["graph", "plan", "facts", "description", "gateway", "grpc-js", "llb", "oci"],
    pure: false,
    packages: [],
  },
  cli: { uses: ["graph", "plan", "facts", "description", "llb", "oci"], pure: false, packages: [] },
};

const impureModules = new Set(
  ["fs", "fs/promises", "net", "tls", "dgram", "dns", "http", "https", "http2", "child_process"]
    .concat(["cluster", "os", "process", "readline", "timers", "tty", "v8", "vm", "worker_threads"])
    .map((name) => `node:${name}`),
);
const impureWords = [
  /\bprocess\s*\./,
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /\bperformance\.now\b/,
  /\bMath\.random\b/,
  /\brandom(?:Bytes|UUID|Int)\b/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  // A call of the global one, not a method of that name.
  /(?:\bawait|\breturn|[=(,?:])[ \t]*fetch\(/,
];

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "src");

interface SourceFile {
  readonly room: string;
  /** Path below the room. */
  readonly name: string;
  readonly code: string;
  readonly imports: readonly string[];
}

const files: readonly SourceFile[] = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.startsWith(join("proto", "generated")))
  .map((path) => {
    const [room = "", ...rest] = path.split(/[\\/]/);
    const code = withoutComments(readFileSync(join(src, path), "utf8"));
    return { room, name: rest.join("/"), code, imports: importsOf(code) };
  });

describe.each(Object.entries(rooms))("%s", (room, rule) => {
  const own = files.filter((file) => file.room === room);

  test("imports only the rooms below it, through their index.ts", () => {
    const wrong = own.flatMap((file) =>
      file.imports
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => ({ specifier, target: target(file, specifier) }))
        .filter(({ target: { room: other, name } }) => {
          if (other === room) return false;
          return !rule.uses.includes(other) || name !== "index.ts";
        })
        .map(({ specifier }) => `${room}/${file.name} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test("imports only its own npm packages", () => {
    const wrong = own.flatMap((file) =>
      file.imports
        .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
        .filter(
          (specifier) =>
            !rule.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
        )
        .map((specifier) => `${room}/${file.name} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  if (!rule.pure) return;
  test("does not touch the machine", () => {
    const wrong = own
      .filter((file) => rule.impureFiles?.includes(file.name) !== true)
      .flatMap((file) => [
        ...file.imports
          .filter((specifier) => impureModules.has(specifier))
          .map((name) => `${file.name}: ${name}`),
        ...impureWords.filter((word) => word.test(file.code)).map((word) => `${file.name}: ${word.source}`),
      ]);
    expect(wrong).toEqual([]);
  });
});

/** The rooms within `llb`, and which of them each may use. */
const llbRooms: Readonly<Record<string, readonly string[]>> = {
  names: [],
  graph: ["names"],
  marshal: ["graph", "names"],
  state: ["marshal", "graph", "names"],
  view: ["marshal", "graph", "names"],
};

test("within llb, a file imports only the rooms below its own", () => {
  const wrong = files
    .filter(({ room, name }) => room === "llb" && name !== "index.ts")
    .flatMap((file) => {
      const inner = file.name.split("/")[0] ?? "";
      return file.imports
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => target(file, specifier))
        .filter(({ room, name }) => {
          const other = name.split("/")[0] ?? "";
          return room === "llb" && other !== inner && llbRooms[inner]?.includes(other) !== true;
        })
        .map(({ name }) => `llb/${file.name} imports llb/${name}`);
    });
  expect(wrong).toEqual([]);
});

test.each(Object.keys(rooms))(
  "within %s, no file imports itself by a detour, not even its types",
  (inner) => {
    const inRoom = files.filter(({ room }) => room === inner);
    const imports = new Map(
      inRoom.map((file) => [
        file.name,
        file.imports
          .filter((specifier) => specifier.startsWith("."))
          .map((specifier) => target(file, specifier))
          .flatMap(({ room, name }) => (room === inner ? [name] : [])),
      ]),
    );
    const reached = (from: string): ReadonlySet<string> => {
      const found = new Set<string>();
      const left = [from];
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        for (const next of imports.get(name) ?? []) {
          if (found.has(next)) continue;
          found.add(next);
          left.push(next);
        }
      }
      return found;
    };
    expect(inRoom.map(({ name }) => name).filter((name) => reached(name).has(name))).toEqual([]);
  },
);

test("every file of src stands in a room of the table", () => {
  expect(files.filter((file) => !(file.room in rooms) || file.name === "").map((file) => file.room)).toEqual(
    [],
  );
});

test("the table has no cycle", () => {
  const reaches = (from: string, goal: string): boolean => {
    return rooms[from]?.uses.some((next) => next === goal || reaches(next, goal)) ?? false;
  };
  expect(Object.keys(rooms).filter((room) => reaches(room, room))).toEqual([]);
});

test("the readers of this test see what they must", () => {
  const code = withoutComments(`
    import type { A } from "../a/index.ts"; // import "no"
    import {
      b,
    } from "node:fs";
    export * from "./c.ts";
    import "./d.ts";
    export const from = ["import", "from", "x"].map((name) => "export");
    const e = await import("./e.ts"); /* process.env */
    const url = "https://example.com/";
  `);
  expect(importsOf(code)).toEqual(["../a/index.ts", "node:fs", "./c.ts", "./d.ts", "./e.ts"]);
  expect(code).not.toContain("process.env");
  expect(code).toContain("https://example.com/");
});

function target(file: SourceFile, specifier: string): { room: string; name: string } {
  const path = normalize(join(src, file.room, dirname(file.name), specifier));
  const [room = "", ...rest] = relative(src, path).split(/[\\/]/);
  return { room, name: rest.join("/") };
}

function importsOf(code: string): string[] {
  const form = /(?:^[ \t]*(?:import|export)\b(?:[\w\s{},*$]*\bfrom)?|\bimport\()\s*(["'])([^"'\n]+)\1/gm;
  return [...code.matchAll(form)].map((match) => match[2] ?? "");
}

/** Blanks comments and keeps strings; a regular expression literal with quotes in it is not understood. */
function withoutComments(code: string): string {
  const token = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return code.replace(token, (_whole, text: string | undefined) => text ?? " ");
}

test("comments cite no document that the repository does not have", () => {
  const root = join(src, "..");
  const folders = ["src", "test", "rig", "scripts", "frontend-image", "proto", "bench"];
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(?:ts|mjs|go|proto)$/.test(path) && !path.includes("generated"))
      .map((path) => join(folder, path)),
  );
  // A document in a comment; `owner/repository:path` is one of another repository, and was left out.
  const citation = /^(?:\s*\*|.*\/\/) .*?(?<![\w./:-])([\w./-]+\.md)\b/gm;
  const documents = new Set(
    ["", "docs/", "docs/benchmarks/"].flatMap((folder) =>
      readdirSync(join(root, folder))
        .map((name) => [name, `${folder}${name}`])
        .flat(),
    ),
  );
  const wrong = sources.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(citation)]
      .filter(([, document = ""]) => !documents.has(document.replace(/^(?:\.\.?\/)+/, "")))
      .map(([, document = ""]) => `${path}: ${document}`),
  );
  expect(wrong).toEqual([]);
});
