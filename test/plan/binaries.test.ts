// Several programs in one image: what they share, and what each is keyed on.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { formatDiagnostics } from "../../src/description/index.ts";
import {
  type Contents,
  explainChanges,
  type ListedPackage,
  PATHS,
  stagesOf,
  type Step,
} from "../../src/plan/index.ts";
import { parseText } from "../description/support.ts";
import { realKeys } from "./real-keys.ts";
import {
  buildOf,
  complaintOf,
  type Files,
  goCommand,
  graphOf,
  largeService,
  type Planned,
  planFiles,
  planWith,
  shop,
  sums,
  verticesOf,
} from "./support.ts";

const description = (text: string): Files => ({ "service.yaml": `# syntax=org/go-frontend\n${text}` });

/** Two programs, a library each and one they share, two modules from outside. */
const both = {
  ...shop,
  ...description("name: shop\nbinaries: { orders: ./cmd/orders, worker: ./cmd/worker }\n"),
} satisfies Files;

const idsOf = (planned: Planned): readonly string[] => buildOf(planned).steps.map(({ id }) => id);

function stepOf(planned: Planned, id: string): Step {
  const step = buildOf(planned).steps.find((each) => each.id === id);
  return step ?? expect.fail(`no step ${id} among ${idsOf(planned).join(", ")}`);
}

const runs = (planned: Planned): readonly string[] =>
  buildOf(planned).steps.flatMap(({ id, kind }) => (kind === "run" ? [id] : []));

function contentsOf(files: Files): Contents {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      createHash("sha256").update(JSON.stringify(text)).digest("hex"),
    ]),
  );
}

/** Keys of the steps that run, as a builder has them. */
async function keysOf(files: Files, target = ""): Promise<Readonly<Record<string, string>>> {
  const planned = await planFiles(files, { target });
  return realKeys(verticesOf(graphOf(planned)), contentsOf(files));
}

/** Steps that run again after an edit. */
async function changed(before: Files, edit: Files): Promise<readonly string[]> {
  const [old, now] = [await keysOf(before), await keysOf({ ...before, ...edit })];
  return Object.keys(now).filter((id) => now[id] !== old[id]);
}

describe("two programs of a module", () => {
  test("are linked from one set of compiled packages", async () => {
    expect(runs(await planFiles(both))).toEqual([
      "helper",
      "modules",
      "std linux/amd64",
      "deps linux/amd64",
      "build ./cmd/orders linux/amd64",
      "build ./cmd/worker linux/amd64",
      "rootfs",
    ]);
  });

  test("lie in the image each as a layer, and it starts the first", async () => {
    const planned = await planFiles(both);
    expect(stepOf(planned, "image shop linux/amd64")).toMatchObject({
      kind: "merge",
      trees: [
        { step: "rootfs" },
        { step: "build ./cmd/orders linux/amd64" },
        { step: "build ./cmd/worker linux/amd64" },
      ],
    });
    const { config } = buildOf(planned).results[0] ?? expect.fail("no result");
    expect(config?.config?.Entrypoint).toEqual(["/usr/local/bin/orders"]);
    expect(config?.history?.map((each) => each.created_by)).toEqual([
      "rootfs: CA roots, time zones, users",
      "go build example.com/shop/cmd/orders (/usr/local/bin/orders)",
      "go build example.com/shop/cmd/worker (/usr/local/bin/worker)",
    ]);
  });

  test("a builder that cannot merge copies one after the other, as a layer each", async () => {
    const build = buildOf(await planFiles(both), { caps: new Set() });
    const image = build.steps.filter(({ id }) => id.startsWith("image "));
    expect(image.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      "image shop linux/amd64 1 files",
      "image shop linux/amd64 files",
    ]);
  });

  test("come out together with --target binary", async () => {
    const planned = await planFiles(both, { target: "binary" });
    expect(stepOf(planned, "executable shop linux/amd64")).toMatchObject({
      actions: [{ dest: "/orders" }, { dest: "/worker" }],
    });
    expect(planned.plan.targets.map((each) => each.description)).toEqual([
      "image of shop (./cmd/orders, ./cmd/worker)",
      "bare executable of shop (./cmd/orders, ./cmd/worker)",
      "executable with symbols of shop (./cmd/orders, ./cmd/worker)",
      "unoptimized image with a debugger of shop (./cmd/orders, ./cmd/worker)",
    ]);
  });

  test("an edit in one's main links that one; one in what they share links both", async () => {
    const edit = (path: keyof typeof shop): Promise<readonly string[]> =>
      changed(both, { [path]: `${shop[path]}\n// edited\n` });
    expect(await edit("cmd/orders/main.go")).toEqual(["build ./cmd/orders linux/amd64"]);
    expect(await edit("cmd/worker/main.go")).toEqual(["build ./cmd/worker linux/amd64"]);
    expect(await edit("internal/job/job.go")).toEqual(["build ./cmd/worker linux/amd64"]);
    expect(await edit("internal/money/money.go")).toEqual([
      "build ./cmd/orders linux/amd64",
      "build ./cmd/worker linux/amd64",
    ]);
    expect(await edit("README.md")).toEqual([]);
  });

  test("share with the same programs alone what is keyed on no import", async () => {
    const alone = description(
      "services: { orders: { main: ./cmd/orders }, worker: { main: ./cmd/worker } }\n",
    );
    const [one, together] = [await keysOf({ ...shop, ...alone }, "orders"), await keysOf(both)];
    for (const id of ["helper", "modules", "std linux/amd64"]) {
      expect([id, together[id]]).toEqual([id, one[id]]);
    }
  });
});

