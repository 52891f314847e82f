// Where the source comes from, as the client's options say: which sources are asked for, with which session.
import { describe, expect, test } from "vitest";
import { type BuildContext, openContext } from "../../../src/frontend/context/context.ts";
import { createCaps, type GatewayClient, type Reference } from "../../../src/gateway/index.ts";
import {
  local,
  platform as onPlatform,
  sessionID,
  type State,
  viewDefinition,
} from "../../../src/llb/index.ts";
import type { ContextStep } from "../../../src/plan/index.ts";
import { contextStep } from "../../../src/plan/steps/context.ts";
import { isDiagnosticError } from "../../../src/description/index.ts";
import { amd64 } from "../../plan/support.ts";
import { fakeClient, recordingClient, reference, tableOf } from "../support.ts";

interface Asked {
  readonly identifier: string;
  readonly name: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly copies: readonly string[];
}

const description = "# syntax=org/go-frontend\n";
const files = { Dockerfile: description, "service.yaml": description, "go.mod": "module x\n" };

/** The state of files that a step asks for. */
const filesOf = ({ rules, files: of }: BuildContext, paths: readonly string[], role: string): State =>
  of(contextStep(rules, paths, role));

/** The last source of a state, and what is copied out of it. */
function askedOf(state: State): Asked {
  const { ops } = viewDefinition(state.marshal(onPlatform(amd64)));
  const source = ops.find((op) => op.kind === "source");
  const copies = ops.flatMap(({ op }) =>
    op.op === "file"
      ? (op.file.actions ?? []).map((action) =>
          action.action === "copy" ? (action.copy.src ?? "") : (action.action ?? ""),
        )
      : [],
  );
  return {
    identifier: source?.op.op === "source" ? (source.op.source.identifier ?? "") : "",
    attrs: source?.op.op === "source" ? { ...source.op.source.attrs } : {},
    name: source?.name ?? "",
    copies,
  };
}

async function open(
  opts: Readonly<Record<string, string>>,
  {
    answers = {},
    table = files,
    filename = "Dockerfile",
    setBelow,
  }: {
    readonly answers?: Partial<GatewayClient>;
    readonly table?: Readonly<Record<string, string>>;
    readonly filename?: string;
    /** Files below it have a time of whole seconds. */
    readonly setBelow?: string;
  } = {},
) {
  const asked: Asked[] = [];
  const own = 1_700_000_000_000_000_256;
  const timeOf = (path: string): number =>
    path.startsWith(`${setBelow ?? "-"}/`) ? 1_700_000_000 * 1e9 : own;
  const client = recordingClient(tableOf(table), timeOf);
  const solve = (state: State): Promise<Reference> => {
    const source = askedOf(state);
    asked.push(source);
    const list = (name: string): readonly string[] => JSON.parse(source.attrs[name] ?? "[]") as string[];
    // What a local is asked for decides what is there; other sources are whole.
    if (source.identifier !== "local://context") return Promise.resolve(reference(tableOf(table)));
    return client.fetch({
      include: [...list("local.includepattern"), ...list("local.followpaths")],
      exclude: list("local.excludepatterns"),
      content:
        source.attrs["local.metadatatransfer"] === "true" ? list("local.metadatatransferexclude") : undefined,
      role: source.attrs["local.sharedkeyhint"] ?? "",
      anew: source.attrs["local.differ"] === "none",
    });
  };
  const context = await openContext(fakeClient(opts, answers), solve, filename, 1000);
  return { context, asked };
}

const json = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));

