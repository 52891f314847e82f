// A process as one object makes the bytes that the options of Go's package make.
import { expect, test } from "vitest";
import {
  addEnv,
  addExtraHost,
  addMount,
  addSecretWithDest,
  addSSHSocket,
  args,
  asPersistentCacheDir,
  cacheMountLocked,
  type Command,
  command,
  contentCache,
  dir,
  forceNoOutput,
  ignoreCache,
  image,
  linuxAmd64,
  mountContentCacheOff,
  mountContentCacheOn,
  netModeHost,
  network,
  readonly,
  readonlyRootFS,
  type RunOption,
  scratch,
  secretAsEnvName,
  secretOptional,
  security,
  securityModeInsecure,
  sourcePath,
  sshID,
  sshSocketTarget,
  tmpfs,
  tmpfsSize,
  user,
  validExitCodes,
  withCustomName,
  withDescription,
  withoutExportCache,
  withProxy,
} from "../../src/llb/index.ts";

const base = image("golang:1.26").dir("/src");
const other = image("busybox");
const bytes = (option: RunOption | readonly RunOption[]): readonly string[] =>
  [base.run(...[option].flat())]
    .flatMap((run) => [...run.marshal(linuxAmd64).def, ...run.getMount("/").marshal(linuxAmd64).def])
    .map((op) => Buffer.from(op).toString("hex"));

const cases: Readonly<Record<string, readonly [Command, readonly RunOption[]]>> = {
  "arguments alone": [{ args: ["true"] }, [args(["true"])]],
  "what a process is": [
    {
      args: ["go", "build"],
      env: { B: "1", A: "2" },
      dir: "cmd",
      user: "1000:1000",
      network: "host",
      security: "insecure",
      readonlyRoot: true,
      hosts: [{ host: "db", ip: "::1" }],
      proxy: { httpProxy: "http://p" },
      exitCodes: [0, 3],
    },
    [
      args(["go", "build"]),
      addEnv("B", "1"),
      addEnv("A", "2"),
      dir("cmd"),
      user("1000:1000"),
      network(netModeHost),
      security(securityModeInsecure),
      readonlyRootFS,
      addExtraHost("db", "::1"),
      withProxy({ httpProxy: "http://p" }),
      validExitCodes(0, 3),
    ],
  ],
  "a variable that is set again": [
    {
      args: ["x"],
      env: [
        ["A", "1"],
        ["B", "2"],
        ["A", "3"],
      ],
    },
    [args(["x"]), addEnv("A", "1"), addEnv("B", "2"), addEnv("A", "3")],
  ],
  "what is said of the step": [
    { args: ["x"], name: "compile", description: { "my.key": "v" }, ignoreCache: true, exportCache: false },
    [
      args(["x"]),
      withCustomName("compile"),
      withDescription({ "my.key": "v" }),
      ignoreCache,
      withoutExportCache,
    ],
  ],
  mounts: [
    {
      args: ["x"],
      mounts: [
        { kind: "tree", at: "/out" },
        { kind: "tree", at: "/in", from: other, path: "/bin", access: "read", keyedBy: "content" },
        { kind: "tree", at: "/work", from: other, access: "discard", keyedBy: "definition" },
        { kind: "cache", at: "/cache", id: "c", sharing: "locked", from: other },
        { kind: "memory", at: "/tmp", bytes: 4096 },
        { kind: "secret", at: "/netrc", id: "netrc", optional: true },
        { kind: "agent", at: "/agent", id: "default" },
      ],
      secretEnv: { TOKEN: { id: "token" } },
    },
    [
      args(["x"]),
      addSecretWithDest("token", undefined, secretAsEnvName("TOKEN")),
      addMount("/out", scratch()),
      addMount("/in", other, sourcePath("/bin"), readonly, contentCache(mountContentCacheOn)),
      addMount("/work", other, forceNoOutput, contentCache(mountContentCacheOff)),
      addMount("/cache", other, asPersistentCacheDir("c", cacheMountLocked)),
      addMount("/tmp", scratch(), tmpfs(tmpfsSize(4096))),
      addSecretWithDest("netrc", "/netrc", secretOptional),
      addSSHSocket(sshID("default"), sshSocketTarget("/agent")),
    ],
  ],
};

test.each(Object.entries(cases))("%s", (_name, [request, options]) => {
  expect(bytes(command(request))).toEqual(bytes(options));
});

test("it stands beside other options, and what comes later counts", () => {
  const both = [command({ args: ["x"], network: "none" }), network(netModeHost)];
  expect(bytes(both)).toEqual(bytes([args(["x"]), network(netModeHost)]));
});