describe("the place of an executable", () => {
  const at = (image: string, path = "/bin/orders"): Files => ({
    ...shop,
    ...description(`binaries: { orders: { main: ./cmd/orders, path: ${path} } }\nimage: ${image}\n`),
  });

  test("is made by a copy: the link is the same", async () => {
    const moved = await planFiles(at("{}"));
    const link = goCommand(buildOf(moved), "build ./cmd/orders linux/amd64");
    expect(link.join(" ")).toContain("/usr/local/bin/orders");
    expect(stepOf(moved, "place orders linux/amd64")).toMatchObject({
      actions: [
        { kind: "mkdir", path: "/bin" },
        { kind: "copy", source: "/usr/local/bin/orders", dest: "/bin/orders", times: "source" },
      ],
    });
    const { config } = buildOf(moved).results[0] ?? expect.fail("no result");
    expect(config?.config?.Entrypoint).toEqual(["/bin/orders"]);
  });

  test("has a fixed time, and so have directories that are made for it", async () => {
    const planned = await planFiles(at("{}"), { epoch: 1_700_000_000 });
    expect(stepOf(planned, "place orders linux/amd64 at a fixed time")).toMatchObject({
      actions: [{ from: { step: "place orders linux/amd64" }, dest: "/", times: 1_700_000_000 }],
    });
    expect(stepOf(planned, "image shop linux/amd64")).toMatchObject({
      kind: "merge",
      trees: [{ step: "rootfs" }, { step: "place orders linux/amd64 at a fixed time" }],
    });
  });

  test("on a base of which nobody knows what is a link: what a copy onto it changes is merged with it", async () => {
    const planned = await planFiles(at("{ base: debian:bookworm-slim }"));
    const base = { step: "base linux/amd64" };
    expect(stepOf(planned, "place orders linux/amd64")).toMatchObject({ on: base });
    expect(stepOf(planned, "place orders linux/amd64 alone")).toMatchObject({
      kind: "diff",
      lower: base,
      upper: { step: "place orders linux/amd64" },
    });
    expect(stepOf(planned, "image shop linux/amd64")).toMatchObject({
      kind: "merge",
      trees: [base, { step: "place orders linux/amd64 at a fixed time" }],
    });
  });

  test("on a builder that cannot merge it is copied onto the base", async () => {
    const build = buildOf(await planFiles(at("{ base: debian:bookworm-slim }")), { caps: new Set() });
    expect(build.steps.find(({ id }) => id === "image shop linux/amd64")).toMatchObject({
      kind: "files",
      on: { step: "base linux/amd64" },
      actions: [
        { kind: "mkdir", path: "/bin" },
        { kind: "copy", dest: "/bin/orders" },
      ],
    });
  });

  test("in the root of the image", async () => {
    const planned = await planFiles(at("{ base: scratch }", "/orders"));
    expect(stepOf(planned, "place orders linux/amd64")).toMatchObject({
      actions: [{ kind: "copy", dest: "/orders" }],
    });
  });

  test("the default place needs no step", async () => {
    expect(
      idsOf(await planFiles(at("{}", "/usr/local/bin/orders"))).filter((id) => id.startsWith("place")),
    ).toEqual([]);
  });

  test("an entrypoint is held to it", async () => {
    expect(await complaintOf(planFiles(at("{ entrypoint: [/usr/local/bin/orders] }"))))
      .toMatchInlineSnapshot(`
      "service.yaml:3:23: GF045 "/usr/local/bin/orders" is not in the image: all that static can run is the service's binary, /bin/orders
      help: write \`/bin/orders\`, or choose a base that has the program, like \`base: debian:bookworm-slim\`"
    `);
    expect((await planFiles(at("{ entrypoint: [orders, serve] }"))).inspected.warnings).toEqual([]);
  });
});

