// An image that could not start is an error of the description: of `static` and `scratch` all is known.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exampleOf } from "../../scripts/gen-docs.ts";
import { inspect, planEach } from "../../src/plan/index.ts";
import { firstLine, keyReference } from "../../src/description/index.ts";
import { memoryTree, openFiles } from "../facts/memory-tree.ts";
import { complaintOf, plainRequest, planFiles, sums, tool } from "./support.ts";
import { parseText } from "../description/support.ts";

const planned = (image: string) =>
  planFiles({ ...tool, "service.yaml": `# syntax=org/go-frontend\nimage: ${image}\n` });
const complaint = (image: string): Promise<string> => complaintOf(planned(image));
const warnings = async (image: string): Promise<readonly string[]> =>
  (await planned(image)).inspected.warnings.map((each) => `${firstLine(each)}; ${each.help ?? ""}`);

describe("without an entrypoint", () => {
  test("arguments begin with a program of the image", async () => {
    expect(await warnings("{ entrypoint: [], args: [tool, serve] }")).toEqual([]);
    expect(await warnings("{ entrypoint: [], args: ['${target.os}'] }")).toEqual([]);
    expect(await complaint("{ entrypoint: [], args: [serve] }")).toBe(
      `service.yaml:2:33: GF045 "serve" is not in the image: all that static can run is the service's binary, /usr/local/bin/tool
help: write \`/usr/local/bin/tool\`, or choose a base that has the program, like \`base: debian:bookworm-slim\``,
    );
  });

  test("and without arguments nothing is started", async () => {
    expect(await complaint("{ entrypoint: [] }")).toBe(
      `service.yaml:2:22: GF045 the image has neither an entrypoint nor arguments, so it starts nothing
help: write \`args: [/usr/local/bin/tool]\` beside it, or leave \`entrypoint\` out`,
    );
  });
});

describe("a user that is not there", () => {
  test("on static, with the names that are", async () => {
    expect(await complaint("{ user: step }")).toBe(
      `service.yaml:2:16: GF045 the user "step" is not in the /etc/passwd of static
help: write \`user: 65532\`; the names in it are root, nobody, nonroot, and every id can be used`,
    );
    expect(await complaint("{ user: nonrot }")).toContain("help: write `user: nonroot`; the names in it are");
    expect(await complaint("{ user: 1000:wheel }")).toBe(
      `service.yaml:2:16: GF045 the group "wheel" is not in the /etc/group of static
help: write \`user: 1000:65532\`; the names in it are root, nobody, nonroot, and every id can be used`,
    );
  });

  test("on static, where the service's id has a name already", async () => {
    expect(await complaint("{ user: 0:nonroot }")).toContain('the group "nonroot" is not in the /etc/group');
  });

  test("on scratch, which knows no name", async () => {
    expect(await complaint("{ base: scratch, user: nobody }")).toBe(
      `service.yaml:2:31: GF045 scratch has no /etc/passwd, so the user "nobody" cannot be found
help: write \`user: 65534\``,
    );
    expect(await complaint("{ base: scratch, user: 1000:root }")).toBe(
      `service.yaml:2:31: GF045 scratch has no /etc/group, so the group "root" cannot be found
help: write \`user: 1000:0\``,
    );
  });

  test.each([
    "{ user: 1000 }",
    "{ user: 0:0 }",
    "{ user: root }",
    "{ user: nobody }",
    "{ user: nonroot:nonroot }",
    "{ user: 1000:nonroot }",
    "{ base: scratch, user: 1000:1000 }",
    "{ base: debian:bookworm-slim, user: www-data }",
  ])("no complaint of %s", async (image) => {
    expect(await warnings(image)).toEqual([]);
  });

  test("the names are those that the helper writes", () => {
    const helper = readFileSync(join(import.meta.dirname, "../../src/plan/helper/rootfs.go"), "utf8");
    const entries = helper
      .replaceAll("\\n", "\n")
      .matchAll(/^.*?\b([a-z]+):x:([%d0-9]+):[%d0-9]+:[a-z]+:\/.*$/gm);
    expect([...entries].map(([, name, id]) => [name, id])).toEqual([
      ["root", "0"],
      ["nobody", "65534"],
      ["nonroot", "%d"],
    ]);
  });
});

