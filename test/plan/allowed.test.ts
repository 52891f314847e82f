// What a description may ask for where those who build for others say so, and logins that a build argument would show.
import { describe, expect, test } from "vitest";
import { inspect } from "../../src/plan/index.ts";
import { firstLine, isDiagnosticError } from "../../src/description/index.ts";
import { openFiles } from "../facts/memory-tree.ts";
import { type Files, plainRequest, planFiles, shop, sums } from "./support.ts";
import { parseText } from "../description/support.ts";

const KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W";
const description = `# syntax=org/go-frontend
toolchain: registry.evil.example/go:1.26
modules:
  private: [git.evil.example/*, corp.example/lib]
  proxy: [https://proxy.evil.example, "https://proxy.corp.example:8443/go", direct]
  auth:
    netrc: corp-netrc
    evil.example: { token: github-token }
    git.corp.example: { ssh: deploy, knownHosts: ["git.corp.example ssh-ed25519 ${KEY}"] }
`;
const service: Files = {
  "service.yaml": description,
  "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire corp.example/lib v1.0.0\n",
  "go.sum": sums("corp.example/lib v1.0.0"),
  "main.go": 'package main\n\nimport _ "corp.example/lib"\n\nfunc main() {}\n',
};

/** First lines of what ends a build with these build arguments. */
async function complaints(
  buildArgs: Readonly<Record<string, string>>,
  files: Files = service,
): Promise<readonly string[]> {
  try {
    await planFiles(files, { buildArgs });
    return [];
  } catch (error) {
    if (isDiagnosticError(error)) return error.diagnostics.map(firstLine);
    throw error;
  }
}

const SECRETS = "GO_FRONTEND_ALLOW_SECRETS";
const HOSTS = "GO_FRONTEND_ALLOW_HOSTS";
const TOOLCHAINS = "GO_FRONTEND_ALLOW_TOOLCHAINS";

describe("without a list everything is allowed, as in a Dockerfile", () => {
  test("a description that asks for much", async () => {
    expect(await complaints({})).toEqual([]);
  });
});

describe("what is not on a list is an error at its line", () => {
  test("secrets and agents", async () => {
    expect(await complaints({ [SECRETS]: "corp-netrc, other" })).toEqual([
      'service.yaml:8:28: GF055 the secret "github-token" is not allowed here',
      'service.yaml:9:30: GF055 the agent "deploy" is not allowed here',
    ]);
    expect(await complaints({ [SECRETS]: "corp-netrc,github-token,deploy" })).toEqual([]);
  });

  test("hosts: proxies, repositories, logins", async () => {
    expect(await complaints({ [HOSTS]: "proxy.corp.example,corp.example" })).toEqual([
      'service.yaml:4:13: GF055 fetching modules from "git.evil.example" is not allowed here',
      'service.yaml:5:11: GF055 the module proxy "https://proxy.evil.example" is not allowed here',
      'service.yaml:5:77: GF055 the module proxy "direct" is not allowed here',
      'service.yaml:8:28: GF055 a login to "evil.example" is not allowed here',
      'service.yaml:9:30: GF055 a login to "git.corp.example" is not allowed here',
    ]);
    expect(
      await complaints({ [HOSTS]: "*.corp.example,corp.example,*.evil.example,evil.example,direct" }),
    ).toEqual([]);
  });

  test("toolchains", async () => {
    expect(await complaints({ [TOOLCHAINS]: "golang,registry.corp.example/*" })).toEqual([
      'service.yaml:2:12: GF055 the toolchain "registry.evil.example/go:1.26" is not allowed here',
    ]);
  });

  test("an empty list allows nothing", async () => {
    const lines = await complaints({ [SECRETS]: "", [HOSTS]: "", [TOOLCHAINS]: "" });
    expect(lines.map((line) => line.split(":")[1])).toEqual([
      "2",
      "4",
      "4",
      "5",
      "5",
      "5",
      "7",
      "8",
      "8",
      "9",
      "9",
    ]);
  });

  test("the help names what is allowed, and the argument", async () => {
    const failing = planFiles(service, { buildArgs: { [TOOLCHAINS]: "golang" } });
    await expect(failing).rejects.toMatchObject({
      diagnostics: [
        { help: `allowed: golang; whoever runs the build can add to --build-arg ${TOOLCHAINS}=…` },
      ],
    });
  });

  test("nobody is asked for a toolchain image that is not allowed", async () => {
    const parsed = parseText(description);
    if (!parsed.ok) expect.fail("the description is right");
    const asked: string[] = [];
    const request = { ...plainRequest, buildArgs: { [TOOLCHAINS]: "golang" } };
    const reading = inspect(parsed.located, openFiles(service), request, {
      onToolchain: ({ reference }) => {
        asked.push(reference);
      },
    });
    await expect(reading).rejects.toThrow("GF055");
    expect(asked).toEqual([]);
  });
});

