// What the client says beside the description: where the download reaches out, what is built again.
import { describe, expect, test } from "vitest";
import { dump, type OpNode, platform as onPlatform } from "../../src/llb/index.ts";
import type { BuilderSettings } from "../../src/plan/index.ts";
import {
  amd64,
  argumentsOf,
  capsWithout,
  type Files,
  golangImage,
  graphOf,
  planFiles,
  shop,
  stageOf,
  tool,
  verticesOf,
} from "../plan/support.ts";

const planned = await planFiles(shop, { target: "orders" });

function stepsWith(settings: Partial<BuilderSettings>): ReadonlyMap<string, OpNode> {
  const nodes = verticesOf(graphOf(planned, settings)).filter((node) => node.kind === "exec");
  return new Map(nodes.map((node) => [stageOf(node.name), node]));
}

const exec = (node: OpNode | undefined) => (node?.op.op === "exec" ? node.op.exec : expect.fail("no step"));

test("of the toolchain image's environment, what would have Go see another module than the plan is left out", () => {
  const env = ["GOWORK=off", "GO111MODULE=off", "GOLANG_VERSION=1.26.8", "GOAMD64=v3", "GOEXPERIMENT=jsonv2"];
  const image = { config: { Env: [...(golangImage.config?.Env ?? []), ...env] } };
  for (const node of verticesOf(graphOf(planned, {}, planned.plan, image))) {
    if (node.op.op !== "exec") continue;
    const names = (node.op.exec.meta?.env ?? []).map((entry) => entry.replace(/=.*/s, ""));
    expect(names).toEqual(expect.arrayContaining(["PATH", "GOAMD64", "GOEXPERIMENT"]));
    expect(names.filter((name) => /^(?:GOWORK|GO111MODULE|GOLANG_VERSION)$/.test(name))).toEqual([]);
  }
});

test("a go.work that does not list the module is passed over by the steps that see the source tree", async () => {
  const environment = async (files: Files): Promise<readonly (readonly [string, boolean])[]> =>
    verticesOf(graphOf(await planFiles(files))).flatMap((node) =>
      node.op.op === "exec"
        ? [[stageOf(node.name), node.op.exec.meta?.env?.includes("GOWORK=off") === true] as const]
        : [],
    );
  const unlisted = { ...tool, "go.work": "go 1.26\n\nuse ./tools\n", "tools/go.mod": "module tools\n" };
  expect((await environment(unlisted)).filter(([, isOff]) => isOff)).toEqual([["build linux/amd64", true]]);
  expect((await environment(tool)).filter(([, isOff]) => isOff)).toEqual([]);
});

describe("the network of the download", () => {
  const networks = (settings: Partial<BuilderSettings>) =>
    Object.fromEntries([...stepsWith(settings)].map(([stage, node]) => [stage, exec(node).network ?? 0]));
  const others = {
    helper: 2,
    rootfs: 2,
    "std linux/amd64": 2,
    "deps linux/amd64": 2,
    "build linux/amd64": 2,
  };

  test.each([
    [undefined, 0],
    ["host", 1],
    ["none", 2],
  ] as const)("force-network-mode %s", (networkMode, mode) => {
    expect(networks({ networkMode })).toEqual({ ...others, modules: mode });
  });

  test("hosts and proxies of the client are for the download alone, proxies in no key", () => {
    const settings = {
      extraHosts: [{ host: "proxy.corp.example", ip: "10.0.0.1" }],
      proxy: { httpsProxy: "http://user:pass@proxy.corp.example:3128", noProxy: "localhost" },
    };
    for (const [stage, node] of stepsWith(settings)) {
      const { meta } = exec(node);
      const own = stage === "modules";
      expect(meta?.extraHosts ?? []).toHaveLength(own ? 1 : 0);
      expect(meta?.proxy_env?.https_proxy).toBe(own ? settings.proxy.httpsProxy : undefined);
      // BuildKit leaves proxy_env out of the key; environment would be in it.
      expect((meta?.env ?? []).join("\n").toLowerCase()).not.toContain("_proxy=");
    }
  });
});

describe("where hosts and proxies send the download", () => {
  const sent = (ip: string, httpProxy?: string): Partial<BuilderSettings> => ({
    extraHosts: [{ host: "proxy.corp.example", ip }],
    ...(httpProxy === undefined ? {} : { proxy: { httpProxy } }),
  });
  const workspace = {
    "go.work": "go 1.26\n\nuse ./app\n",
    "app/go.mod": "module example.test/app\n\ngo 1.26\n\nrequire corp.example/lib v1.0.0\n",
    "app/main.go": 'package main\n\nimport _ "corp.example/lib"\n\nfunc main() {}\n',
    "service.yaml": "# syntax=org/go-frontend\nmodule: ./app\n",
  };
  const keyOf = async (files: Files, settings: Partial<BuilderSettings>): Promise<string> => {
    const nodes = verticesOf(graphOf(await planFiles(files), settings));
    const download = nodes.find(({ kind, name }) => kind === "exec" && stageOf(name) === "modules");
    return argumentsOf(download ?? expect.fail("no download"), nodes).join("\n");
  };

  test("is in no key where go.sum says all that is downloaded", async () => {
    const orders = { ...shop, "service.yaml": "# syntax=org/go-frontend\nmain: ./cmd/orders\n" };
    expect(await keyOf(orders, sent("192.0.2.1"))).toBe(
      await keyOf(orders, sent("192.0.2.2", "http://evil.test")),
    );
  });

  test("is in the key in a workspace, whose go.work.sum is completed with what answers; logins of proxies are not", async () => {
    const all = [
      {},
      sent("192.0.2.1"),
      sent("192.0.2.2"),
      sent("192.0.2.1", "http://proxy.test:3128"),
      sent("192.0.2.1", "http://proxy.test:3129"),
      sent("192.0.2.1", "http://evil.test/@proxy.test:3128"),
    ];
    const keys = await Promise.all(all.map((settings) => keyOf(workspace, settings)));
    expect(new Set(keys).size).toBe(all.length);
    expect(await keyOf(workspace, sent("192.0.2.1", "http://ci:password@proxy.test:3128"))).toBe(keys[3]);
    expect(await keyOf(workspace, sent("192.0.2.1", "proxy.test:3128"))).toBe(keys[3]);
  });
});

