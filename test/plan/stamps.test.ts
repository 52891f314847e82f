// What a build says of its commit, and where it says that nobody knows.
import { describe, expect, test } from "vitest";
import { type BuildRequest, inspect, planBuild, type Revision } from "../../src/plan/index.ts";
import { formatDiagnostics, parseDescription } from "../../src/description/index.ts";
import type { Repository } from "../../src/facts/index.ts";
import { openFiles } from "../facts/memory-tree.ts";
import { complaintOf, type Files, plainRequest, tool } from "./support.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const TIME = 1_769_851_800;

/** A repository that knows everything. */
const whole: Repository = {
  head: () => Promise.resolve(commit),
  time: () => Promise.resolve(TIME),
  tags: () => Promise.resolve(["nightly", "v1.9.0", "v1.10.0-rc.1", "v1.10.0"]),
  describe: () => Promise.resolve({ tag: "v1.10.0", commits: 3 }),
  source: () => Promise.resolve("https://git.example/tool"),
  version: () => Promise.resolve("v1.10.1-0.20260131093000-0123456789ab"),
  differs: () => Promise.resolve(false),
  unreadPacks: () => Promise.resolve(undefined),
  borrows: () => Promise.resolve(false),
};

interface Asked {
  readonly description?: string;
  readonly files?: Files;
  readonly request?: Partial<BuildRequest>;
  readonly repository?: Repository | undefined;
  readonly absent?: { readonly why: string; readonly help: string };
}

async function planned({ description = "", files = tool, request, repository, absent }: Asked) {
  const text = `# syntax=org/go-frontend\n${description}`;
  const parsed = parseDescription({ filename: "service.yaml", bytes: new TextEncoder().encode(text) });
  if (!parsed.ok) throw new Error(formatDiagnostics(parsed.diagnostics, [parsed.source]));
  let asked = 0;
  const find = () => {
    asked++;
    return Promise.resolve({ repository, absent });
  };
  const all = { ...plainRequest, ...request };
  const inspected = await inspect(parsed.located, openFiles(files), all, { findCommit: find });
  const plan = planBuild(parsed.located, inspected, all);
  const first = plan.service.platforms[0] ?? expect.fail("no platform");
  const [link = expect.fail("no link")] = first.links;
  return { asked, warnings: inspected.warnings, image: first.image, link };
}

/** What stands for a variable, and the warnings about it. */
async function valueOf(name: string, asked: Asked = {}) {
  const { image, warnings } = await planned({
    ...asked,
    description: `${asked.description ?? ""}image:\n  args: ["\${${name}}"]\n`,
  });
  const said = warnings.map(({ code, message, range }) => [code, range?.start.line, message]);
  return { value: image.args[0], said };
}

describe("where everything is known", () => {
  test.each([
    ["git.commit", commit],
    ["git.short", "0123456"],
    ["git.time", "2026-01-31T09:30:00Z"],
    ["git.tag", "v1.10.0"],
    ["git.describe", "v1.10.0-3-g0123456"],
    ["git.dirty", "false"],
    ["git.source", "https://git.example/tool"],
    ["build.time", "2026-01-31T09:30:00Z"],
  ])("%s", async (name, value) => {
    expect(await valueOf(name, { repository: whole, request: { epoch: TIME } })).toEqual({ value, said: [] });
  });
});

test("a stamp that is not in use asks nothing of a repository", async () => {
  expect((await planned({ repository: whole })).asked).toBe(0);
  expect((await planned({ description: "build: { vcs: true }\n", repository: whole })).asked).toBe(1);
});