describe("an entry", () => {
  const proxied = (proxy: string): Files => ({
    ...service,
    "service.yaml": `# syntax=org/go-frontend\nmodules: { proxy: ["${proxy}"] }\n`,
  });
  const compiledBy = (toolchain: string): Files => ({
    ...service,
    "service.yaml": `# syntax=org/go-frontend\ntoolchain: ${toolchain}\n`,
  });

  test.each([
    ["proxy.example", "https://proxy.example", true],
    ["proxy.example", "https://proxy.example:8443/go", true],
    ["proxy.example:8443", "https://proxy.example:8443/go", true],
    ["proxy.example:8443", "https://proxy.example", false],
    ["proxy.example", "https://evil-proxy.example", false],
    ["proxy.example", "https://proxy.example.evil.example", false],
    ["proxy.example", "https://PROXY.example", true],
    ["*.example", "https://a.b.example", true],
    ["*.example", "https://example", false],
    ["*.example", "https://evilexample", false],
    ["proxy.example", "direct", false],
    ["direct", "direct", true],
    ["direct", "https://proxy.example", false],
    ["proxy.example", "off", true],
  ])("%s and the proxy %s: %s", async (entry, proxy, isAllowed) => {
    expect((await complaints({ [HOSTS]: entry }, proxied(proxy))).length === 0).toBe(isAllowed);
  });

  test.each([
    ["golang", "golang:1.26", true],
    ["golang", "docker.io/library/golang:1.26", true],
    ["docker.io/library/golang", "golang", true],
    ["golang", "evil/golang:1.26", false],
    ["golang", "golang.evil.example/x", false],
    ["golang:1.26", "golang:1.26", true],
    ["golang:1.26", "golang:1.25", false],
    ["golang:1.26", `golang:1.26@sha256:${"a".repeat(64)}`, true],
    [`golang@sha256:${"a".repeat(64)}`, `golang@sha256:${"b".repeat(64)}`, false],
    ["registry.example/*", "registry.example/team/go:1", true],
    ["registry.example/*", "registry.example.evil/go:1", false],
    ["registry.example:5000/go", "registry.example:5000/go:1", true],
    ["registry.example/go", "registry.example:5000/go:1", false],
  ])("%s and the toolchain %s: %s", async (entry, toolchain, isAllowed) => {
    expect((await complaints({ [TOOLCHAINS]: entry }, compiledBy(toolchain))).length === 0).toBe(isAllowed);
  });

  test.each([
    ["*.corp.example", "*.corp.example", true],
    ["*.corp.example", "git.corp.example/team/*", true],
    ["corp.example", "corp.example/*", true],
    ["corp.example", "*/*", false],
    ["corp.example", "*", false],
    ["*.corp.example", "*.example", false],
    ["*.corp.example", "?.corp.example", false],
  ])("%s and the private pattern %s: %s", async (entry, pattern, isAllowed) => {
    const files = {
      ...service,
      "service.yaml": `# syntax=org/go-frontend\nmodules: { private: ["${pattern}"] }\n`,
    };
    expect((await complaints({ [HOSTS]: entry }, files)).length === 0).toBe(isAllowed);
  });
});