describe("programs of several modules", () => {
  const main = (imported: string): string => `package main\n\nimport _ "${imported}"\n\nfunc main() {}\n`;
  const uuid = "github.com/google/uuid";
  const module = (path: string): Files => ({
    [`${path}/go.mod`]: `module example.com/${path}\n\ngo 1.26\n\nrequire ${uuid} v1.6.0\n`,
    [`${path}/go.sum`]: sums(`${uuid} v1.6.0`),
    [`${path}/main.go`]: main(uuid),
  });
  const files: Files = {
    ...module("server"),
    ...module("ctl"),
    ...description("name: kv\nbinaries: { server: { module: ./server }, ctl: { module: ./ctl } }\n"),
  };

  test("each has its own download and compile steps, and one standard library", async () => {
    expect(runs(await planFiles(files))).toEqual([
      "helper",
      "modules ./server",
      "modules ./ctl",
      "std linux/amd64",
      "deps ./server linux/amd64",
      "deps ./ctl linux/amd64",
      "build ./server linux/amd64",
      "build ./ctl linux/amd64",
      "rootfs",
    ]);
  });

  test("an edit in one of them, or in its go.mod, leaves the other as it is", async () => {
    expect(await changed(files, { "ctl/main.go": `${main(uuid)}// edited\n` })).toEqual([
      "build ./ctl linux/amd64",
    ]);
    const goMod = `module example.com/ctl\n\ngo 1.26\n\nrequire ${uuid} v1.6.1\n`;
    const edit = { "ctl/go.mod": goMod, "ctl/go.sum": sums(`${uuid} v1.6.1`) };
    expect(await changed(files, edit)).toEqual([
      "modules ./ctl",
      "deps ./ctl linux/amd64",
      "build ./ctl linux/amd64",
    ]);
  });

  test("each compiles upon what those before it have compiled", async () => {
    const planned = await planFiles(files);
    const step = stepOf(planned, "deps ./ctl linux/amd64");
    expect(step.kind === "run" ? step.mounts : []).toContainEqual({
      kind: "tree",
      at: PATHS.buildCache,
      access: "keep",
      tree: { step: "deps ./server linux/amd64", output: PATHS.buildCache },
      key: "definition",
    });
  });

  test("in a workspace each is compiled with the go.work.sum that its own download has completed", async () => {
    const planned = await planFiles({ ...files, "go.work": "go 1.26\n\nuse ./server\nuse ./ctl\n" });
    const completed = buildOf(planned).steps.flatMap((step) =>
      step.kind === "files" && step.title === "[internal] go.work.sum" ? step.actions : [],
    );
    const downloads = completed.map((action) => (action.kind === "copy" ? action.from.step : ""));
    expect(new Set(downloads)).toEqual(new Set(["modules ./server", "modules ./ctl"]));
  });

  test("a module in the root has the short names", async () => {
    const root = {
      "go.mod": "module example.com/kv\n\ngo 1.26\n",
      "main.go": main("net/http"),
      ...module("ctl"),
      ...description("binaries: { kv: {}, ctl: { module: ./ctl } }\n"),
    };
    expect(runs(await planFiles(root)).filter((id) => id.startsWith("build"))).toEqual([
      "build . linux/amd64",
      "build ./ctl linux/amd64",
    ]);
  });

  test("the newest release that one of them asks for compiles them all", async () => {
    const newer = { ...files, "ctl/go.mod": `module example.com/ctl\n\ngo 1.27\n\nrequire ${uuid} v1.6.0\n` };
    expect((await planFiles(newer)).plan.toolchain.goVersion).toBe("1.27");
    expect((await planFiles(files)).plan.toolchain.goVersion).toBe("1.26");
  });
});