describe("a folder of the client", () => {
  test("gives the description and its ignore file in one transfer, and the context's root in another", async () => {
    const { context, asked } = await open({}, { filename: "service.yaml" });
    expect(new TextDecoder().decode(context.description)).toBe(description);
    expect(asked.map(({ identifier, attrs }) => [identifier, json(attrs["local.followpaths"])])).toEqual([
      ["local://dockerfile", ["service.yaml", "service.yaml.dockerignore"]],
      ["local://context", undefined],
    ]);
    expect(asked[1]?.attrs["local.metadatatransfer"]).toBe("true");
    expect(json(asked[1]?.attrs["local.metadatatransferexclude"])).toEqual([
      ".dockerignore",
      "go.mod",
      "go.sum",
      "go.work",
      "go.work.sum",
      "LICENSE",
      "LICENSE.txt",
      "LICENSE.md",
      "LICENCE",
      "COPYING",
    ]);
    // The root is not asked for again.
    expect([...((await context.tree.list("."))?.keys() ?? [])].toSorted()).toEqual([
      "Dockerfile",
      "go.mod",
      "service.yaml",
    ]);
    expect(await context.tree.text("go.mod")).toBe("module x\n");
    expect(asked.length).toBe(2);
  });

  test("has its ignore file alone asked for where a builder cannot send names without content", async () => {
    const { asked } = await open({}, { answers: { llbCaps: createCaps([], []) } });
    expect(asked.map(({ attrs }) => json(attrs["local.followpaths"]))).toEqual([
      ["Dockerfile", "Dockerfile.dockerignore"],
      [".dockerignore"],
    ]);
  });

  test("is of the session that the client told", async () => {
    const { context, asked } = await open({});
    expect(new Set(asked.map(({ attrs }) => attrs["local.session"]))).toEqual(new Set(["session-1"]));
    expect(asked[0]?.name).toBe("[internal] load build definition from Dockerfile");
    expect(context.vertex).toMatch(/^sha256:/);
  });

  test("can be another local, of another session: stdin, inline files, bake", async () => {
    const opts = {
      dockerfilekey: "_dockerfile",
      "local-sessionid:_dockerfile": "session-2",
      "local-sessionid:context": "session-3",
    };
    const { asked } = await open(opts);
    expect(asked.map(({ identifier, attrs }) => [identifier, attrs["local.session"]])).toEqual([
      ["local://_dockerfile", "session-2"],
      ["local://context", "session-3"],
    ]);
  });

  test.each([
    [".dockerignore", { canListOnly: true }],
    [".dockerignore", { canListOnly: false }],
    ["Dockerfile.dockerignore", { canListOnly: true }],
  ])("whose %s is cut by what is read of it is refused (%j)", async (name, { canListOnly }) => {
    const table = { ...files, [name]: "x\n".repeat(1 << 19) + "y" };
    const answers = canListOnly ? {} : { llbCaps: createCaps([], []) };
    await expect(open({}, { table, answers })).rejects.toThrow(`GF084 ${name} is larger than 1048576 bytes`);
    await expect(
      open({}, { table: { ...files, [name]: "#\n".repeat(1 << 19) }, answers }),
    ).resolves.toBeDefined();
  });

  test("with more patterns than fit into a transfer is refused at the line where room ends", async () => {
    const table = {
      ...files,
      ".dockerignore": Array.from({ length: 12_000 }, (_, at) => `x${at}`).join("\n"),
    };
    const { context } = await open({}, { table });
    expect(context.problems[0]?.message).toMatch(/^the 12000 patterns of \.dockerignore/);
  });

  test("is sent in folders where the names of its files are more than a transfer may have", async () => {
    const { context } = await open({});
    const paths = Array.from(
      { length: 20_000 },
      (_, at) => `pkg/p${at % 100}/some_file_of_the_package_${at}.go`,
    );
    const attrs = askedOf(filesOf(context, ["go.mod", ...paths], "build")).attrs;
    const include = json(attrs["local.includepattern"]) as readonly string[];
    expect(include.length).toBeLessThan(13_000);
    expect(include).toContain("go.mod");
    expect(include.filter((path) => /^pkg\/p\d+$/.test(path)).length).toBeGreaterThan(10);
  });

  test("is read without what its ignore file excludes; the description's own ignore file wins", async () => {
    const excluded = async (table: Readonly<Record<string, string>>) => {
      const { context, asked } = await open({}, { table });
      await context.tree.list("internal");
      return json(asked.at(-1)?.attrs["local.excludepatterns"]);
    };
    expect(await excluded(files)).toEqual(["internal/*/*"]);
    expect(await excluded({ ...files, ".dockerignore": "*.md\n!README.md\n" })).toEqual([
      "internal/*/*",
      "*.md",
      "!README.md",
    ]);
    const both = { ...files, ".dockerignore": "*.md\n", "Dockerfile.dockerignore": "/dist\n" };
    expect(await excluded(both)).toEqual(["internal/*/*", "dist"]);
  });

  test("has files sent whole whose times tell nothing: the description, and what planning did not list", async () => {
    const { context, asked } = await open({}, { table: { ...files, "cmd/x/main.go": "package main\n" } });
    expect(asked.map(({ attrs }) => attrs["local.differ"])).toEqual(["none", "none"]);
    const differs = (paths: readonly string[]): string | undefined =>
      askedOf(filesOf(context, paths, "source-x")).attrs["local.differ"];
    expect(differs(["go.mod"])).toBeUndefined();
    expect(differs(["go.mod", "cmd/x/main.go"])).toBe("none");
    await context.tree.list("cmd/x");
    expect(differs(["go.mod", "cmd/x/main.go"])).toBeUndefined();
    expect(differs(["go.mod", "cmd/x"])).toBe("none");
  });

  test("has a folder that is taken whole sent as a listing of it says, which asks for names and no content", async () => {
    const table = {
      ...files,
      "vendor/x.test/a/a.go": "package a\n",
      "vendor/big.bin": "x",
      ".dockerignore": "docs\n",
    };
    const { context, asked } = await open({}, { table });
    const step = (paths: readonly string[]): ContextStep => contextStep(context.rules, paths, "source-x");
    const differs = (paths: readonly string[]): string | undefined =>
      askedOf(context.files(step(paths))).attrs["local.differ"];
    const before = asked.length;
    await context.lookAt([step(["vendor"]), step(["go.mod", "vendor"]), step(["."])]);
    expect(differs(["vendor"])).toBeUndefined();
    expect(differs(["go.mod", "vendor"])).toBeUndefined();
    expect(differs(["."])).toBeUndefined();
    expect(
      asked
        .slice(before)
        .map(({ attrs }) => [
          json(attrs["local.includepattern"]),
          json(attrs["local.excludepatterns"]),
          attrs["local.metadatatransfer"],
          attrs["local.metadatatransferexclude"],
        ]),
    ).toEqual([
      [["vendor"], ["docs"], "true", undefined],
      [undefined, ["docs", ".git"], "true", undefined],
    ]);
    // What was listed is known.
    await context.lookAt([step(["vendor"]), step(["."])]);
    expect(asked).toHaveLength(before + 2);
  });

  test("has a folder that is taken whole sent anew where a file in it has a time that was set, or a listing has no room", async () => {
    const table = { ...files, "vendor/a.go": "package a\n" };
    const differs = async (options: Parameters<typeof open>[1]): Promise<string | undefined> => {
      const { context, asked } = await open({}, { table, ...options });
      const step = contextStep(context.rules, ["vendor"], "vendor");
      await context.lookAt([step]);
      const before = asked.length;
      await context.lookAt([step]);
      expect(asked).toHaveLength(before);
      return askedOf(context.files(step)).attrs["local.differ"];
    };
    expect(await differs({})).toBeUndefined();
    expect(await differs({ setBelow: "vendor" })).toBe("none");
    const many = Array.from({ length: 2_000 }, (_, at) => [`vendor/${"x".repeat(9_000)}${at}`, ""] as const);
    expect(await differs({ table: { ...table, ...Object.fromEntries(many) } })).toBe("none");
  });

  test("has them compared with nothing where a builder cannot be told to send them", async () => {
    const { asked } = await open({}, { answers: { llbCaps: createCaps([], []) } });
    expect(asked.map(({ attrs }) => [attrs["local.differ"], attrs["local.sharedkeyhint"]])).toEqual([
      [undefined, "dockerfile-session-1"],
      [undefined, "context-.dockerignore-session-1"],
    ]);
  });

  test("gives the graph exact files, under a hint of their own", async () => {
    const { context } = await open({}, { table: { ...files, ".dockerignore": "docs\n" } });
    const { attrs, identifier } = askedOf(filesOf(context, ["cmd/x/main.go", "od*d.go"], "source-x"));
    expect(identifier).toBe("local://context");
    expect(json(attrs["local.includepattern"])).toEqual(["cmd/x/main.go", "od\\*d.go"]);
    expect(json(attrs["local.excludepatterns"])).toEqual(["docs"]);
    expect(attrs["local.sharedkeyhint"]).toBe("go-frontend-source-x");
  });
});

