// What clients ask without building. The shapes are BuildKit's (moby/buildkit:frontend/subrequests): clients decode
// them into Go structs and use what they hold without asking.
import { describe, expect, test } from "vitest";
import { readOptions } from "../../src/frontend/options/read-options.ts";
import { answerSubrequest } from "../../src/frontend/subrequests.ts";
import { isGatewayError } from "../../src/gateway/index.ts";
import { parseDescription } from "../../src/description/index.ts";
import { openFiles } from "../facts/memory-tree.ts";
import { fakeClient } from "./support.ts";
import { amd64, type Files, shop, sums, tool } from "../plan/support.ts";

interface Answer {
  readonly json: unknown;
  readonly text: string;
  readonly version: string | undefined;
  readonly status: string | undefined;
}

async function ask(id: string, files: Files, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const text = files["service.yaml"] ?? "# syntax=org/go-frontend\n";
  const parsed = parseDescription({
    filename: "service.yaml",
    bytes: new TextEncoder().encode(typeof text === "string" ? text : ""),
  });
  const options = readOptions(
    new Map(Object.entries({ filename: "service.yaml", requestid: id, ...more })),
    amd64,
  );
  const result = await answerSubrequest(id, {
    parsed,
    tree: openFiles(files),
    options,
    builder: fakeClient({}),
  });
  expect(result.ref).toBeUndefined();
  const metadata = (name: string): string | undefined => {
    const bytes = result.metadata.get(name);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };
  return {
    json: JSON.parse(metadata("result.json") ?? "null"),
    text: metadata("result.txt") ?? "",
    version: metadata("version"),
    status: metadata("result.statuscode"),
  };
}

const someText = expect.any(String) as unknown;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("describe lists what is answered, itself included", async () => {
  const { json, text, version } = await ask("frontend.subrequests.describe", tool);
  const list = json as readonly Record<string, unknown>[];
  expect(list.map((each) => each["name"])).toEqual([
    "frontend.outline",
    "frontend.targets",
    "frontend.lint",
    "frontend.subrequests.describe",
  ]);
  for (const each of list) {
    expect(each).toEqual({
      name: someText,
      version: "1.0.0",
      type: "rpc",
      description: someText,
      opts: [],
      inputs: [],
      metadata: [
        { name: "result.json", description: someText },
        { name: "result.txt", description: someText },
      ],
      refs: [],
    });
  }
  expect(text.trimEnd().split("\n")).toHaveLength(4);
  expect(version).toBe("1.0.0");
});

test("targets are those of --target, with the default marked", async () => {
  const { json, text } = await ask("frontend.targets", tool);
  expect(json).toEqual({
    targets: [
      { name: "image", description: "image of tool (.)", default: true },
      { name: "binary", description: "bare executable of tool (.)" },
      { name: "symbols", description: "executable with symbols of tool (.)" },
      { name: "debug", description: "unoptimized image with a debugger of tool (.)" },
    ],
    sources: [base64("# syntax=org/go-frontend\n")],
  });
  expect(text).toBe(
    "image (default)\timage of tool (.)\nbinary\tbare executable of tool (.)\n" +
      "symbols\texecutable with symbols of tool (.)\ndebug\tunoptimized image with a debugger of tool (.)\n",
  );
  const many = (await ask("frontend.targets", shop)).json as {
    readonly targets: readonly { readonly name: string }[];
  };
  expect(many.targets.map(({ name }) => name)).toEqual([
    "orders",
    "orders.binary",
    "orders.symbols",
    "orders.debug",
    "worker",
    "worker.binary",
    "worker.symbols",
    "worker.debug",
  ]);
});

describe("outline", () => {
  const text = `# syntax=org/go-frontend
args: { version: dev }
modules:
  auth:
    netrc: my-netrc
    git.acme.example: { token: acme }
    ssh.example:
      ssh: default
      knownHosts: ["ssh.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W"]
`;
  const at = (line: number, from: number, to: number) => ({
    ranges: [{ start: { line, character: from }, end: { line, character: to } }],
  });

  test("names arguments, secrets and agents with their places", async () => {
    const { json } = await ask("frontend.outline", { ...tool, "service.yaml": text });
    expect(json).toEqual({
      args: [{ name: "version", value: "dev", location: at(2, 8, 15) }],
      secrets: [
        { name: "my-netrc", required: true, location: at(5, 11, 19) },
        { name: "acme", required: true, location: at(6, 31, 35) },
        { name: "ca-certificates", required: false },
      ],
      ssh: [{ name: "default", required: true, location: at(8, 11, 18) }],
      sources: [base64(text)],
    });
  });

  test("names what steps ask for once, whichever services have the step", async () => {
    const steps = `# syntax=org/go-frontend
modules: { auth: { netrc: npmrc } }
steps:
  web: { image: node:24, run: [[npm, ci]], outputs: [web], secrets: [npmrc, signing-key], ssh: default }
services:
  orders: { main: ./cmd/orders }
  worker: { main: ./cmd/worker }
`;
    const { json } = await ask("frontend.outline", { ...shop, "service.yaml": steps });
    expect(json).toMatchObject({
      secrets: [
        { name: "npmrc", required: true, location: at(2, 26, 31) },
        { name: "signing-key", required: true, location: at(4, 76, 87) },
        { name: "ca-certificates", required: false },
      ],
      ssh: [{ name: "default", required: true, location: at(4, 95, 102) }],
    });
  });

  test("needs no source tree", async () => {
    const { json } = await ask("frontend.outline", {});
    expect(json).toMatchObject({ args: [], ssh: [] });
  });
});

