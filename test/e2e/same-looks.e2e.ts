// BuildKit takes a file of a folder for one that it has when name, size, mode and time are the same, whichever folder of
// whichever client it had that one from (src/frontend/context/file-times.ts). Files that look alike must not pass for each other.
import { lutimesSync, mkdtempSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { type Files, project } from "./support/project.ts";
import { run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const frontend = pinnedFrontend(rig, inject("frontend"));
const syntax = `# syntax=${frontend}`;
const work = scratchDir();
let clients: Clients;
beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(() => work.remove());

/** A folder some of whose files have one time of whole seconds, as archives and tools that clamp times leave them. */
function folder(files: Files, isClamped: (path: string) => boolean = () => true): string {
  // docker buildx names a folder by its last name.
  const parent = mkdtempSync(join(work.path, "tenant-"));
  const dir = join(parent, "app");
  renameSync(project(parent, files), dir);
  for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
    if (isClamped(name)) lutimesSync(join(dir, name), 1_600_000_000, 1_600_000_000);
  }
  return dir;
}

const printing = (says: string): string =>
  `package main\n\nfunc main() { println(${JSON.stringify(says)}) }\n`;

interface Built {
  /** What the program prints. */
  readonly says: string;
  /** Bytes that the client sent, names and times of files included. */
  readonly sent: number;
}

type Build = (folder: string) => Promise<Built>;

interface Progress {
  readonly statuses?: readonly { readonly vertex: string; readonly id: string; readonly current: number }[];
}

/** Reads what `--progress=rawjson` prints; of a transfer the last count is its sum. */
function sentIn(progress: string): number {
  const sums = new Map<string, number>();
  for (const line of progress.split("\n").filter((each) => each.startsWith("{"))) {
    for (const { vertex, id, current } of (JSON.parse(line) as Progress).statuses ?? []) {
      if (id.startsWith("transferring ")) sums.set(vertex, Math.max(sums.get(vertex) ?? 0, current));
    }
  }
  return [...sums.values()].reduce((sum, bytes) => sum + bytes, 0);
}

const buildctl: Build = async (dir) => {
  const out = mkdtempSync(join(work.path, "out-"));
  const args = [
    "build",
    "--progress=rawjson",
    "--frontend=gateway.v0",
    `--opt=source=${frontend}`,
    "--opt=filename=service.yaml",
    "--opt=target=binary",
    `--local=context=${dir}`,
    `--local=dockerfile=${dir}`,
    `--output=type=local,dest=${out}`,
  ];
  const { stderr } = await succeeded(clients.buildctl(args));
  return { says: (await run(join(out, "app"), [])).stderr.trim(), sent: sentIn(stderr) };
};

const buildx: Build = async (dir) => {
  const out = mkdtempSync(join(work.path, "out-"));
  const file = join(dir, "service.yaml");
  const args = [
    "build",
    "--progress=rawjson",
    "-f",
    file,
    "--target=binary",
    `--output=type=local,dest=${out}`,
  ];
  const { stderr } = await succeeded(clients.buildx([...args, dir]));
  return { says: (await run(join(out, "app"), [])).stderr.trim(), sent: sentIn(stderr) };
};

describe.each([
  ["buildctl", buildctl],
  ["docker buildx", buildx],
])("files of two folders with the same names, sizes and times: %s", (_client, build) => {
  const description = `${syntax}\nname: app\n`;

  test("the source", async () => {
    for (const says of ["tenant one", "tenant two"]) {
      const dir = folder({ "service.yaml": description, "main.go": printing(says) });
      expect((await build(dir)).says).toBe(says);
    }
  });

  test("the source of a folder whose other files have times of their own, and what it imports", async () => {
    for (const says of ["one", "two"]) {
      const files = {
        "service.yaml": `${description}main: ./cmd/app\n`,
        "main.go": undefined,
        "cmd/app/main.go": `package main\n\nimport "example.com/hello/${says}"\n\nfunc main() { println(text.Says) }\n`,
        [`${says}/text.go`]: `package text\n\nconst Says = "${says}"\n`,
      };
      expect((await build(folder(files, (path) => path.startsWith("cmd/app")))).says).toBe(says);
    }
  });

  test("the description", async () => {
    for (const says of ["one", "two"]) {
      const dir = folder({
        "service.yaml": `${description}build: { vars: { main.says: "${says}" } }\n`,
        "main.go": "package main\n\nvar says string\n\nfunc main() { println(says) }\n",
      });
      expect((await build(dir)).says).toBe(says);
    }
  });
});

const text = (says: string): string => `package text\n\nconst Says = "${says}"\n`;
const main = (path: string): string =>
  `package main\n\nimport "${path}"\n\nfunc main() { println(text.Says) }\n`;
/** Many bytes that no compiler reads. */
const HEAVY = "x".repeat(2_000_000);

/** Folders that are taken whole: no listing of planning tells of all that is in them. */
describe.each<readonly [string, (says: string) => Files, string]>([
  [
    "a vendor directory",
    (says) => ({
      "go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire other.test/lib v1.0.0\n",
      "main.go": main("other.test/lib/text"),
      "vendor/modules.txt": "# other.test/lib v1.0.0\n## explicit; go 1.26\nother.test/lib/text\n",
      "vendor/other.test/lib/text/text.go": text(says),
      "vendor/other.test/lib/heavy.txt": HEAVY,
    }),
    "vendor/other.test/lib/text/text.go",
  ],
  [
    "a folder in the place of files whose names have no room in a transfer",
    (says) => ({
      "main.go": `package main\n\nimport _ "embed"\nimport "embed"\nimport "example.com/hello/text"\n\n//go:embed data\nvar data embed.FS\n\nfunc main() { files, _ := data.ReadDir("data"); println(text.Says, len(files)) }\n`,
      "text/text.go": text(says),
      "data/heavy.txt": HEAVY,
      ...Object.fromEntries(
        Array.from({ length: 4_500 }, (_, at) => [`data/${"long-".repeat(40)}${at}.txt`, "x"]),
      ),
    }),
    "text/text.go",
  ],
  [
    "a tree that is too large to be followed",
    (says) => ({
      "main.go": main("example.com/hello/text"),
      "text/text.go": text(says).replace("\n\n", '\n\nimport _ "example.com/hello/large"\n\n'),
      "large/large.go": `// ${"x".repeat(2_200_000)}\npackage large\n`,
    }),
    "text/text.go",
  ],
])("%s", (_what, filesFor, source) => {
  const files = (says: string): Files => ({
    ...filesFor(says),
    "service.yaml": `${syntax}\nname: app\n`,
  });

  test("of two folders that look alike: what is built is what its source says", async () => {
    for (const says of ["one", "two"]) {
      const built = await buildctl(folder(files(says), (path) => path === source));
      expect(built.says.split(" ")[0]).toBe(says);
    }
  });

  test("is sent once where its files have times of their own, and an edited file of it again", async () => {
    const dir = folder(files("one"), () => false);
    const first = await buildctl(dir);
    const second = await buildctl(dir);
    writeFileSync(join(dir, source), filesFor("six")[source] ?? "");
    const third = await buildctl(dir);
    console.log(`sent: ${first.sent} bytes, then ${second.sent}, after an edit ${third.sent}`);
    expect([first, second, third].map(({ says }) => says.split(" ")[0])).toEqual(["one", "one", "six"]);
    // Names and times are sent each time.
    for (const { sent } of [second, third]) expect(first.sent - sent).toBeGreaterThan(HEAVY.length);
  });
});