describe("a description that cannot be read", () => {
  test.each([
    ["is not there", {}],
    ["is a folder", { "Dockerfile/x": "" }],
  ])("%s", async (_what, table) => {
    const error: unknown = await open({}, { table }).catch((thrown: unknown) => thrown);
    if (!isDiagnosticError(error)) expect.fail(String(error));
    expect(error.diagnostics[0]).toMatchObject({
      code: "GF082",
      help: "name the description with -f FILE (buildctl: --opt filename=FILE)",
    });
  });

  test("is never read whole when it is large", async () => {
    const { context } = await open({}, { table: { Dockerfile: "x".repeat(5000) } });
    expect(context.description).toHaveLength(1000);
  });
});

describe("a git repository", () => {
  const url = "https://git.example/shop.git#v1";
  const resolveSourceMeta = (() =>
    Promise.resolve({
      source: { identifier: "git://", attrs: {} },
      git: { checksum: "abc", ref: "v1" },
    })) as unknown as GatewayClient["resolveSourceMeta"];

  test("holds the description too, and tells its commit", async () => {
    const { context, asked } = await open({ context: url }, { answers: { resolveSourceMeta } });
    expect(new Set(asked.map(({ identifier }) => identifier))).toEqual(
      new Set(["git://git.example/shop.git#v1"]),
    );
    expect(context.commit).toEqual({
      commit: "abc",
      source: "https://git.example/shop.git",
      dirty: false,
    });
    expect(askedOf(filesOf(context, ["main.go"], "source-x")).copies).toEqual(["/"]);
  });

  test("can be narrowed to a folder, named by another option, and keep its .git", async () => {
    const opts = {
      contextkey: "elsewhere",
      elsewhere: url,
      contextsubdir: "services/orders",
      "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR": "1",
    };
    const { asked } = await open(opts, { answers: { resolveSourceMeta } });
    expect(asked[0]?.copies).toEqual(["/services/orders"]);
    expect(asked[0]?.attrs["git.keepgitdir"]).toBe("true");
  });

  test("a query says what a fragment says, and more", async () => {
    const query = "?branch=main&subdir=svc&commit=abc&submodules=0&keep-git-dir";
    const { asked } = await open(
      { context: `https://git.example/shop.git${query}` },
      { answers: { resolveSourceMeta } },
    );
    expect(asked[0]?.identifier).toBe("git://git.example/shop.git#refs/heads/main:svc");
    expect(asked[0]?.attrs).toMatchObject({
      "git.fullurl": "https://git.example/shop.git",
      "git.checksum": "abc",
      "git.skipsubmodules": "true",
      "git.keepgitdir": "true",
    });
  });

  test("a query that makes no sense is told without the token in the URL", async () => {
    const context = "https://me:secret@git.example/shop.git?brnch=main";
    await expect(open({ context }, { answers: { resolveSourceMeta } })).rejects.toThrow(
      'GF081 the build context https://git.example/shop.git?brnch=main: unknown key "brnch"',
    );
  });

  test("is named in progress without the token in the URL", async () => {
    const logNames: unknown[] = [];
    const noting = ((source, options) => {
      logNames.push(options?.logName);
      return resolveSourceMeta(source, options);
    }) as GatewayClient["resolveSourceMeta"];
    const { asked } = await open(
      { context: "https://me:secret@git.example/shop.git" },
      { answers: { resolveSourceMeta: noting } },
    );
    expect([...logNames, ...asked.map(({ name }) => name)]).toEqual([
      "[internal] find the commit of https://git.example/shop.git",
      "[internal] load git source https://git.example/shop.git",
      "[internal] load git source https://git.example/shop.git",
    ]);
  });

  test("keeps its .git only where the option says true", async () => {
    const opts = { context: url, "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR": "false" };
    const { asked } = await open(opts, { answers: { resolveSourceMeta } });
    expect(asked[0]?.attrs["git.keepgitdir"]).toBeUndefined();
  });

  test("with a description from the client", async () => {
    const { asked } = await open(
      { context: url, dockerfilekey: "dockerfile" },
      { answers: { resolveSourceMeta } },
    );
    expect(asked.map(({ identifier }) => identifier)).toEqual([
      "local://dockerfile",
      "git://git.example/shop.git#v1",
    ]);
  });

  test("whose commit the builder cannot tell is built all the same", async () => {
    const failing = (() => Promise.reject(new Error("no"))) as unknown as GatewayClient["resolveSourceMeta"];
    const { context } = await open({ context: url }, { answers: { resolveSourceMeta: failing } });
    expect(context.commit).toBeUndefined();
  });
});

