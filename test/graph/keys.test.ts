// What a vertex's key holds, and what it must not hold. Keys decide what is built again: here they are compared
// without a daemon, before and after an edit. Of files of the build context the key is their content, which
// BuildKit adds; the digest here holds the exact list of their names.
import { afterEach, describe, expect, test, vi } from "vitest";
import type { BuildRequest } from "../../src/plan/index.ts";
import type { OpNode } from "../../src/llb/index.ts";
import {
  argumentsOf,
  changes,
  type Files,
  graphOf,
  keysOf,
  type Planned,
  planFiles,
  shop,
  stageOf,
  stepKeys,
  sums,
  tool,
  verticesOf,
} from "../plan/support.ts";

const argumentsOfAll = (nodes: readonly OpNode[]): readonly string[] =>
  nodes.flatMap((node) => argumentsOf(node, nodes));

const steps = (planned: Planned) => stepKeys(verticesOf(graphOf(planned)));

const ofOrders = (files: Files, request: Partial<BuildRequest> = {}): Promise<Planned> =>
  planFiles(files, { target: "orders", ...request });

/** Steps whose keys are others after files were added, replaced or (undefined) removed. */
async function afterEdit(
  edit: Readonly<Record<string, string | undefined>>,
  request: Partial<BuildRequest> = {},
): Promise<readonly string[]> {
  const edited = Object.fromEntries(
    Object.entries({ ...shop, ...edit }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return changes(steps(await ofOrders(shop)), steps(await ofOrders(edited, request)));
}

const append = (path: keyof typeof shop, text: string): Record<string, string> => ({
  [path]: `${shop[path]}${text}`,
});

test("the graph has these steps", async () => {
  expect(Object.keys(steps(await ofOrders(shop))).toSorted()).toEqual([
    "build linux/amd64",
    "deps linux/amd64",
    "helper",
    "modules",
    "rootfs",
    "std linux/amd64",
  ]);
});

describe("an edit that matters to no definition", () => {
  test.each([
    ["the main package", append("cmd/orders/main.go", "\nfunc unused() {}\n")],
    ["a leaf package", append("internal/money/money.go", "\nconst Max = 1\n")],
    ["the README", append("README.md", "more\n")],
    ["a test", append("internal/store/store_test.go", "\nfunc TestMore(t *testing.T) {}\n")],
    ["a new test file", { "internal/store/more_test.go": "package store_test\n" }],
    ["another service", append("cmd/worker/main.go", "\nfunc unused() {}\n")],
    ["a package of another service", append("internal/job/job.go", "\nconst Max = 1\n")],
    ["a new package that nobody imports", { "internal/next/next.go": "package next\n" }],
    ["a file for another system", { "internal/money/money_windows.go": "package money\n" }],
    ["documents and data", { "docs/x.md": "x", "internal/money/data.json": "{}", Makefile: "all:\n" }],
    ["a file that go ignores", { "internal/money/_draft.go": "package money\n" }],
  ])("%s", async (_what, edit) => {
    expect(await afterEdit(edit)).toEqual([]);
  });
});

describe("files are named exactly", () => {
  const namedFiles = async (files: Files, target = "orders"): Promise<readonly string[]> => {
    const nodes = verticesOf(graphOf(await planFiles(files, { target })));
    return nodes.flatMap(({ op }) => {
      const patterns = op.op === "source" ? op.source.attrs?.["local.includepattern"] : undefined;
      return patterns === undefined ? [] : (JSON.parse(patterns) as string[]);
    });
  };

  test("the service's closure and nothing else", async () => {
    expect(await namedFiles(shop)).toEqual([
      "cmd/orders/main.go",
      "go.mod",
      "go.sum",
      "internal/money/money.go",
      "internal/store/store.go",
    ]);
    expect(await namedFiles(shop, "worker")).toEqual([
      "cmd/worker/main.go",
      "go.mod",
      "go.sum",
      "internal/job/job.go",
      "internal/money/money.go",
    ]);
  });

  test("in a tree of thousands of files as well", async () => {
    const crowd = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`pkg${index % 100}/f${index}.go`, "package x\n"]),
    );
    expect(await namedFiles({ ...crowd, ...shop })).toEqual(await namedFiles(shop));
  });

  test("and the vendor folder, from which go compiles what is not the service's own", async () => {
    const vendored = {
      "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
      "go.sum": sums("github.com/google/uuid v1.6.0"),
      "main.go": 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n',
      "vendor/modules.txt": "# github.com/google/uuid v1.6.0\n## explicit\ngithub.com/google/uuid\n",
      "vendor/github.com/google/uuid/uuid.go": "package uuid\n",
    };
    const nodes = verticesOf(graphOf(await planFiles(vendored)));
    const build = nodes.find(({ kind, name }) => kind === "exec" && stageOf(name).startsWith("build"));
    const inputs = nodes.filter(({ digest }) => build?.inputs.some((input) => input.digest === digest));
    const patterns = inputs.flatMap(({ op }) =>
      op.op === "source" ? [op.source.attrs?.["local.includepattern"]] : [],
    );
    expect(patterns).toContain('["go.mod","go.sum","main.go","vendor"]');
  });

  test("no source is taken whole", async () => {
    for (const { op } of verticesOf(graphOf(await ofOrders(shop)))) {
      if (op.op !== "source" || !(op.source.identifier ?? "").startsWith("local://")) continue;
      expect(op.source.attrs?.["local.includepattern"] ?? "[]").not.toBe("[]");
    }
  });
});