describe("a program that is not there", () => {
  test("the place where other builders put the binary", async () => {
    expect(await complaint("{ entrypoint: [/tool, serve] }")).toBe(
      `service.yaml:2:23: GF045 "/tool" is not in the image: all that static can run is the service's binary, /usr/local/bin/tool
help: write \`/usr/local/bin/tool\`, or choose a base that has the program, like \`base: debian:bookworm-slim\``,
    );
  });

  test.each([
    "[/bin/sh, -c, tool]",
    "[sh, -c, tool]",
    "[./tool]",
    "[/usr/local/bin/other]",
    '["/usr/local/bin/${service.name}"]',
  ])("%s on a base without programs", async (entrypoint) => {
    expect(await complaint(`{ entrypoint: ${entrypoint} }`)).toContain("GF045");
    expect(await complaint(`{ base: scratch, entrypoint: ${entrypoint} }`)).toContain(
      "all that scratch can run",
    );
  });

  test("the binary's name where PATH does not lead to it", async () => {
    expect(await complaint("{ env: { PATH: /bin }, entrypoint: [tool] }")).toContain("GF045");
  });

  test.each([
    "{ entrypoint: [/usr/local/bin/tool, serve] }",
    "{ entrypoint: [/usr/local/./bin//tool] }",
    "{ entrypoint: [tool, serve] }",
    '{ env: { PATH: "${service.name}:/bin" }, entrypoint: [tool] }',
    "{ workdir: /usr/local, entrypoint: [bin/tool] }",
    "{ base: scratch, entrypoint: [tool] }",
    "{ base: debian:bookworm-slim, entrypoint: [/bin/sh, -c, tool] }",
    "{ base: debian:bookworm-slim, entrypoint: [tini, --, tool] }",
  ])("no complaint of %s", async (image) => {
    expect(await warnings(image)).toEqual([]);
  });

  test("of another base only the binary's place is known: a warning", async () => {
    expect(await warnings("{ base: debian:bookworm-slim, entrypoint: [/tool] }")).toEqual([
      'service.yaml:2:51: GF045 warning: the service\'s binary is /usr/local/bin/tool, not "/tool"; write `/usr/local/bin/tool`',
    ]);
  });

  test("each service is held to its own binary, and shared keys to each", async () => {
    const text =
      "# syntax=org/go-frontend\nimage: { entrypoint: [/usr/local/bin/a] }\nservices:\n  a: {}\n  b: {}\n";
    expect(await complaintOf(planFiles({ ...tool, "service.yaml": text }, { target: "a" }))).toBe(
      `service.yaml:2:23: GF045 "/usr/local/bin/a" is not in the image: all that static can run is the service's binary, /usr/local/bin/b
help: write \`/usr/local/bin/b\`, or choose a base that has the program, like \`base: debian:bookworm-slim\``,
    );
  });
});

const main = "package main\n\nvar version, commit string\n\nfunc main() { println(version, commit) }\n";
const orders = {
  "go.mod": "module example.com/orders\n\ngo 1.26\n",
  "cmd/orders/main.go": main,
  "cmd/worker/main.go": main,
  "cmd/prometheus/main.go": main,
  "cmd/promtool/main.go": main,
  "etcdctl/go.mod": "module example.com/etcdctl\n\ngo 1.26\n",
  "etcdctl/main.go": main,
  "services/orders/go.mod": "module example.com/shop/orders\n\ngo 1.26\n",
  "services/orders/main.go": main,
  "profiles/cpu.pgo": "",
  "go.sum": sums("golang.org/x/net v0.38.0"),
  "third_party/lib/go.mod": "module example.com/lib\n\ngo 1.26\n",
  "patches/0001-keep-connections.patch": "--- /dev/null\n+++ b/kept.txt\n@@ -0,0 +1 @@\n+x\n",
  "web/package.json": "{}",
  "etc/orders.toml": "",
};

test.each(keyReference().map((key) => [key.path.join("."), key] as const))(
  "the documented example of %s can be built",
  async (path, key) => {
    const example = exampleOf(key);
    const needsMain = !/^(binaries|main|module|services)\b/.test(path);
    const text = `# syntax=org/go-frontend\n${needsMain ? "main: ./cmd/orders\n" : ""}${example}\n`;
    const parsed = parseText(text);
    if (!parsed.ok) expect.fail(example);
    const request = { ...plainRequest, revision: { commit: "0123456789abcdef", dirty: false } };
    const lib = {
      tree: memoryTree({ "go.mod": "module example.com/lib\n" }),
      rules: { kind: "fetched" },
    } as const;
    const contexts = { names: ["lib"], open: () => Promise.resolve(lib) };
    const inspected = await inspect(parsed.located, openFiles(orders), request, { contexts });
    // Without a builder nobody knows what a step writes.
    const told = path.startsWith("steps") ? ["GF057"] : [];
    expect(inspected.warnings.map(({ code }) => code)).toEqual(told);
    expect(planEach(parsed.located, inspected, request)).not.toEqual([]);
  },
);
