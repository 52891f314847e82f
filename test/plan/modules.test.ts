// The download step: what it sees, where modules come from, with which logins.
import { describe, expect, test } from "vitest";
import type { BuildRequest, ModulesPlan } from "../../src/plan/index.ts";
import { type Files, planFiles, shop, sums, tool } from "./support.ts";

const service = {
  "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
  "go.sum": sums("github.com/google/uuid v1.6.0"),
  "main.go": 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n',
} as const satisfies Files;

async function modulesOf(
  description: string,
  request: Partial<BuildRequest> = {},
  files: Files = service,
): Promise<ModulesPlan> {
  const text = `# syntax=org/go-frontend\n${description}`;
  const [modules] = (await planFiles({ ...files, "service.yaml": text }, request)).plan.modules;
  if (modules === undefined) expect.fail("nothing to download");
  return modules;
}

describe("is not there", () => {
  test("when nothing comes from outside", async () => {
    expect((await planFiles(tool)).plan.modules[0]).toBeUndefined();
  });

  test("when go.mod requires what nobody imports", async () => {
    const files = { ...service, "main.go": "package main\n\nfunc main() {}\n" };
    expect((await planFiles(files)).plan.modules[0]).toBeUndefined();
  });

  test("when everything is vendored", async () => {
    const files = {
      ...service,
      "vendor/modules.txt": "# github.com/google/uuid v1.6.0\n## explicit\ngithub.com/google/uuid\n",
      "vendor/github.com/google/uuid/uuid.go": "package uuid\n",
    };
    expect((await planFiles(files)).plan.modules[0]).toBeUndefined();
  });
});

describe("sees module files alone", () => {
  test("of a module", async () => {
    const { files, dir } = await modulesOf("");
    expect(files.map(({ path }) => path)).toEqual(["go.mod", "go.sum"]);
    expect(files.map(({ text }) => text)).toEqual([service["go.mod"], service["go.sum"]]);
    expect(dir).toBe(".");
  });

  test("of a module in a folder", async () => {
    const files = Object.fromEntries(
      Object.entries(service).map(([path, file]) => [`svc/app/${path}`, file]),
    );
    const plan = await modulesOf("module: ./svc/app\n", {}, files);
    expect(plan.dir).toBe("svc/app");
    expect(plan.files.map(({ path }) => path)).toEqual(["svc/app/go.mod", "svc/app/go.sum"]);
  });

  test("of a replaced module in the tree, and of a workspace", async () => {
    const files = {
      ...service,
      "go.mod": `${service["go.mod"]}\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ./lib\n`,
      "main.go":
        'package main\n\nimport (\n\t_ "example.com/lib"\n\t_ "github.com/google/uuid"\n)\n\nfunc main() {}\n',
      "lib/go.mod": "module example.com/lib\n\ngo 1.26\n",
      "lib/lib.go": "package lib\n",
    };
    expect((await modulesOf("", {}, files)).files.map(({ path }) => path).toSorted()).toEqual([
      "go.mod",
      "go.sum",
      "lib/go.mod",
    ]);
    const work = { ...files, "go.work": "go 1.26\n\nuse (\n\t.\n\t./lib\n)\n" };
    expect((await modulesOf("", {}, work)).files.map(({ path }) => path)).toContain("go.work");
    for (const { path } of (await modulesOf("", {}, work)).files) expect(path).toMatch(/\.(mod|sum|work)$/);
  });

  test("services of one module have the same step", async () => {
    const [orders, worker] = await Promise.all(
      ["orders", "worker"].map(async (target) => (await planFiles(shop, { target })).plan),
    );
    expect(orders?.modules).toEqual(worker?.modules);
  });
});

describe("proxy and private patterns", () => {
  test("are Go's own unless said", async () => {
    expect(await modulesOf("")).toMatchObject({ proxy: undefined, private: [], env: {}, auth: [] });
  });

  test("the client can name a proxy, the description's comes first", async () => {
    const buildArgs = { GOPROXY: "https://proxy.client.example" };
    expect((await modulesOf("", { buildArgs })).proxy).toBe("https://proxy.client.example");
    const description = "modules: { proxy: [https://a.example, direct], private: ['*.corp.example'] }\n";
    expect(await modulesOf(description, { buildArgs })).toMatchObject({
      proxy: "https://a.example,direct",
      private: ["*.corp.example"],
    });
  });

  test("of the client's other arguments only Go's module settings arrive", async () => {
    const buildArgs = {
      GOSUMDB: "off",
      GONOSUMDB: "x.example",
      GONOPROXY: "y.example",
      GOINSECURE: "z.example",
      GOFLAGS: "-toolexec=/bin/evil",
      GOTOOLCHAIN: "go1.99",
      GIT_SSH_COMMAND: "evil",
      PATH: "/evil",
    };
    expect((await modulesOf("", { buildArgs })).env).toEqual({
      GOSUMDB: "off",
      GONOSUMDB: "x.example",
      GONOPROXY: "y.example",
      GOINSECURE: "z.example",
    });
  });
});

describe("logins", () => {
  test("keep the line that asks for them", async () => {
    const description = `modules:
  private: [git.acme.example/*]
  auth:
    netrc: my-netrc
    git.acme.example: { token: acme, user: ci }
    gitlab.example: { token: gl }
    ssh.example:
      ssh: default
      port: 2222
      knownHosts: ["[ssh.example]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W"]
`;
    const { auth } = await modulesOf(description);
    const found = auth.map(({ at, ...rest }) => ({ ...rest, line: at.range.start.line }));
    expect(found).toEqual([
      { kind: "netrc", secret: "my-netrc", line: 5 },
      { kind: "token", host: "git.acme.example", user: "ci", secret: "acme", line: 6 },
      { kind: "token", host: "gitlab.example", user: "oauth2", secret: "gl", line: 7 },
      {
        kind: "ssh",
        host: "ssh.example",
        user: "git",
        port: 2222,
        agent: "default",
        knownHosts: [
          "[ssh.example]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W",
        ],
        line: 9,
      },
    ]);
  });
});

describe("the project's name in a namespace", () => {
  const scope = async (cacheNamespace: string, files: Files = tool): Promise<string> =>
    (await planFiles(files, { cacheNamespace })).plan.project;

  test("is a hash of project and namespace, so that no description can write another's", async () => {
    expect(await scope("")).toMatch(/^[0-9a-f]{32}$/);
    const other = { ...tool, "go.mod": "module example.com/other\n\ngo 1.26\n" };
    const all = [await scope(""), await scope("a"), await scope("b"), await scope("", other)];
    expect(new Set(all).size).toBe(4);
  });

  test("does not change with the client, the file or the platform", async () => {
    const files = { ...tool, "service.yaml": "name: other\nplatforms: [linux/arm64]\n" };
    expect(await scope("", files)).toBe(await scope(""));
  });
});