describe("no-cache", () => {
  const uncached = (noCache: readonly string[] | undefined): readonly string[] =>
    [...stepsWith({ noCache })]
      .filter(([, node]) => node.metadata?.ignoreCache === true)
      .map(([stage]) => stage)
      .toSorted();

  test("names stages or the service; without a name it means all", () => {
    expect(uncached(undefined)).toEqual([]);
    expect(uncached([])).toEqual([
      "build linux/amd64",
      "deps linux/amd64",
      "helper",
      "modules",
      "rootfs",
      "std linux/amd64",
    ]);
    expect(uncached(["modules"])).toEqual(["modules"]);
    expect(uncached(["deps", "std"])).toEqual(["deps linux/amd64", "std linux/amd64"]);
    expect(uncached(["orders"])).toEqual(["build linux/amd64"]);
    expect(uncached(["worker", "nothing"])).toEqual([]);
  });
});

describe("images", () => {
  test.each([
    ["default", undefined],
    ["pull", "pull"],
    ["local", "local"],
  ] as const)("are looked up as the client says: %s", (resolveMode, attr) => {
    const sources = verticesOf(graphOf(planned, { resolveMode })).flatMap(({ op }) =>
      op.op === "source" && (op.source.identifier ?? "").startsWith("docker-image://") ? [op.source] : [],
    );
    expect(sources).toHaveLength(1);
    expect(sources[0]?.attrs?.["image.resolvemode"]).toBe(attr);
  });

  test("a builder that cannot copy by pattern gets the whole toolchain image", async () => {
    const names = (caps: ReadonlySet<string>) =>
      verticesOf(graphOf(planned, { caps })).map(({ name }) => name);
    expect(names(capsWithout())).toContain("[toolchain] what compiling needs");
    expect(names(capsWithout("file.copy.includeexcludepatterns"))).not.toContain(
      "[toolchain] what compiling needs",
    );
  });
});

test("SOURCE_DATE_EPOCH reaches what writes files, as seconds", async () => {
  const graph = graphOf(await planFiles(tool, { epoch: 1_700_000_000 }));
  const nodes = verticesOf(graph);
  const args = nodes.flatMap((node) => argumentsOf(node, nodes));
  expect(args.filter((arg) => arg.startsWith("-time="))).toEqual(["-time=1700000000", "-time=1700000000"]);
});

test("the bare executable is one file in the root", async () => {
  const graph = graphOf(await planFiles(tool, { target: "binary" }));
  const text = JSON.stringify(
    dump(graph.platforms[0]?.state.marshal(onPlatform(amd64)) ?? expect.fail("none")),
  );
  expect(text).toContain('"src":"/usr/local/bin/tool","dest":"/tool"');
});

describe("the download runs in", () => {
  const rootOf = async (modules: string, buildArgs: Readonly<Record<string, string>> = {}) => {
    const files = { ...shop, "service.yaml": `${shop["service.yaml"]}${modules}` };
    const nodes = verticesOf(graphOf(await planFiles(files, { target: "orders", buildArgs })));
    const download = nodes.find(({ kind, name }) => kind === "exec" && stageOf(name) === "modules");
    const root = download?.inputs.find(({ uses }) => uses.includes("/"));
    return nodes.find(({ digest }) => digest === root?.digest)?.name;
  };
  const slim = "[toolchain] what compiling needs";

  test.each([
    ["what compiling needs, with the public proxy", "", {}, true],
    [
      "what compiling needs, with a proxy that has everything",
      "modules: { proxy: [https://go.corp.example] }\n",
      {},
      true,
    ],
    [
      "what compiling needs, with such a proxy of the client",
      "",
      { GOPROXY: "https://a.example|https://b.example" },
      true,
    ],
    ["what compiling needs, without a checksum database", "", { GOSUMDB: "off" }, true],
    [
      "the whole image, when repositories come after the proxy",
      "",
      { GOPROXY: "https://a.example, direct" },
      false,
    ],
    ["the whole image, when some modules are not of the proxy", "", { GONOPROXY: "corp.example" }, false],
    ["the whole image, with private modules", "modules: { private: [corp.example] }\n", {}, false],
  ] as const)("%s", async (_what, modules, buildArgs, isSlim) => {
    expect((await rootOf(modules, buildArgs)) === slim).toBe(isSlim);
  });
});