test.each([
  [
    { GO_FRONTEND_ALLOW_SECRET: "x" },
    'service.yaml: GF081 unknown build argument "GO_FRONTEND_ALLOW_SECRET"',
  ],
  [{ [SECRETS]: "a b" }, `service.yaml: GF081 ${SECRETS} holds "a b"`],
  [{ [HOSTS]: "https://proxy.example" }, `service.yaml: GF081 ${HOSTS} holds "https://proxy.example"`],
  [{ [HOSTS]: "*" }, `service.yaml: GF081 ${HOSTS} holds "*"`],
  [{ [TOOLCHAINS]: "*/go" }, `service.yaml: GF081 ${TOOLCHAINS} holds "*/go"`],
])(
  "a list that cannot be read is an error, never a list that is passed over: %j",
  async (buildArgs, line) => {
    expect(await complaints(buildArgs)).toEqual([line]);
  },
);

test("a description cannot give or change a list", async () => {
  const files = {
    ...service,
    "service.yaml": `${description}args: { ${TOOLCHAINS}: registry.evil.example/go }\n`,
  };
  expect(await complaints({ [TOOLCHAINS]: "golang" }, files)).toEqual([
    'service.yaml:2:12: GF055 the toolchain "registry.evil.example/go:1.26" is not allowed here',
  ]);
});

test("with a list of hosts, go.mod alone does not make the download ask repositories", async () => {
  const proxyOf = async (buildArgs: Readonly<Record<string, string>>): Promise<string | undefined> =>
    (await planFiles(shop, { target: "orders", buildArgs })).plan.modules[0]?.proxy;
  expect(await proxyOf({})).toBeUndefined();
  expect(await proxyOf({ [HOSTS]: "proxy.example" })).toBe("https://proxy.golang.org");
  expect(await proxyOf({ [HOSTS]: "direct" })).toBeUndefined();
  expect(await proxyOf({ [HOSTS]: "", GOPROXY: "https://x.example,direct" })).toBe(
    "https://x.example,direct",
  );
});

describe("a login in a build argument", () => {
  test.each([
    ["GOPROXY", "https://user:s3cret@proxy.example"],
    ["GOPROXY", "https://proxy.golang.org|https://s3cret@proxy.example/x,direct"],
    ["GOSUMDB", "sum.example+key https://user:s3cret@sum.example"],
  ])("%s=%s is refused with the way that does not leak, and is not told again", async (name, value) => {
    const failing = planFiles(service, { buildArgs: { [name]: value } });
    const error: unknown = await failing.catch((reason: unknown) => reason);
    if (!isDiagnosticError(error)) expect.fail("it is refused");
    expect(error.diagnostics.map(firstLine)).toEqual([
      `service.yaml: GF053 --build-arg ${name} holds a login, which provenance would show to everyone`,
    ]);
    expect(error.diagnostics[0]?.help).toContain("modules: { auth: { netrc: ID } }");
    expect(JSON.stringify(error.diagnostics)).not.toContain("s3cret");
  });

  test("of a proxy for all of the network is told, since there is no other way to give it", async () => {
    const buildArgs = { HTTPS_PROXY: "http://user:s3cret@proxy.example:3128", NO_PROXY: "x" };
    const { warnings } = (await planFiles(service, { buildArgs })).inspected;
    expect(warnings.map(firstLine)).toEqual([
      "service.yaml: GF053 warning: --build-arg HTTPS_PROXY holds a password, which provenance of mode=max shows to everyone",
    ]);
  });

  test.each(["https://proxy.example/@v", "https://proxy.example,direct", "off"])(
    "%s holds none",
    async (value) => {
      expect(await complaints({ GOPROXY: value })).toEqual([]);
    },
  );
});