describe("an edit that matters changes what it must, and nothing before it", () => {
  test("a new import of a package of the service's own: the last step", async () => {
    const edit = {
      "internal/next/next.go": "package next\n",
      "internal/money/money.go":
        'package money\n\nimport _ "example.com/shop/internal/next"\n\nconst Port = ":1"\n',
    };
    expect(await afterEdit(edit)).toEqual(["build linux/amd64"]);
  });

  test("a new import of the standard library: nothing that is compiled ahead", async () => {
    const edit = { "internal/money/money.go": 'package money\n\nimport _ "time"\n\nconst Port = ":1"\n' };
    expect(await afterEdit(edit)).toEqual([]);
  });

  test("a new import of a package of a known module: what is compiled of modules, not their download", async () => {
    const edit = {
      "internal/money/money.go":
        'package money\n\nimport _ "github.com/go-chi/chi/v5/middleware"\n\nconst Port = ":1"\n',
    };
    // What both services import comes first, and what orders imports beside it stands on that.
    expect(await afterEdit(edit)).toEqual(["build linux/amd64", "deps linux/amd64", "deps linux/amd64 #2"]);
  });

  test("a new version of a module: download and what follows, never the standard library", async () => {
    const edit = {
      "go.mod": shop["go.mod"].replace("uuid v1.6.0", "uuid v1.6.1"),
      "go.sum": sums("github.com/go-chi/chi/v5 v5.2.0", "github.com/google/uuid v1.6.1"),
    };
    expect(await afterEdit(edit)).toEqual(["build linux/amd64", "deps linux/amd64", "modules"]);
  });

  test("a line of go.sum: the same", async () => {
    expect(await afterEdit(append("go.sum", sums("golang.org/x/text v0.1.0")))).toEqual([
      "build linux/amd64",
      "deps linux/amd64",
      "modules",
    ]);
  });

  test("a PGO profile: everything that is compiled but the helper, no download", async () => {
    expect(await afterEdit({ "cmd/orders/default.pgo": "profile" })).toEqual([
      "build linux/amd64",
      "deps linux/amd64",
      "std linux/amd64",
    ]);
  });

  test("linker variables and stripping: the last step", async () => {
    expect(await afterEdit({}, { buildArgs: { version: "1.2.3" } })).toEqual(["build linux/amd64"]);
    const edit = { "service.yaml": shop["service.yaml"].replace("build:\n", "build:\n  strip: false\n") };
    expect(await afterEdit(edit)).toEqual(["build linux/amd64"]);
  });

  test("build tags: what tags can choose among", async () => {
    const edit = { "service.yaml": shop["service.yaml"].replace("build:\n", "build:\n  tags: [netgo]\n") };
    expect(await afterEdit(edit)).toEqual(["build linux/amd64", "deps linux/amd64"]);
  });

  test("the Go release: everything", async () => {
    const edit = { "service.yaml": shop["service.yaml"].replace("args:", 'go: "1.27"\nargs:') };
    const all = Object.keys(steps(await ofOrders(shop))).toSorted();
    expect(await afterEdit(edit)).toEqual(all);
  });

  test("SOURCE_DATE_EPOCH: what carries the time, nothing that is compiled ahead", async () => {
    expect(await afterEdit({}, { epoch: 1_700_000_000 })).toEqual(["build linux/amd64", "rootfs"]);
  });

  test("the image's user: the user list", async () => {
    const edit = { "service.yaml": `${shop["service.yaml"]}image: { user: 1000 }\n` };
    expect(await afterEdit(edit)).toEqual(["rootfs"]);
  });
});