test("programs of one service that share packages compile them in a step of their own", async () => {
  const shared = Array.from({ length: 9 }, (_, index) => `p${index}`);
  const imports = shared.map((name) => `import _ "example.com/app/${name}"\n`).join("");
  const planned = await planFiles({
    "go.mod": "module example.com/app\n\ngo 1.26\n",
    ...Object.fromEntries(shared.map((name) => [`${name}/x.go`, `package ${name}\n`])),
    "cmd/a/main.go": `package main\n\n${imports}\nfunc main() {}\n`,
    "cmd/b/main.go": `package main\n\n${imports}\nfunc main() {}\n`,
    ...description("name: app\nbinaries: { a: ./cmd/a, b: ./cmd/b }\n"),
  });
  expect(runs(planned).filter((id) => id.startsWith("own"))).toEqual(["own linux/amd64 1"]);
});

test("large programs of one service: strata that they share, and their own by the name of their main package", async () => {
  const large = largeService();
  const app = large["cmd/app/main.go"] ?? expect.fail("no main");
  const rest = (name: string): Files =>
    Object.fromEntries(
      Array.from({ length: 25 }, (_, index) => [`${name}/q${index}/x.go`, `package q${index}\n`]),
    );
  const importing = (name: string): string =>
    app.replace(
      "import (\n",
      `import (\n${Array.from({ length: 25 }, (_, index) => `\t_ "example.com/app/${name}/q${index}"\n`).join("")}`,
    );
  const planned = await planFiles({
    ...large,
    ...rest("a"),
    ...rest("b"),
    "cmd/app/main.go": importing("a"),
    "cmd/tool/main.go": importing("b"),
    ...description("binaries: { app: ./cmd/app, tool: ./cmd/tool }\n"),
  });
  const own = runs(planned).filter((id) => id.startsWith("own"));
  expect(own.filter((id) => id.startsWith("own linux")).length).toBeGreaterThan(0);
  expect(own.filter((id) => id.startsWith("own ./cmd/app "))).toHaveLength(1);
  expect(own.filter((id) => id.startsWith("own ./cmd/tool "))).toHaveLength(1);
});

describe("a service that extends another", () => {
  const twins = (twin: string): Files => ({
    ...shop,
    ...description(
      `args: { version: dev }\nbuild: { vars: { main.version: "\${version}" } }\nservices:\n  orders: { main: ./cmd/orders, image: { ports: [80] } }\n  twin: { extends: orders, ${twin} }\n`,
    ),
  });

  test.each([
    ["another base", "image: { base: busybox }", []],
    ["another place", "binaries: { orders: { path: /orders } }", []],
    ["symbols", "build: { strip: false }", ["build ./cmd/orders linux/amd64"]],
    ["build tags", "build: { tags: [x] }", ["deps linux/amd64", "build ./cmd/orders linux/amd64"]],
  ])("with %s compiles and links what differs", async (_what, twin, different) => {
    const [one, two] = [await keysOf(twins(twin), "orders"), await keysOf(twins(twin), "twin")];
    expect(Object.keys(two).filter((id) => id !== "rootfs" && two[id] !== one[id])).toEqual(different);
  });

  test("has the other's executables and image", async () => {
    const { plan } = await planFiles(twins("image: { base: busybox }"), { target: "twin" });
    expect(plan.service.programs.map(({ path }) => path)).toEqual(["/usr/local/bin/orders"]);
    expect(plan.service.platforms[0]?.image.ports).toEqual(["80/tcp"]);
    expect(plan.targets.map(({ name }) => name)).toEqual(
      ["orders", "twin"].flatMap((name) => [name, `${name}.binary`, `${name}.symbols`, `${name}.debug`]),
    );
  });
});

