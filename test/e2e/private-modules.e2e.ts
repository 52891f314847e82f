// Private modules through every way to log in.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ensureBuildxBuilder, systemCaBundle } from "../../rig/index.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";

const rig = inject("rig");
/** 32 bytes that nothing but the secret holds. */
const canary = randomBytes(16).toString("hex");
const folder = mkdtempSync(join(tmpdir(), "private-modules-"));
const file = (name: string): string => join(folder, name);
let server: GitServer;
let env: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  env = { ...rig.env, ...(await ensureBuildxBuilder(rig)).env };
  server = await startGitServer("127.0.0.77", canary);
  const bundle = systemCaBundle();
  writeFileSync(file("ca.pem"), `${bundle === undefined ? "" : readFileSync(bundle, "utf8")}\n${server.ca}`);
  writeFileSync(file("token"), canary);
  writeFileSync(file("netrc"), `machine ${server.host}\nlogin ci\npassword ${canary}\n`);
});
afterAll(() => server?.stop());

const AUTH = {
  token: () => `    ${server.host}: { token: acme-token }`,
  netrc: () => "    netrc: acme-netrc",
  ssh: () =>
    `    ${server.host}: { ssh: default, port: ${server.sshPort}, knownHosts: ["${server.knownHosts}"] }`,
};
type Way = keyof typeof AUTH;

/** A service that imports the private module, described with one way to log in. */
function project(way: Way, mark: string): string {
  const dir = file(`${way}-${mark}`);
  mkdirSync(dir);
  const files = {
    "go.mod": `module example.test/${way}${mark}\n\ngo 1.26\n\nrequire ${server.module} ${server.version}\n`,
    "go.sum": server.sums,
    "main.go": `package main\n\nimport (\n\t"fmt"\n\n\tlib "${server.module}"\n)\n\nfunc main() { fmt.Println(lib.Hello()) }\n`,
    "service.yaml": `# syntax=org/go-frontend\nname: svc\nmodules:\n  private: [${server.host}/*]\n  auth:\n${AUTH[way]()}\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

const GIVEN = {
  token: () => ["--secret", `id=acme-token,src=${file("token")}`],
  netrc: () => ["--secret", `id=acme-netrc,src=${file("netrc")}`],
  ssh: () => ["--ssh", `default=${server.keyFile}`],
};

interface Run {
  readonly ok: boolean;
  readonly output: string;
}

async function run(command: string, args: readonly string[]): Promise<Run> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, [...args], {
      env: { ...process.env, ...env },
      maxBuffer: 64 << 20,
    });
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { ok: false, output: stdout + stderr };
  }
}

/** The flags that docker buildx needs for this server, besides the way to log in. */
function buildx(dir: string, more: readonly string[]): Promise<Run> {
  return run(rig.tools.buildx, [
    "build",
    "--progress=plain",
    "-f",
    join(dir, "service.yaml"),
    "--add-host",
    `${server.host}=${server.address}`,
    "--secret",
    `id=ca-certificates,src=${file("ca.pem")}`,
    ...more,
    dir,
  ]);
}

function buildctl(dir: string, more: readonly string[]): Promise<Run> {
  const frontend = [
    "--frontend",
    "dockerfile.v0",
    "--opt",
    "filename=service.yaml",
    "--opt",
    `add-hosts=${server.host}=${server.address}`,
  ];
  return run(rig.tools.buildctl, [
    "build",
    "--progress=plain",
    ...frontend,
    "--local",
    `context=${dir}`,
    "--local",
    `dockerfile=${dir}`,
    "--secret",
    `id=ca-certificates,src=${file("ca.pem")}`,
    ...more,
  ]);
}

describe("a private module is fetched", () => {
  test.each<Way>(["token", "netrc", "ssh"])("with %s through buildx and through buildctl", async (way) => {
    const out = file(`${way}.out`);
    const first = await buildx(project(way, "x"), [
      ...GIVEN[way](),
      "--target",
      "binary",
      "--output",
      `type=local,dest=${out}`,
    ]);
    expect(first, first.output).toMatchObject({ ok: true });
    expect((await run(join(out, "svc"), [])).output).toBe("hello from a private module\n");
    const second = await buildctl(project(way, "c"), [
      ...GIVEN[way](),
      "--output",
      "type=oci,dest=/dev/null",
    ]);
    expect(second, second.output).toMatchObject({ ok: true });
  });
});

describe("what the client does not give is an error at its line, with the flag to add", () => {
  test.each<[Way, string, string]>([
    ["token", "GF050", "--secret id=acme-token"],
    ["netrc", "GF050", "--secret id=acme-netrc,src=$HOME/.netrc"],
    ["ssh", "GF051", "--ssh default"],
  ])("%s", async (way, code, flag) => {
    const dir = project(way, "missing");
    const { ok, output } = await buildx(dir, ["--no-cache-filter", "modules", "--output", "type=cacheonly"]);
    expect(ok, output).toBe(false);
    // Nothing was begun for it: on an empty builder the helper alone would take a minute.
    expect(output).not.toContain("[helper]");
    expect(output).toMatch(new RegExp(`service\\.yaml:6:\\d+: ${code} `));
    expect(output).toContain(flag);
    expect(output).toMatch(/6 \| >>> +(netrc|git\.example\.test):/);
  });
});

describe("a wrong credential fails as git says it, without waiting for anybody", () => {
  test("a token that the server refuses", async () => {
    writeFileSync(file("wrong"), "not-the-token");
    const { ok, output } = await buildx(project("token", "wrong"), [
      "--secret",
      `id=acme-token,src=${file("wrong")}`,
      "--no-cache-filter",
      "modules",
      "--output",
      "type=cacheonly",
    ]);
    expect(ok, output).toBe(false);
    expect(output).toMatch(/Authentication failed|could not read|terminal prompts disabled/);
  });

  test("a host key that the description does not pin", async () => {
    const dir = project("ssh", "pinned");
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnq2W9C4qXgTmx1Q0v0uO7h0mB0m5m5m5m5m5m5m5m5";
    const text = readFileSync(join(dir, "service.yaml"), "utf8").replace(
      /ssh-ed25519 [A-Za-z0-9+/=]+/,
      other,
    );
    writeFileSync(join(dir, "service.yaml"), text);
    const { ok, output } = await buildx(dir, [
      ...GIVEN.ssh(),
      "--no-cache-filter",
      "modules",
      "--output",
      "type=cacheonly",
    ]);
    expect(ok, output).toBe(false);
    expect(output).toMatch(/Host key verification failed|GF054/);
  });
});