describe("a URL", () => {
  test("of an archive is unpacked", async () => {
    const archive = `\u001f\u008b\u0008`;
    const table = { ...files, context: archive };
    const gzip = (state: State): Promise<Reference> => {
      seen.push(askedOf(state));
      const bytes = new Map(tableOf(table));
      bytes.set("context", Uint8Array.of(0x1f, 0x8b, 0x08));
      return Promise.resolve(reference(bytes));
    };
    const seen: Asked[] = [];
    await openContext(fakeClient({ context: "https://x.example/shop.tar.gz" }), gzip, "Dockerfile", 1000);
    expect(seen[0]?.identifier).toBe("https://x.example/shop.tar.gz");
    expect(seen[1]?.copies).toEqual(["/context"]);
  });

  test("of anything else is the description itself", async () => {
    const { context } = await open(
      { context: "http://x.example/service.yaml" },
      { table: { context: description } },
    );
    expect(new TextDecoder().decode(context.description)).toBe(description);
  });
});

test("results of other builds come as inputs", async () => {
  const input = (name: string) => local(name, sessionID("s")).marshal(onPlatform(amd64)).toPB();
  const inputs = (() =>
    Promise.resolve(
      new Map([
        ["context", input("one")],
        ["dockerfile", input("two")],
      ]),
    )) as unknown as GatewayClient["inputs"];
  const { asked } = await open({}, { answers: { inputs } });
  expect(asked.map(({ identifier }) => identifier)).toEqual(["local://two", "local://one"]);
});