describe("what is in no key", () => {
  test("labels, environment, ports, arguments and entrypoint of the image", async () => {
    const image =
      "image: { env: { A: b }, ports: [8080], args: [x], entrypoint: [orders, x], labels: { com.example.a: b }, workdir: /w }";
    const described = shop["service.yaml"].replace("main: ./cmd/orders", `$&, ${image}`);
    const after = await ofOrders(
      { ...shop, "service.yaml": described },
      { labels: { "com.example.client": "x" }, revision: { commit: "abc", source: "https://git.example/x" } },
    );
    const all = (planned: Planned) => keysOf(verticesOf(graphOf(planned)));
    expect(changes(all(await ofOrders(shop)), all(after))).toEqual([]);
  });

  test("the place in the description: a comment above moves every line and changes no digest", async () => {
    const moved = { ...shop, "service.yaml": shop["service.yaml"].replace("args:", "# words\n\nargs:") };
    const all = (planned: Planned) => keysOf(verticesOf(graphOf(planned)));
    expect(changes(all(await ofOrders(shop)), all(await ofOrders(moved)))).toEqual([]);
  });

  test("the project, where nothing of it is: two projects share helper, standard library and user list", async () => {
    const one = steps(await ofOrders(shop));
    const other = {
      ...shop,
      "go.mod": shop["go.mod"].replace("example.com/shop", "example.com/other"),
      "go.sum": shop["go.sum"],
      "service.yaml": "# syntax=org/go-frontend\nname: other\nmain: .\n",
      "main.go": 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n',
    };
    const two = steps(await planFiles(other));
    expect(changes(one, two)).toEqual(["build linux/amd64", "deps linux/amd64", "modules"]);
  });

  test("no cache: it is said beside the op", async () => {
    const planned = await ofOrders(shop);
    const uncached = stepKeys(verticesOf(graphOf(planned, { noCache: [] })));
    expect(changes(steps(planned), uncached)).toEqual([]);
  });
});

describe("what is shared", () => {
  test("by services of one description: all but the last step, and what one alone imports", async () => {
    const ofTwo = async (files: Files): Promise<readonly string[]> =>
      changes(steps(await ofOrders(files)), steps(await planFiles(files, { target: "worker" })));
    expect(await ofTwo(shop)).toEqual(["build linux/amd64", "deps linux/amd64"]);
    const job = shop["internal/job/job.go"];
    const same = {
      ...shop,
      "internal/job/job.go": job.replace('import "', 'import _ "github.com/go-chi/chi/v5"\nimport "'),
      "internal/store/store.go": `${shop["internal/store/store.go"]}\nvar _ = uuid.Nil\n`.replace(
        'import "net/http"',
        'import (\n\t"net/http"\n\n\t"github.com/google/uuid"\n)',
      ),
    };
    expect(await ofTwo(same)).toEqual(["build linux/amd64"]);
  });

  test("by platforms of one build: helper, modules and user list", async () => {
    const platforms = [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ];
    const both = steps(await ofOrders(shop, { platforms }));
    expect(Object.keys(both).toSorted()).toEqual([
      "build linux/amd64",
      "build linux/arm64",
      "deps linux/amd64",
      "deps linux/arm64",
      "helper",
      "modules",
      "rootfs",
      "std linux/amd64",
      "std linux/arm64",
    ]);
    for (const platform of platforms) {
      const alone = steps(await ofOrders(shop, { platforms: [platform] }));
      expect(Object.keys(alone).filter((name) => alone[name] !== both[name])).toEqual([]);
    }
  });

  test("by image and bare executable: everything that is compiled", async () => {
    const image = steps(await planFiles(tool));
    const binary = steps(await planFiles(tool, { target: "binary" }));
    expect(changes(image, binary)).toEqual(["rootfs"]);
  });
});

describe("a cache namespace", () => {
  const login = { ...shop, "service.yaml": `${shop["service.yaml"]}modules: { auth: { netrc: netrc } }\n` };
  const argv = async (files: Files, cacheNamespace: string): Promise<readonly string[]> =>
    argumentsOfAll(verticesOf(graphOf(await ofOrders(files, { cacheNamespace }))));

  test("is in the key of a download with a login: what it fetches is one tenant's", async () => {
    const [one, other] = [await argv(login, "one"), await argv(login, "other")];
    const changed = one.filter((each, index) => each !== other[index]);
    expect(changed).toEqual([expect.stringMatching(/^-tenant=[0-9a-f]{32}$/)]);
    expect(await argv(login, "one")).toEqual(one);
  });

  test("is in no other command", async () => {
    expect(await argv(shop, "one")).toEqual(await argv(shop, ""));
  });
});

describe("nothing of the machine", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });

  test("its environment, its clock, its folder", async () => {
    const all = async () => keysOf(verticesOf(graphOf(await ofOrders(shop))));
    const before = await all();
    for (const name of ["HOME", "USER", "LANG", "TZ", "GOFLAGS", "GOOS", "GOPROXY", "HTTP_PROXY", "PWD"]) {
      vi.stubEnv(name, "/elsewhere");
    }
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2038-01-19T03:14:08Z") });
    const folder = process.cwd();
    process.chdir("/");
    try {
      expect(await all()).toEqual(before);
    } finally {
      process.chdir(folder);
    }
  });

  test("the order in which a client sends options", async () => {
    const plain = await ofOrders(shop, { buildArgs: { version: "1", GOSUMDB: "off", GOINSECURE: "x" } });
    const turned = await ofOrders(shop, { buildArgs: { GOINSECURE: "x", GOSUMDB: "off", version: "1" } });
    expect(steps(turned)).toEqual(steps(plain));
  });
});