describe("what the client says", () => {
  const request = { revision: { commit: "fedcba98", source: "https://git.example/told" } };

  test("comes before what is read", async () => {
    expect((await valueOf("git.commit", { repository: whole, request })).value).toBe("fedcba98");
    expect((await valueOf("git.source", { repository: whole, request })).value).toBe(
      "https://git.example/told",
    );
  });

  test("is all that is known without a repository: the rest is unknown, at its line", async () => {
    expect(await valueOf("git.short", { request })).toEqual({ value: "fedcba9", said: [] });
    const absent = {
      why: ".git is excluded by .dockerignore line 3 (.git)",
      help: "write a line `!.git` below it",
    };
    expect(await valueOf("git.time", { request, absent })).toEqual({
      value: "unknown",
      said: [
        [
          "GF048",
          3,
          "`${git.time}` is `unknown`: the commit is known, but not when it was committed: .git is excluded by .dockerignore line 3 (.git)",
        ],
      ],
    });
  });

  test.each<[string, Revision | undefined, string]>([
    ["git.commit", undefined, "nobody tells which commit is built"],
    ["git.source", undefined, "the client tells no URL of the repository"],
    ["build.time", undefined, "the client gives no SOURCE_DATE_EPOCH"],
    [
      "git.dirty",
      { commit, saidDirty: true },
      "the commit is known, but not whether the tree differs from it (docker buildx counts files that git ignores): the builder tells the commit alone",
    ],
    ["git.tag", { commit }, "the commit is known, but not its tags: the builder tells the commit alone"],
  ])("%s of %j", async (name, revision, why) => {
    const { value, said } = await valueOf(name, revision === undefined ? {} : { request: { revision } });
    expect([value, said]).toEqual(["unknown", [["GF048", 3, `\`\${${name}}\` is \`unknown\`: ${why}`]]]);
  });

  test("a tag by which the builder fetched the commit is its tag, and what describes it", async () => {
    const fetched = { request: { revision: { commit, tag: "v1.2.3", dirty: false } } };
    expect((await valueOf("git.tag", fetched)).value).toBe("v1.2.3");
    expect((await valueOf("git.describe", fetched)).value).toBe("v1.2.3");
    expect((await valueOf("git.dirty", fetched)).value).toBe("false");
  });
});

describe("a repository that does not tell all", () => {
  test("says that it borrows what is missing, and is asked for that alone", async () => {
    let asked = 0;
    const borrows = (): Promise<boolean> => {
      asked++;
      return Promise.resolve(true);
    };
    expect((await valueOf("git.time", { repository: { ...whole, borrows } })).said).toEqual([]);
    expect(asked).toBe(0);
    const borrowing = { ...whole, time: () => Promise.resolve(undefined), borrows };
    expect((await valueOf("git.time", { repository: borrowing })).said).toEqual([
      [
        "GF048",
        3,
        "`${git.time}` is `unknown`: the repository borrows objects from another one (.git/objects/info/alternates), and when it was committed lies there",
      ],
    ]);
  });

  test("says why", async () => {
    const large = {
      ...whole,
      time: () => Promise.resolve(undefined),
      unreadPacks: () => Promise.resolve(2 ** 30),
    };
    expect((await valueOf("git.time", { repository: large })).said).toEqual([
      [
        "GF048",
        3,
        "`${git.time}` is `unknown`: the repository's packs have 1024 MiB, and when it was committed may lie in them",
      ],
    ]);
    const bare = { ...whole, tags: () => Promise.resolve([]) };
    expect((await valueOf("git.tag", { repository: bare })).said).toEqual([
      ["GF048", 3, "`${git.tag}` is `unknown`: the commit has no tag"],
    ]);
  });
});

describe("a tree that differs from the commit", () => {
  const changed = { ...whole, differs: () => Promise.resolve(true) };
  const untold = { ...whole, differs: () => Promise.resolve(undefined) };
  const policy = (dirty: string): string => `build: { dirty: ${dirty}, vcs: true }\n`;

  test("is marked", async () => {
    expect((await valueOf("git.describe", { repository: changed })).value).toBe("v1.10.0-3-g0123456-dirty");
    const { link } = await planned({ description: policy("mark"), repository: changed });
    expect(link.vcs).toMatchObject({
      modified: true,
      version: "v1.10.1-0.20260131093000-0123456789ab+dirty",
    });
  });

  test("is passed over where that is asked for, and is not said to be clean", async () => {
    const asked = { description: policy("ignore"), repository: changed };
    expect((await valueOf("git.describe", asked)).value).toBe("v1.10.0-3-g0123456");
    expect((await valueOf("git.dirty", asked)).value).toBe("true");
    const { link } = await planned(asked);
    expect(link.vcs).not.toHaveProperty("modified");
    expect(link.vcs?.version).toBe("v1.10.1-0.20260131093000-0123456789ab");
  });

  test("is refused where that is asked for, and so is one of which nobody can tell", async () => {
    const refused = (repository: Repository): Promise<string> =>
      complaintOf(planned({ description: policy("fail"), repository }));
    expect(await refused(changed)).toBe(
      `service.yaml:2:17: GF048 the tree differs from the commit ${commit}, and \`dirty: fail\` builds committed files only\nhelp: commit the changes, or write \`dirty: mark\``,
    );
    expect(await refused(untold)).toContain("nobody tells whether the tree is as it was committed");
    expect((await planned({ description: policy("fail"), repository: whole })).warnings).toEqual([]);
  });

  test("of which nobody can tell is not marked, and has no version", async () => {
    const asked = { description: policy("mark"), repository: untold };
    expect((await valueOf("git.describe", asked)).value).toBe("v1.10.0-3-g0123456");
    expect((await planned(asked)).link.vcs).toEqual({ revision: commit, time: "2026-01-31T09:30:00Z" });
  });
});

