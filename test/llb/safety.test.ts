// What BuildKit would refuse, or a daemon could be hurt by, fails in marshal and says which op and
// which option.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as llb from "../../src/llb/index.ts";
import { allCases } from "../oracle/cases.ts";
import { interpret } from "../oracle/interpret.ts";

const base = llb.image("alpine");
const scratch = llb.scratch();
const run = (...options: readonly llb.RunOption[]): llb.State => base.run(llb.args(["cmd", "x"]), ...options);
const file = (action: llb.FileAction, on: llb.State = base): llb.State => on.file(action);
const loose = <T>(value: unknown): T => value as T;

/** Each refused graph with the beginning of its error. */
const refused: Readonly<Record<string, readonly [llb.State, string]>> = {
  "no arguments": [base.run(), "exec (): args: a command is required"],
  "an empty argument list": [base.run(llb.args([])), "exec (): args: a command is required"],
  "NUL in an argument": [base.run(llb.args(["a\0b"])), "exec (a b): args: an argument has a NUL character"],
  "a lone surrogate in an argument": [
    base.run(llb.args(["\ud800"])),
    "exec (\uFFFD): pb.Meta.args: a lone surrogate",
  ],
  "a lone surrogate in a name": [run(llb.user("\udfff")), "exec (cmd x): pb.Meta.user: a lone surrogate"],
  "an empty variable name": [run(llb.addEnv("", "x")), 'exec (cmd x): addEnv: "" is not a variable name'],
  "a variable name with =": [
    run(llb.addEnv("A=B", "x")),
    'exec (cmd x): addEnv: "A=B" is not a variable name',
  ],
  "an unknown network": [run(llb.network(loose(7))), "exec (cmd x): network: 7 is not a network mode"],
  "an unknown security mode": [
    run(llb.security(loose(2))),
    "exec (cmd x): security: 2 is not a security mode",
  ],
  "an exit code beyond a byte": [
    run(llb.validExitCodes(256)),
    "exec (cmd x): validExitCodes: 256 is not an exit code",
  ],
  "an address that is none": [
    run(llb.addExtraHost("h", "1.2.3")),
    'exec (cmd x): addExtraHost: "1.2.3" is not an IP address',
  ],
  "an unknown ulimit": [
    run(llb.addUlimit(loose("files"), 1, 1)),
    'exec (cmd x): addUlimit: "files" is not one of',
  ],
  "a ulimit from an unsafe number": [
    run(llb.addUlimit("nofile", 2 ** 60, 1)),
    "exec (cmd x): pb.Ulimit.Soft: 1152921504606847000 is not a safe integer",
  ],
  "a fraction of a byte": [
    run(llb.memoryLimit(0.5)),
    "exec (cmd x): pb.LinuxResources.memory: 0.5 is not a safe integer",
  ],
  "a limit beyond 64 bits": [
    run(llb.cpuQuota(2n ** 63n)),
    "exec (cmd x): pb.LinuxResources.cpuQuota: 9223372036854775808 is not in",
  ],
  "a negative share": [run(llb.cpuShares(-1)), "exec (cmd x): pb.LinuxResources.cpuShares: -1 is not in"],
  "a step name that is no text": [
    run(llb.withCustomName("a\ud800")),
    "exec (a\uFFFD, cmd x): pb.OpMetadata.description: a lone surrogate",
  ],
  "a file name that is no text": [
    run(llb.newSourceMap(undefined, "\ud800", "YAML", "").location([])),
    "newSourceMap: the file name",
  ],
  "a second root": [run(llb.addMount("/", base)), "exec (cmd x): addMount: / is the root"],
  "an empty mount point": [run(llb.addMount("", base)), 'exec (cmd x): addMount: "" is not a place'],
  "a tmpfs of a state": [
    run(llb.addMount("/t", base, llb.tmpfs())),
    'exec (cmd x): tmpfs: the mount at "/t" must be of scratch',
  ],
  "a tmpfs of negative size": [
    run(llb.addMount("/t", scratch, llb.tmpfs(llb.tmpfsSize(-1)))),
    "exec (cmd x): tmpfsSize: ",
  ],
  "a tmpfs that is a cache": [
    run(llb.addMount("/t", scratch, llb.tmpfs(), llb.asPersistentCacheDir("i", llb.cacheMountShared))),
    "exec (cmd x): tmpfs: ",
  ],
  "a cache without id": [
    run(llb.addMount("/c", scratch, llb.asPersistentCacheDir("", llb.cacheMountShared))),
    'exec (cmd x): asPersistentCacheDir: the cache at "/c" has no id',
  ],
  "content cache of a writable part": [
    run(llb.addMount("/m", base, llb.sourcePath("/a"), llb.contentCache(llb.mountContentCacheOn))),
    "exec (cmd x): contentCache: ",
  ],
  "a secret without id": [
    run(llb.addSecret("/s", llb.secretID(""))),
    "exec (cmd x): addSecret: the secret has no id",
  ],
  "a secret that goes nowhere": [
    run(llb.addSecretWithDest("id", undefined)),
    "exec (cmd x): addSecret: the secret id has neither a file nor a variable",
  ],
  "a secret with an impossible owner": [
    run(llb.addSecret("/s", llb.secretFileOpt(-1, 0, 0o400))),
    "exec (cmd x): secretFileOpt: ",
  ],
  "a secret in a variable with =": [
    run(llb.addSecret("/s", llb.secretAsEnvName("A=B"))),
    "exec (cmd x): secretAsEnv: ",
  ],
  "a socket with an impossible mode": [
    run(llb.addSSHSocket(llb.sshSocketOpt("/s", 0, 0, 0o77777))),
    "exec (cmd x): sshSocketOpt: ",
  ],
  "a device without name": [run(llb.addCDIDevice()), "exec (cmd x): addCDIDevice: "],
  "the files of a tmpfs": [
    base.run(llb.args(["c"]), llb.addMount("/t", scratch, llb.tmpfs())).getMount("/t"),
    "exec (c): the tmpfs mount",
  ],
  "the files of a cache": [
    base.run(llb.args(["c"]), llb.addMount("/t", scratch, llb.asPersistentCacheDir("i", 0))).getMount("/t"),
    "exec (c): the cache mount",
  ],
  "the files of a mount without output": [
    base.run(llb.args(["c"]), llb.addMount("/t", base, llb.forceNoOutput)).getMount("/t"),
    'exec (c): the mount at "/t" has forceNoOutput',
  ],
  "removing the root": [file(llb.rm("/a/..")), "file (rm /a/..): rm: the root cannot be removed"],
  "NUL in a path": [file(llb.mkdir("/a\0", 0o755)), "file (mkdir /a ): mkdir: "],
  "a name looked up in scratch": [
    file(llb.mkdir("/a", 0o755, llb.withUser("u")), scratch),
    'file (mkdir /a): chownOpt: "u" cannot be looked up in scratch',
  ],
  "a negative owner": [
    file(llb.mkdir("/a", 0o755, llb.withUIDGID(-1, 0))),
    "file (mkdir /a): chownOpt: -1 is not a user or group id",
  ],
  "an owner as negative text": [
    file(llb.mkdir("/a", 0o755, llb.withUser("-5"))),
    "file (mkdir /a): chownOpt: -5 is not",
  ],
  "a negative copy mode": [
    file(llb.copy(base, "/a", "/b", llb.chmodOpt({ mode: -1 }))),
    "file (copy /a /b): chmodOpt: -1 is not a mode",
  ],
  "an invalid date": [
    file(llb.mkdir("/a", 0o755, llb.withCreatedTime(new Date(Number.NaN)))),
    "file (mkdir /a): withCreatedTime: the date is invalid",
  ],
  "a time beyond int64": [
    file(llb.mkdir("/a", 0o755, llb.withCreatedTime(2n ** 63n))),
    "file (mkdir /a): pb.FileActionMkDir.timestamp: ",
  ],
  "an image name in capitals": [
    llb.image("Alpine"),
    'source (docker-image://Alpine): "Alpine" is not an image reference: the repository name must be lower-case',
  ],
  "an image id": [llb.image("a".repeat(64)), "source (docker-image://aaa"],
  "an image with a bad digest": [llb.image(`a@sha256:${"zz".repeat(32)}`), "source (docker-image://"],
  "an image checksum that is none": [
    llb.image("a", llb.withImageChecksum("sha256:1")),
    'source (docker-image://docker.io/library/a:latest): withImageChecksum: "sha256:1" is not a digest',
  ],
  "no layers": [
    llb.image("a", llb.withLayerLimit(0)),
    "source (docker-image://docker.io/library/a:latest): withLayerLimit: 0 is not a number of layers",
  ],
  "a blob with a tag": [llb.imageBlob(`a:b@sha256:${"ab".repeat(32)}`), "source (docker-image+blob://"],
  "a blob without digest": [llb.ociLayoutBlob("a"), "source (oci-layout+blob://"],
  "a local directory without session": [
    llb.local("context"),
    "source (local://context): sessionID: the source needs sessionID",
  ],
  "a local directory without name": [
    llb.local("", llb.sessionID("s")),
    "source (local://): the name of the local directory is empty",
  ],
  "a pattern that is no text": [
    llb.local("c", llb.sessionID("s"), llb.includePatterns(["\ud800"])),
    "source (local://c): includePatterns: a pattern has a lone surrogate",
  ],
  "a URL that is none": [
    llb.http("ftp://h/x"),
    'source (ftp://h/x): "ftp://h/x" is not an http or https URL',
  ],
  "an http checksum that is none": [
    llb.http("https://h/x", llb.checksum("md5:1")),
    "source (https://h/x): checksum: ",
  ],
  "half a signature": [
    llb.http("https://h/x", llb.verifyPGPSignature({ pubKey: "k", signature: "" })),
    "source (https://h/x): verifyPGPSignature: ",
  ],
  "a file owner that is none": [llb.http("https://h/x", llb.chown(-1, 0)), "source (https://h/x): chown: "],
  "a git remote of an unknown scheme": [
    llb.git("file:///x", ""),
    'source (git://file:///x): "file:///x" is not a git remote: file is not http',
  ],
  "a git bundle without commit": [
    llb.git("https://h/x", "", llb.gitBundleURL("docker-image+blob://x@y")),
    "source (git://h/x): gitBundleURL: needs gitChecksum",
  ],
  "a git bundle with .git": [
    llb.git("https://h/x", "", llb.gitCheckoutBundle, llb.keepGitDir),
    "source (git://h/x): gitCheckoutBundle: excludes",
  ],
  "a source without identifier": [llb.newSource("", {}), "source (): the identifier is empty"],
  "a passthrough without id": [base.requires("", base), "passthrough (): id: the id is empty"],
  "a passthrough of scratch": [scratch.requires("x", scratch), "passthrough (x): "],
  "a passthrough without outputs": [
    llb.newPassthrough("x", [{ state: base, output: false }]),
    "passthrough (x): ",
  ],
  "building scratch": [scratch.with(llb.build()), "build (): scratch holds no definition"],
  "a range without end": [
    run(llb.newSourceMap(undefined, "f", "YAML", "").location([loose({ start: { line: 1, character: 0 } })])),
    "exec (cmd x): location: a range needs start and end",
  ],
};