describe("what is in each other's way", () => {
  const complaint = (binaries: string): Promise<string> =>
    complaintOf(planFiles({ ...shop, ...description(`name: shop\nbinaries: ${binaries}\n`) }));

  test("one main package twice", async () => {
    expect(await complaint("{ a: ./cmd/orders, b: ./cmd/orders }")).toMatchInlineSnapshot(`
      "service.yaml:3:33: GF043 "b" and "a" are one main package (cmd/orders)
      help: leave one out, or name another directory"
    `);
  });

  test("two at one place, or one below the other", async () => {
    expect(
      await complaint("{ a: { main: ./cmd/orders, path: /bin/x }, b: { main: ./cmd/worker, path: /bin/x } }"),
    ).toMatchInlineSnapshot(`
      "service.yaml:3:85: GF043 "b" at /bin/x is in the way of "a", /bin/x
      help: choose another place, like \`path: /usr/local/bin/b\`"
    `);
    expect(
      await complaint(
        "{ a: { main: ./cmd/orders, path: /bin/x }, b: { main: ./cmd/worker, path: /bin/x/y } }",
      ),
    ).toContain("GF043");
  });

  test("two that are one file on Windows", async () => {
    expect(await complaint("{ a: ./cmd/orders, a.exe: ./cmd/worker }")).toMatchInlineSnapshot(`
      "service.yaml:3:37: GF043 "a.exe" and "a" are one file on Windows
      help: leave \`.exe\` out: executables for Windows get it by themselves"
    `);
  });

  test("a main package that is not there, at its line", async () => {
    expect(await complaint("{ a: ./cmd/order }")).toContain("service.yaml:3:16: GF002");
    expect(await complaint("{ a: { main: ./cmd/order } }")).toContain("service.yaml:3:24: GF002");
  });
});

test("the main package in a directory of the binary's name is taken", async () => {
  const planned = await planFiles({
    ...shop,
    ...description("name: shop\nbinaries: { worker: {}, orders: {} }\n"),
  });
  expect(planned.plan.service.programs.map(({ main }) => main)).toEqual(["./cmd/worker", "./cmd/orders"]);
});

test("a variable that one program has is no mistake of the others", async () => {
  const files = {
    ...shop,
    "cmd/worker/main.go": shop["cmd/worker/main.go"].replace("var version string\n", ""),
    ...description(
      "name: shop\nbuild: { vars: { main.version: x } }\nbinaries: { orders: ./cmd/orders, worker: ./cmd/worker }\n",
    ),
  };
  expect((await planFiles(files)).inspected.warnings).toEqual([]);
});

test("a description of more programs than a build plans is refused", async () => {
  const services = Array.from({ length: 400 }, (_, index) => `  s${index}: { module: ./x }\n`).join("");
  const text = `# syntax=org/go-frontend\nbinaries: { a: ./a, b: ./b, c: ./c }\nservices:\n${services}`;
  const parsed = parseText(text);
  if (parsed.ok) expect.fail("it is within bounds");
  expect(formatDiagnostics(parsed.diagnostics, [])).toContain(
    "GF028 the services have more than 1000 binaries together",
  );
});

describe("a service pays for itself", () => {
  const small = `package main\n\nimport "fmt"\n\nfunc main() { fmt.Println() }\n`;
  const files = {
    ...shop,
    "cmd/entrypoint/main.go": small,
    ...description(
      "services: { orders: { main: ./cmd/orders }, worker: { main: ./cmd/worker }, entrypoint: { main: ./cmd/entrypoint } }\n",
    ),
  };

  test("one that imports the standard library alone downloads and compiles no module, and little of the library", async () => {
    const planned = await planFiles(files, { target: "entrypoint" });
    expect(runs(planned)).toEqual([
      "helper",
      "std linux/amd64",
      "build ./cmd/entrypoint linux/amd64",
      "rootfs",
    ]);
    expect(planned.plan.service.platforms[0]?.links[0]?.variant.std.packages).not.toContain("net/http");
  });

  test("what several import is one step of theirs, and what one imports is its own", async () => {
    const common = (text: string): string =>
      text.replace("import (\n", 'import (\n\t_ "example.net/common"\n');
    const shared = {
      ...files,
      "cmd/orders/main.go": common(shop["cmd/orders/main.go"]),
      "cmd/worker/main.go": common(shop["cmd/worker/main.go"]),
      "go.mod": shop["go.mod"].replace("require (\n", "require (\n\texample.net/common v1.0.0\n"),
      "go.sum": `${sums("example.net/common v1.0.0")}${shop["go.sum"]}`,
    };
    const depsOf = async (target: string): Promise<readonly string[]> =>
      runs(await planFiles(shared, { target })).filter((id) => id.startsWith("deps"));
    expect(await depsOf("orders")).toEqual(["deps linux/amd64", "deps linux/amd64 orders"]);
    expect(await depsOf("worker")).toEqual(["deps linux/amd64", "deps linux/amd64 worker"]);
    const [orders, worker] = [await keysOf(shared, "orders"), await keysOf(shared, "worker")];
    expect(orders["deps linux/amd64"]).toBe(worker["deps linux/amd64"]);
  });
});