describe("the build information", () => {
  const reader = {
    ...tool,
    "main.go":
      'package main\n\nimport "runtime/debug"\n\nfunc main() { info, _ := debug.ReadBuildInfo(); println(info) }\n',
  };
  const withC = {
    ...tool,
    "main.go":
      'package main\n\nimport "C"\nimport "runtime/debug"\n\nfunc main() { info, _ := debug.ReadBuildInfo(); println(info) }\n',
  };
  const printer = {
    ...tool,
    "main.go": 'package main\n\nimport "runtime/debug"\n\nfunc main() { debug.PrintStack() }\n',
  };
  const stamp = {
    revision: commit,
    time: "2026-01-31T09:30:00Z",
    modified: false,
    version: "v1.10.1-0.20260131093000-0123456789ab",
  };

  test.each<[string, Asked, unknown]>([
    ["a program that reads it has the commit", { files: reader }, stamp],
    ["so has one with C in that file", { files: withC, description: "build: { cgo: true }\n" }, stamp],
    ["another that imports the package has not", { files: printer }, undefined],
    ["any other has not", {}, undefined],
    ["but where it is asked for", { description: "build: { vcs: true }\n" }, stamp],
    ["nor where it is refused", { files: reader, description: "build: { vcs: false }\n" }, undefined],
  ])("%s", async (_name, asked, expected) => {
    expect((await planned({ ...asked, repository: whole })).link.vcs).toEqual(expected);
  });

  test("has no commit of a form that git does not write", async () => {
    const asked = { description: "build: { vcs: true }\n", request: { revision: { commit: "HEAD" } } };
    expect((await planned(asked)).link.vcs).toBeUndefined();
  });
});

describe("a file that stands for a variable", () => {
  const files = {
    ...tool,
    VERSION: " 1.4.2\n\n",
    "sub/VERSION": "2.0.0",
    "two.txt": "a\nb\n",
    empty: "\n",
    long: "x".repeat(5000),
  };
  const refused = (name: string): Promise<string> => complaintOf(valueOf(`file:${name}`, { files }));

  test("gives its line", async () => {
    expect(await valueOf("file:VERSION", { files })).toEqual({ value: "1.4.2", said: [] });
    expect((await valueOf("file:./sub/VERSION", { files })).value).toBe("2.0.0");
    const { image } = await planned({
      files,
      description: 'image: { labels: { org.opencontainers.image.version: "v${file:VERSION}" } }\n',
    });
    expect(image.labels["org.opencontainers.image.version"]).toBe("v1.4.2");
  });

  test.each([
    ["VERSIO", "GF046 the file VERSIO is not in the build context"],
    ["sub", "GF046 the file sub is a directory"],
    ["two.txt", "GF046 the file two.txt holds more than a line of text"],
    ["empty", "GF046 the file empty is empty"],
    ["long", "GF046 the file long has 5000 bytes; 4096 are the most"],
  ])("%s is refused, at the value", async (name, message) => {
    expect(await refused(name)).toContain(`service.yaml:3:10: ${message}`);
  });

  test.each(["../VERSION", "/etc/passwd", ""])(
    "%j is refused where the description is read",
    async (name) => {
      await expect(valueOf(`file:${name}`, { files })).rejects.toThrow(/GF042 the path of a file/);
    },
  );
});