describe("refused in marshal, naming op and option", () => {
  test.each(Object.entries(refused))("%s", (_name, [state, message]) => {
    expect(() => state.marshal(llb.linuxAmd64)).toThrow(message);
  });
  test("errors carry op and option apart", () => {
    let error: unknown;
    try {
      run(llb.addSecret("/s", llb.secretID(""))).marshal(llb.linuxAmd64);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(llb.LlbError);
    expect(error).toMatchObject({ op: "exec (cmd x)", option: "addSecret" });
  });
  test("the custom name is part of the op's name", () => {
    expect(() => run(llb.withCustomName("compile"), llb.network(loose(9))).marshal(llb.linuxAmd64)).toThrow(
      "exec (compile, cmd x): network",
    );
  });
});

describe("refused while building", () => {
  test("an unfinished quote", () => {
    expect(() => llb.shlex("a 'b")).toThrow("shlex: no closing '");
  });
  test("a mount that is not there", () => {
    expect(() => base.run(llb.args(["c"])).getMount("/nowhere")).toThrow('nothing is mounted at "/nowhere"');
  });
  test("an image config that is none", () => {
    expect(() => base.withImageConfig("[]")).toThrow(
      "withImageConfig: the image config is not a JSON object",
    );
    expect(() => base.withImageConfig('{"config":{"Env":[1]}}')).toThrow(
      "config.Env of the image config is not a string",
    );
  });
});

describe("platforms", () => {
  test("none at all", () => {
    expect(() => base.marshal()).toThrow(
      "source (docker-image://docker.io/library/alpine:latest): platform: the op has none",
    );
  });
  test("not needed by ops that have none", () => {
    expect(llb.scratch().file(llb.mkdir("/a", 0o755)).marshal().def).toHaveLength(2);
  });
});

describe("an allow-list", () => {
  const deny = llb.allowOps((op) =>
    op.kind === "exec" && op.op.exec?.network === llb.netModeHost ? "host network is not allowed" : undefined,
  );
  test("lets pass what it knows", () => {
    expect(run(llb.network(llb.netModeNone)).marshal(llb.linuxAmd64, deny).def).toHaveLength(3);
  });
  test("refuses with its own words and the op's name", () => {
    expect(() => run(llb.network(llb.netModeHost)).marshal(llb.linuxAmd64, deny)).toThrow(
      "exec (cmd x): host network is not allowed",
    );
    expect(() => run(llb.network(llb.netModeHost)).marshal(llb.linuxAmd64, deny)).toThrow(
      llb.OpNotAllowedError,
    );
  });
  test("sees imported ops too", () => {
    const foreign = llb.newDefinitionOp(run(llb.network(llb.netModeHost)).marshal(llb.linuxAmd64));
    expect(() => foreign.run(llb.args(["x"])).marshal(llb.linuxAmd64, deny)).toThrow(
      "host network is not allowed",
    );
  });
  test("several are asked in order", () => {
    const asked: string[] = [];
    const note = (name: string): llb.MarshalOption =>
      llb.allowOps((op) => {
        asked.push(`${name} ${op.kind}`);
        return undefined;
      });
    run().marshal(llb.linuxAmd64, note("a"), note("b"));
    expect(asked).toEqual(["a source", "b source", "a exec", "b exec"]);
  });
});

describe("properties", () => {
  test("whatever text goes in, marshal gives bytes that decode to it or an LlbError", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (value, path) => {
        const state = base.run(
          llb.args(["c", value]),
          llb.addEnv("E", value),
          llb.dir(path),
          llb.addMount(path, base),
          llb.withCustomName(value),
        );
        try {
          const copied = llb.definitionFromBytes(state.marshal(llb.linuxAmd64).toBytes());
          expect(JSON.stringify(llb.dump(copied))).toContain(JSON.stringify(`E=${value}`));
        } catch (error) {
          expect(error).toBeInstanceOf(llb.LlbError);
        }
      }),
    );
  });
  test("whatever number goes in, it comes out or an error does", () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer(), fc.bigInt()), (n) => {
        const state = run(llb.addUlimit("nofile", n, 0));
        try {
          const { op } = llb.viewDefinition(state.marshal(llb.linuxAmd64)).ops.at(-1) ?? { op: undefined };
          expect(String(op?.exec?.meta?.ulimit?.[0]?.Soft)).toBe(String(Object.is(n, -0) ? 0 : n));
        } catch (error) {
          expect(error).toBeInstanceOf(llb.LlbError);
        }
      }),
    );
  });
  test("no output has a negative or unknown index in any golden graph", () => {
    for (const graph of Object.values(allCases).flatMap((cases) => Object.values(cases))) {
      const seen = new Set<string>();
      for (const { digest, inputs } of llb.viewDefinition(interpret(graph)).ops) {
        for (const input of inputs) {
          expect(seen).toContain(input.digest);
          expect(input.index).toBeGreaterThanOrEqual(0);
        }
        seen.add(digest);
      }
    }
  });
});