test("with a listing, a service that needs less than half of all packages is compiled by itself", async () => {
  const modules = Array.from({ length: 12 }, (_, index) => `example.net/m${index}`);
  const listed = modules.flatMap((module, index) =>
    Array.from({ length: 5 }, (_, at): ListedPackage => ({
      path: `${module}/p${at}`,
      module,
      version: "v1.0.0",
      imports: at > 0 ? [`${module}/p${at - 1}`] : index > 0 ? [`${modules[index - 1] ?? ""}/p4`] : [],
    })),
  );
  const required = modules.map((module) => `${module} v1.0.0`);
  const importing = (path: string): string => `package main\n\nimport _ "${path}"\n\nfunc main() {}\n`;
  const files = {
    "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${required.map((line) => `\t${line}\n`).join("")})\n`,
    "go.sum": sums(...required),
    "cmd/large/main.go": importing("example.net/m11/p4"),
    "cmd/middle/main.go": importing("example.net/m8/p4"),
    "cmd/small/main.go": importing("example.net/m1/p0"),
    ...description(
      "services: { large: { main: ./cmd/large }, middle: { main: ./cmd/middle }, small: { main: ./cmd/small } }\n",
    ),
  };
  const depsOf = async (target: string) => {
    const planned = await planFiles(files, { target });
    const plan = planWith(planned, { "linux/amd64": { packages: listed, back: [] } });
    return plan.service.platforms[0]?.links[0]?.variant.deps;
  };
  const [large, middle, small] = [await depsOf("large"), await depsOf("middle"), await depsOf("small")];
  expect(large?.groups?.flatMap(({ packages }) => packages).length).toBe(60);
  expect(middle?.groups).toEqual(large?.groups);
  expect(small?.groups).toBeUndefined();
  expect(small?.parts).toMatchObject([{ name: "small", imports: ["example.net/m1/p0"] }]);
});

describe("vendor directories of several modules", () => {
  const module = (name: string): Files => ({
    [`${name}/go.mod`]: `module example.com/${name}\n\ngo 1.26\n\nrequire example.com/dep v1.0.0\n`,
    [`${name}/vendor/modules.txt`]: "# example.com/dep v1.0.0\n## explicit; go 1.26\nexample.com/dep\n",
    [`${name}/vendor/example.com/dep/dep.go`]: "package dep\n",
    [`${name}/main.go`]: 'package main\n\nimport _ "example.com/dep"\n\nfunc main() {}\n',
  });
  const files = {
    ...module("a"),
    ...module("b"),
    ...description("name: x\nbinaries: { a: { module: ./a }, b: { module: ./b } }\n"),
  };

  test.each([
    ["", {}],
    [", where nothing is copied by pattern", { caps: new Set<string>() }],
  ])("are mounted each in the step that links%s", async (_where, settings) => {
    const build = buildOf(await planFiles(files), settings);
    for (const name of ["a", "b"]) {
      const link = build.steps.find(({ id }) => id === `build ./${name} linux/amd64`);
      expect(link?.kind === "run" ? link.mounts : []).toContainEqual(
        expect.objectContaining({ at: `/src/${name}/vendor`, tree: { step: `vendor ./${name}` } }),
      );
    }
  });
});

test("why tells that a place has changed", async () => {
  const at = (path: string) =>
    planFiles({
      ...shop,
      ...description(
        `name: shop\nbinaries: { orders: ./cmd/orders, worker: { main: ./cmd/worker, path: ${path} } }\n`,
      ),
    });
  const [before, after] = [buildOf(await at("/bin/a")), buildOf(await at("/bin/b"))];
  const reasons = explainChanges(stagesOf(before), stagesOf(after));
  expect(reasons.map(({ stage }) => stage)).toEqual(["image shop linux/amd64"]);
  expect(reasons[0]?.because).toContain("place: worker /bin/b instead of worker /bin/a");
});