interface Lint {
  readonly warnings: readonly {
    readonly ruleName: string;
    readonly location: { readonly sourceIndex?: number; readonly ranges: readonly unknown[] };
  }[];
  readonly sources: readonly {
    readonly filename: string;
    readonly data: string;
    readonly language: string;
  }[];
  readonly buildError?: {
    readonly message: string;
    readonly location: { readonly sourceIndex?: number; readonly ranges: readonly object[] };
  };
}

describe("lint", () => {
  const lint = async (files: Files): Promise<Answer & { readonly json: Lint }> =>
    (await ask("frontend.lint", files)) as Answer & { readonly json: Lint };

  test("tells what the lists of whoever runs the build do not allow", async () => {
    const files = { ...tool, "service.yaml": "# syntax=x\ntoolchain: evil.example/go\n" };
    const { json, status } = (await ask("frontend.lint", files, {
      "build-arg:GO_FRONTEND_ALLOW_TOOLCHAINS": "golang",
    })) as Answer & { readonly json: Lint };
    expect(status).toBe("1");
    expect(json.buildError?.message).toContain("service.yaml:2:12: GF055 ");
  });

  test("of a sound project finds nothing", async () => {
    const { json, text, status } = await lint(tool);
    expect(json).toEqual({
      warnings: [],
      sources: [{ filename: "service.yaml", data: base64("# syntax=org/go-frontend\n"), language: "YAML" }],
    });
    expect([text, status]).toEqual(["no problems found\n", "0"]);
  });

  test("of several services needs no target", async () => {
    expect((await lint(shop)).json).not.toHaveProperty("buildError");
    const broken = { ...shop, "service.yaml": shop["service.yaml"].replace("./cmd/worker", "./cmd/wroker") };
    expect((await lint(broken)).json.buildError?.message).toContain("GF002");
  });

  test("gives every warning a place: clients use it without looking", async () => {
    const text = "# syntax=org/go-frontend\nargs: { api_token: x }\n";
    const { json, status } = await lint({ ...tool, "service.yaml": text });
    expect(json.warnings).toEqual([
      {
        ruleName: "GF053",
        description: someText,
        detail: someText,
        location: { ranges: [{ start: { line: 2, character: 8 }, end: { line: 2, character: 17 } }] },
      },
    ]);
    expect(status).toBe("1");
  });

  test("says of a warning in another file where it is, what it is and what helps: clients print no more than the detail", async () => {
    const files = { ...tool, "main.go": 'package main\n\nimport _ "plugin"\n\nfunc main() {}\n' };
    const { json } = await lint(files);
    expect(json.warnings).toMatchObject([
      {
        ruleName: "GF060",
        detail:
          "main.go:3: plugin needs cgo, which is off: it can be compiled without, and fails when it is used\n" +
          "help: write `build: { cgo: { link: dynamic } }`, or leave plugins out: plugin.Open needs cgo and a dynamic linker",
      },
    ]);
  });

  test("tells errors of the description as the build error, all of them", async () => {
    const { json, status } = await lint({ ...tool, "service.yaml": "nmae: x\nplatforms: [linux/x86]\n" });
    const said = json.buildError?.message.split("\n").map((line) => line.split(" ").slice(0, 2).join(" "));
    expect(said).toEqual(["service.yaml:1:1: GF021", "help: did", "service.yaml:2:13: GF030", "help: use"]);
    expect(json.buildError?.location.ranges).toHaveLength(1);
    expect(status).toBe("1");
  });

  test("of an error in a file that cannot be read the place is in the message: clients look for its source", async () => {
    const { json } = await lint({ ...tool, "audit.go": { link: "../common/audit.go" } });
    expect(json.buildError?.message).toContain("audit.go:1:1: GF018");
    expect(json.buildError?.location).toEqual({ ranges: [] });
  });

  test("tells errors of the source tree, with the file they are in", async () => {
    const files = {
      "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
      "main.go": 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n',
    };
    const { json } = await lint(files);
    expect(json.buildError?.message).toContain("GF011");
    expect(json.buildError?.location.sourceIndex).toBe(1);
    expect(json.sources[1]).toEqual({ filename: "go.mod", data: base64(files["go.mod"]) });
    expect(
      (await lint({ ...files, "go.sum": sums("github.com/google/uuid v1.6.0") })).json,
    ).not.toHaveProperty("buildError");
  });

  test("shows a description that is no text without driving a terminal", async () => {
    const { json, text } = await lint({ ...tool, "service.yaml": "name: \u001b[31m\u0000\n" });
    const shown = Buffer.from(json.sources[0]?.data ?? "", "base64").toString();
    expect(`${shown}${text}${json.buildError?.message ?? ""}`).not.toMatch(/[\u0000\u001b]/);
  });
});

describe("what cannot be answered", () => {
  test("is refused so that clients know", async () => {
    const error: unknown = await ask("frontend.convertllb", tool).catch((thrown: unknown) => thrown);
    if (!isGatewayError(error)) expect.fail("no error of the gateway");
    expect(error.message).toBe("unsupported request frontend.convertllb");
    expect(error.details).toEqual([{ kind: "subrequest", name: "frontend.convertllb" }]);
  });

  test.each(["frontend.outline", "frontend.targets"])(
    "%s of a wrong description is its error",
    async (id) => {
      await expect(ask(id, { ...tool, "service.yaml": "nmae: x\n" })).rejects.toThrow("GF021");
    },
  );
});
