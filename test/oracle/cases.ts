// Hand-picked graphs: one for each option, and combinations in which options meet. Go's digests of
// them are committed in test/golden/llb and checked without Go.
import { knownCaps } from "../../src/llb/index.ts";
import type { Action, Graph, GraphSourceMap, Node, Option } from "./graph.ts";

/** Cases of one kind by name. */
export type Cases = Readonly<Record<string, Graph>>;

const amd64: Option = ["linuxAmd64"];
const sha = `sha256:${"ab".repeat(32)}`;
const allCaps = [...knownCaps.keys()];

/** A graph whose result is its last node. */
function graph(
  nodes: readonly Node[],
  marshal: readonly Option[] = [amd64],
  sourceMaps?: readonly GraphSourceMap[],
): Graph {
  return { nodes, ...(sourceMaps === undefined ? {} : { sourceMaps }), result: nodes.length - 1, marshal };
}

const scratch: Node = { op: "scratch" };
const alpine: Node = { op: "image", args: ["alpine"] };
const context: Node = { op: "local", args: ["context"], options: [["sessionID", "s1"]] };
const run = (on: number, ...options: readonly Option[]): Node => ({
  op: "run",
  on,
  options: [["args", ["cmd"]], ...options],
});
const file = (on: number, ...actions: readonly Action[]): Node => ({ op: "file", on, actions });
const bytes = (text: string): string => Buffer.from(text).toString("base64");
const mkfile = (path: string, ...options: readonly Option[]): Action => ({
  do: "mkfile",
  args: [path],
  mode: 0o644,
  data: bytes("x"),
  options,
});
const mkdir = (path: string, ...options: readonly Option[]): Action => ({
  do: "mkdir",
  args: [path],
  mode: 0o755,
  options,
});
const copy = (from: number, src: string, dest: string, ...options: readonly Option[]): Action => ({
  do: "copy",
  args: [src, dest],
  from,
  options,
});

const withOptions = (
  op: Node["op"],
  args: readonly string[],
  table: Readonly<Record<string, readonly Option[]>>,
): Cases =>
  Object.fromEntries(
    Object.entries(table).map(([name, options]) => [`${op}: ${name}`, graph([{ op, args, options }])]),
  );

const images: Cases = {
  ...withOptions("image", ["alpine"], {
    plain: [],
    "resolve mode default": [["resolveModeDefault"]],
    "resolve mode pull": [["resolveModeForcePull"]],
    "resolve mode local": [["resolveModePreferLocal"]],
    internal: [["markImageInternal"]],
    "layer limit": [["withLayerLimit", 3]],
    checksum: [["withImageChecksum", sha]],
    "all attributes": [
      ["resolveModeForcePull"],
      ["markImageInternal"],
      ["withLayerLimit", 1],
      ["withImageChecksum", sha],
    ],
    platform: [["linuxArm64"]],
  }),
  "image: tag": graph([{ op: "image", args: ["golang:1.26-alpine"] }]),
  "image: digest": graph([{ op: "image", args: [`gcr.io/distroless/static@${sha}`] }]),
  "image: tag and digest": graph([{ op: "image", args: [`localhost:5000/a/b:c@${sha}`] }]),
  "image: legacy domain": graph([{ op: "image", args: ["index.docker.io/busybox"] }]),
  "image: organisation": graph([{ op: "image", args: ["moby/buildkit"] }]),
  "image: IPv6 registry": graph([{ op: "image", args: ["[::1]:5000/x"] }]),
  ...withOptions("imageBlob", [`alpine@${sha}`], {
    plain: [],
    file: [
      ["filename", "f"],
      ["chmod", 0o600],
      ["chown", 1, 2],
    ],
    "zero file values": [
      ["filename", ""],
      ["chmod", 0],
      ["chown", 0, 0],
    ],
    "store is ignored": [["imageBlobOCIStore", "sess", "store"]],
  }),
  ...withOptions("ociLayoutBlob", [`x/y@${sha}`], {
    plain: [],
    store: [["imageBlobOCIStore", "sess", "store"]],
  }),
  ...withOptions("ociLayout", [`x/y@${sha}`], {
    plain: [],
    store: [["ociStore", "sess", "store"]],
    "layer limit": [["ociLayerLimit", 2]],
    "platform of the op": [["linuxS390x"]],
  }),
};

const sources: Cases = {
  ...withOptions("local", ["context"], {
    session: [["sessionID", "s1"]],
    "unique id": [["localUniqueID", "u"]],
    "session beats unique id": [
      ["localUniqueID", "u"],
      ["sessionID", "s"],
    ],
    include: [
      ["sessionID", "s"],
      ["includePatterns", ["a", "b/*"]],
    ],
    exclude: [
      ["sessionID", "s"],
      ["excludePatterns", ["**/*.go", "!x"]],
    ],
    follow: [
      ["sessionID", "s"],
      ["followPaths", ["a/b"]],
    ],
    "patterns that HTML could misread": [
      ["sessionID", "s"],
      ["includePatterns", ["<a>&b", "\u2028\u2029", '"\\']],
    ],
    "patterns with control characters": [
      ["sessionID", "s"],
      ["excludePatterns", ["\b\f\n\r\t\u0001\u007f"]],
    ],
    "no patterns": [
      ["sessionID", "s"],
      ["includePatterns", ["a"]],
      ["includePatterns", []],
    ],
    "key hint": [
      ["sessionID", "s"],
      ["sharedKeyHint", "hint"],
    ],
    "differ none": [
      ["sessionID", "s"],
      ["differ", "none", false],
    ],
    "differ metadata required": [
      ["sessionID", "s"],
      ["differ", "metadata", true],
    ],
    "metadata only": [
      ["sessionID", "s"],
      ["metadataOnlyTransfer", []],
    ],
    "metadata only with exceptions": [
      ["sessionID", "s"],
      ["metadataOnlyTransfer", ["go.mod", "<"]],
    ],
    "platform is dropped": [["sessionID", "s"], ["linuxArm64"]],
  }),
  "local: unique id of marshal": graph([{ op: "local", args: ["c"] }], [amd64, ["localUniqueID", "m"]]),
  "local: own unique id beats marshal's": graph(
    [{ op: "local", args: ["c"], options: [["localUniqueID", "o"]] }],
    [amd64, ["localUniqueID", "m"]],
  ),
  ...withOptions("http", ["https://example.com/a?b=<c>"], {
    plain: [],
    checksum: [["checksum", sha]],
    file: [
      ["filename", "ü"],
      ["chmod", 0o7755],
      ["chown", 1000, 0],
    ],
    "group only": [["chown", 0, 5]],
    auth: [["authHeaderSecret", "TOKEN"]],
    header: [["header", { accept: "a/b", userAgent: "u" }]],
    "empty header": [["header", {}]],
    signature: [["verifyPGPSignature", "key", "sig"]],
  }),
  "git: shorthand": graph([{ op: "git", args: ["github.com/moby/buildkit", ""] }]),
  "git: URL with ref": graph([{ op: "git", args: ["https://github.com/moby/buildkit.git", "v0.32.2"] }]),
  "git: fragment with subdir": graph([{ op: "git", args: ["https://h/x", "main:./a/../b"] }]),
  "git: fragment without ref": graph([{ op: "git", args: ["https://h/x", ":sub"] }]),
  "git: query and fragment are cut": graph([{ op: "git", args: ["https://h/x?q=1#f", ""] }]),
  "git: escapes in the path": graph([{ op: "git", args: ["https://u:p@h:8443/a%20b/%C3%BC/c+d", ""] }]),
  "git: raw UTF-8 in the path": graph([{ op: "git", args: ["https://h/ü [x]", ""] }]),
  "git: scp style": graph([
    { op: "git", args: ["git@github.com:a/b.git", "main"], options: [["knownSSHHosts", "k\n"]] },
  ]),
  "git: ssh with agent": graph([
    {
      op: "git",
      args: ["ssh://git@h:22/a/b", ""],
      options: [
        ["knownSSHHosts", "k1"],
        ["knownSSHHosts", "k2\n"],
        ["mountSSHSock", "id"],
      ],
    },
  ]),
  ...Object.fromEntries(
    (
      [
        ["ref", ["gitRef", "r"]],
        ["sub-directory", ["gitSubDir", "d/e"]],
        ["keeps .git", ["keepGitDir"]],
        ["token secret", ["authTokenSecret", "T"]],
        ["no token secret", ["authTokenSecret", ""]],
        ["header secret", ["authHeaderSecret", "H"]],
        ["checksum", ["gitChecksum", "ab".repeat(20)]],
        ["no submodules", ["gitSkipSubmodules"]],
        ["times of the checkout", ["gitMTime", "checkout"]],
        ["times of the commit", ["gitMTimeCommit"]],
        ["advice", ["gitAdvice", true]],
        ["no advice", ["gitAdvice", false]],
        ["fetch by commit", ["gitFetchByCommit"]],
        ["bundle as result", ["gitCheckoutBundle"]],
      ] as const
    ).map(([name, option]) => [
      `git: ${name}`,
      graph([{ op: "git", args: ["https://h/x", ""], options: [option as unknown as Option] }]),
    ]),
  ),
  "git: bundle as history": graph([
    {
      op: "git",
      args: ["https://h/x", "m"],
      options: [
        ["gitChecksum", "ab".repeat(20)],
        ["gitBundleURL", `oci-layout+blob://h/x@${sha}`, "sess", "store"],
      ],
    },
  ]),
  "source: attributes with keys beyond the BMP": graph([
    {
      op: "source",
      args: ["docker-image://x"],
      attrs: { "\u{10000}": "1", "\uFFFD": "2", "\uE000": "3", z: "4", "10": "5", "9": "6", "": "7" },
    },
  ]),
  "source: empty values": graph([{ op: "source", args: ["strange://x"], attrs: { a: "", b: "" } }]),
  "source: no platform for other schemes": graph([
    { op: "source", args: ["strange://x"], options: [["linuxArm64"]] },
  ]),
};

/** A run on alpine with options. */
const runs = (table: Readonly<Record<string, readonly Option[]>>): Cases =>
  Object.fromEntries(
    Object.entries(table).map(([name, options]) => [`run: ${name}`, graph([alpine, run(0, ...options)])]),
  );

const execs: Cases = {
  ...runs({
    plain: [],
    shlex: [["shlex", "sh -c 'a  b' \"c \\\"d\\\"\" e\\ f '' # comment"]],
    "the last args count": [
      ["args", ["a"]],
      ["args", ["", "ü", "\u{1F600}"]],
    ],
    "env in order": [
      ["addEnv", "B", "1"],
      ["addEnv", "A", "2"],
    ],
    "env set again moves to the end": [
      ["addEnv", "A", "1"],
      ["addEnv", "B", "2"],
      ["addEnv", "A", "3"],
    ],
    "empty env value": [["addEnv", "A", ""]],
    dir: [["dir", "/x"]],
    "dir is not cleaned": [["dir", "/x//y/../z/"]],
    "relative dir": [
      ["dir", "/x"],
      ["dir", "y/../z"],
    ],
    "relative dir first": [["dir", "a/b"]],
    "empty dir": [
      ["dir", "/w"],
      ["dir", ""],
    ],
    "Windows dir": [["dir", "C:\\work"]],
    user: [["user", "u:g"]],
    hostname: [["hostname", "h"]],
    "network host": [["network", 1]],
    "network none": [["network", 2]],
    "network sandbox": [["network", 0]],
    insecure: [["security", 1]],
    "exit codes": [["validExitCodes", [0, 1, 255]]],
    "no exit codes": [["validExitCodes", []]],
    "extra hosts": [
      ["addExtraHost", "a", "::ffff:10.0.0.1"],
      ["addExtraHost", "b", "2001:DB8:0:0:0:0:0:1"],
      ["addExtraHost", "a", "127.0.0.1"],
    ],
    ulimit: [
      ["addUlimit", "nofile", "1024", "9007199254740993"],
      ["addUlimit", "core", "0", "-1"],
    ],
    "cgroup parent": [["withCgroupParent", "p"]],
    "readonly root": [["readonlyRootFS"], ["addMount", "/out", 0, []]],
    proxy: [["withProxy", { httpProxy: "h", noProxy: "n" }]],
    "empty proxy": [["withProxy", {}]],
    device: [
      ["addCDIDevice", [["cdiDeviceName", "v/c=d"]]],
      ["addCDIDevice", [["cdiDeviceName", "e"], ["cdiDeviceOptional"]]],
    ],
    "limits are metadata": [
      ["memoryLimit", "9007199254740993"],
      ["memorySwapLimit", "-1"],
      ["cpuShares", "18446744073709551615"],
      ["cpuPeriod", "100000"],
      ["cpuQuota", "-9223372036854775808"],
      ["cpusetCpus", "0-3"],
      ["cpusetMems", "0"],
    ],
    "limits replaced": [
      ["memoryLimit", "1"],
      ["withLinuxResources", { cpuQuota: "5" }],
      ["memorySwapLimit", "2"],
    ],
    "empty limits": [["withLinuxResources", {}]],
  }),
  "run: env of the state, then of the run": graph([
    alpine,
    {
      op: "with",
      on: 0,
      options: [
        ["addEnv", "A", "1"],
        ["addEnv", "B", "2"],
      ],
    },
    run(1, ["addEnv", "A", "9"]),
    run(2),
  ]),
  "run: args of the state": graph([
    alpine,
    {
      op: "with",
      on: 0,
      options: [
        ["dir", "/d"],
        ["user", "u"],
        ["hostname", "h"],
        ["network", 2],
        ["security", 1],
      ],
    },
    run(1),
  ]),
  "run: hosts and limits of the state": graph([
    alpine,
    {
      op: "with",
      on: 0,
      options: [
        ["addExtraHost", "h", "1.2.3.4"],
        ["addUlimit", "nproc", "1", "2"],
        ["withCgroupParent", "cg"],
      ],
    },
    run(1),
  ]),
  "run: image config": graph([
    alpine,
    {
      op: "with",
      on: 0,
      options: [
        [
          "withImageConfig",
          JSON.stringify({
            os: "linux",
            architecture: "arm",
            config: { Env: ["PATH=/bin", "=x", "N", "E="], WorkingDir: "w" },
          }),
        ],
      ],
    },
    run(1),
  ]),
  "run: reset": graph([
    alpine,
    {
      op: "with",
      on: 0,
      options: [
        ["addEnv", "A", "1"],
        ["dir", "/a"],
      ],
    },
    {
      op: "with",
      on: 0,
      options: [
        ["addEnv", "B", "1"],
        ["dir", "/b"],
      ],
    },
    { op: "with", on: 1, options: [["reset", 2]] },
    run(3),
  ]),
  "run: reset with the platform of the image": graph([
    { op: "image", args: ["alpine"], options: [["linuxArm64"]] },
    {
      op: "with",
      on: 0,
      options: [
        ["dir", "/b"],
        ["addEnv", "B", "1"],
      ],
    },
    { op: "with", on: 0, options: [["reset", 1]] },
    run(2),
  ]),
  "run: two equal ops are one": graph([alpine, run(0), run(0), { op: "merge", inputs: [1, 2] }]),
  "run: PATH of a daemon that sets none": graph(
    [alpine, run(0)],
    [amd64, ["withCaps", allCaps.filter((cap) => cap !== "exec.meta.setsdefaultpath")]],
  ),
  "run: own PATH stays": graph(
    [alpine, run(0, ["addEnv", "PATH", "/bin"])],
    [amd64, ["withCaps", allCaps.filter((cap) => cap !== "exec.meta.setsdefaultpath")]],
  ),
  "run: PATH of a daemon that sets it": graph([alpine, run(0)], [amd64, ["withCaps", allCaps]]),
  "run: no PATH on Windows": graph(
    [alpine, run(0)],
    [["windows"], ["withCaps", allCaps.filter((cap) => cap !== "exec.meta.setsdefaultpath")]],
  ),
};

const mounts: Cases = {
  ...runs({
    "bind mount": [["addMount", "/m", 0, []]],
    "readonly mount": [["addMount", "/m", 0, [["readonly"]]]],
    "mount without output": [["addMount", "/m", 0, [["forceNoOutput"]]]],
    "part of a state": [["addMount", "/m", 0, [["sourcePath", "/a/b"]]]],
    "cache shared": [["addMount", "/c", 0, [["asPersistentCacheDir", "id", 0]]]],
    "cache private": [["addMount", "/c", 0, [["asPersistentCacheDir", "id", 1]]]],
    "cache locked": [["addMount", "/c", 0, [["asPersistentCacheDir", "ü", 2]]]],
    "readonly cache": [["addMount", "/c", 0, [["asPersistentCacheDir", "id", 0], ["readonly"]]]],
    "content cache on": [["addMount", "/m", 0, [["contentCache", 1]]]],
    "content cache off": [["addMount", "/m", 0, [["readonly"], ["contentCache", 2]]]],
    "Windows mount": [["addMount", "C:\\m", 0, []]],
    "mounts sort by bytes": [
      ["addMount", "/z", 0, []],
      ["addMount", "/\u{1F600}", 0, []],
      ["addMount", "/\uE000", 0, []],
      ["addMount", "/a", 0, []],
      ["addMount", "rel", 0, []],
    ],
    "mounts with one target": [
      ["addMount", "/m", 0, [["readonly"]]],
      ["addMount", "/m", 0, []],
    ],
  }),
  "mount: of scratch": graph([scratch, alpine, run(1, ["addMount", "/m", 0, []])]),
  "mount: tmpfs": graph([scratch, alpine, run(1, ["addMount", "/t", 0, [["tmpfs"]]])]),
  "mount: tmpfs with a size": graph([
    scratch,
    alpine,
    run(1, ["addMount", "/t", 0, [["tmpfs", "9007199254740993"]]]),
  ]),
  "mount: cache of scratch": graph([
    scratch,
    alpine,
    run(1, ["addMount", "/c", 0, [["asPersistentCacheDir", "id", 2]]]),
  ]),
  "mount: outputs are numbered in sorted order": graph([
    scratch,
    alpine,
    run(
      1,
      ["addMount", "/z", 0, []],
      ["addMount", "/a", 0, []],
      ["addMount", "/m", 0, [["readonly"]]],
      ["addMount", "/n", 0, [["asPersistentCacheDir", "i", 0]]],
    ),
    { op: "getMount", on: 2, args: ["/z"] },
    { op: "getMount", on: 2, args: ["/a"] },
    { op: "merge", inputs: [2, 3, 4] },
  ]),
  "mount: before the root": graph([
    scratch,
    alpine,
    run(1, ["addMount", "+", 0, []]),
    { op: "getMount", on: 2, args: ["+"] },
    { op: "merge", inputs: [2, 3] },
  ]),
  "mount: of a readonly mount is its source": graph([
    context,
    alpine,
    run(1, ["addMount", "/m", 0, [["readonly"]]]),
    { op: "getMount", on: 2, args: ["/m"] },
  ]),
  "mount: readonly root is the input": graph([alpine, run(0, ["readonlyRootFS"]), run(1)]),
  "mount: added later renumbers": graph([
    scratch,
    alpine,
    run(1, ["addMount", "/m", 0, []]),
    { op: "getMount", on: 2, args: ["/m"] },
    { op: "addMount", on: 2, args: ["/a"], inputs: [0], options: [] },
    { op: "merge", inputs: [2, 3, 4] },
  ]),
  "mount: inputs are shared": graph([
    alpine,
    context,
    run(0, ["addMount", "/a", 1, []], ["addMount", "/b", 1, [["readonly"]]], ["addMount", "/c", 0, []]),
  ]),
  "mount: two outputs of one op": graph([
    scratch,
    alpine,
    run(1, ["addMount", "/o", 0, []]),
    { op: "getMount", on: 2, args: ["/o"] },
    run(2, ["addMount", "/x", 3, [["readonly"]]], ["addMount", "/y", 2, [["readonly"]]]),
  ]),
  "mount: more than twelve": graph([
    scratch,
    alpine,
    run(
      1,
      ...Array.from({ length: 20 }, (_, i): Option => [
        "addMount",
        `/m${(i * 7) % 20}`,
        0,
        i % 3 === 0 ? [["readonly"]] : [],
      ]),
    ),
  ]),
};

const secrets: Cases = runs({
  secret: [["addSecret", "/run/secrets/a", []]],
  "secret id": [["addSecret", "/run/secrets/a", [["secretID", "id"]]]],
  "optional secret": [["addSecret", "/s", [["secretOptional"]]]],
  "owner of a secret": [["addSecret", "/s", [["secretFileOpt", 1000, 1001, 0o440]]]],
  "zero mode of a secret": [["addSecret", "/s", [["secretFileOpt", 0, 0, 0]]]],
  "secret as variable": [
    [
      "addSecret",
      "TOKEN",
      [
        ["secretAsEnv", true],
        ["secretID", "t"],
      ],
    ],
  ],
  "secret as variable taken back": [
    [
      "addSecret",
      "TOKEN",
      [
        ["secretAsEnvName", "X"],
        ["secretAsEnv", false],
      ],
    ],
  ],
  "secret as file and variable": [["addSecret", "/s", [["secretAsEnvName", "S"]]]],
  "secret without a file": [["addSecretWithDest", "id", null, [["secretAsEnvName", "S"]]]],
  "secret with a file": [["addSecretWithDest", "id", "/d", []]],
  "secrets keep their order": [
    ["addSecret", "/z", []],
    ["addSecret", "/a", []],
    ["addMount", "/m", 0, []],
  ],
  ssh: [["addSSHSocket", []]],
  "ssh id": [["addSSHSocket", [["sshID", "default"], ["sshOptional"]]]],
  "ssh target": [["addSSHSocket", [["sshSocketTarget", "/sock"]]]],
  "owner of the ssh socket": [["addSSHSocket", [["sshSocketOpt", "/s", 1, 2, 0o660]]]],
  "two ssh sockets": [
    ["addSSHSocket", [["sshID", "a"]]],
    ["addSSHSocket", [["sshID", "b"]]],
  ],
  "ssh with its own variable": [
    ["addEnv", "SSH_AUTH_SOCK", "/x"],
    ["addSSHSocket", []],
  ],
  "secret, ssh and mounts": [
    ["addSSHSocket", []],
    ["addSecret", "/s", []],
    ["addMount", "/z", 0, []],
    ["addMount", "/b", 0, []],
    ["addEnv", "A", "1"],
  ],
});

const passwd = [["withUser", "u:g"]] as const;

const files: Cases = {
  "mkdir: plain": graph([scratch, file(0, mkdir("/a"))]),
  "mkdir: parents": graph([scratch, file(0, mkdir("/a/b", ["withParents", true]))]),
  "mkdir: mode is masked": graph([scratch, file(0, { do: "mkdir", args: ["/a"], mode: 0o7777 })]),
  "mkdir: zero mode": graph([scratch, file(0, { do: "mkdir", args: ["/a"], mode: 0 })]),
  "mkdir: epoch": graph([scratch, file(0, mkdir("/a", ["withCreatedTime", "0"]))]),
  "mkfile: time beyond 2^53": graph([
    scratch,
    file(0, mkfile("/a", ["withCreatedTime", "1700000000123456789"])),
  ]),
  "mkfile: largest time": graph([scratch, file(0, mkfile("/a", ["withCreatedTime", "9223372036854775807"]))]),
  "mkfile: negative time": graph([scratch, file(0, mkfile("/a", ["withCreatedTime", "-9007199254740993"]))]),
  "mkfile: empty": graph([scratch, file(0, { do: "mkfile", args: ["/a"], mode: 0o644, data: "" })]),
  "mkfile: binary": graph([
    scratch,
    file(0, {
      do: "mkfile",
      args: ["/a"],
      mode: 0o644,
      data: Buffer.from([0, 255, 128, 10]).toString("base64"),
    }),
  ]),
  "mkfile: a kilobyte": graph([
    scratch,
    file(0, { do: "mkfile", args: ["/a"], mode: 0o644, data: bytes("0123456789abcdef".repeat(64)) }),
  ]),
  "mkfile: ids": graph([scratch, file(0, mkfile("/a", ["withUIDGID", 1000, 4294967295]))]),
  "mkfile: root": graph([scratch, file(0, mkfile("/a", ["withUser", "root:root"]))]),
  "mkfile: id as text": graph([scratch, file(0, mkfile("/a", ["withUser", "65532"]))]),
  "mkfile: names": graph([alpine, file(0, mkfile("/a", ...passwd))]),
  "mkfile: name and id": graph([alpine, file(0, mkfile("/a", ["withUser", "u:0"]))]),
  "mkfile: group only": graph([alpine, file(0, mkfile("/a", ["withUser", ":g"]))]),
  "symlink: plain": graph([scratch, file(0, { do: "symlink", args: ["/old", "/new"] })]),
  "symlink: paths stay as written": graph([
    scratch,
    { op: "with", on: 0, options: [["dir", "/d"]] },
    file(1, { do: "symlink", args: ["../a//b/", "c/./d"] }),
  ]),
  "symlink: owner and time": graph([
    alpine,
    file(0, {
      do: "symlink",
      args: ["a", "b"],
      options: [
        ["withUser", "u"],
        ["withCreatedTime", "5"],
      ],
    }),
  ]),
  "rm: plain": graph([alpine, file(0, { do: "rm", args: ["/a"] })]),
  "rm: flags": graph([
    alpine,
    file(0, {
      do: "rm",
      args: ["/a*"],
      options: [
        ["withAllowNotFound", true],
        ["withAllowWildcard", true],
      ],
    }),
  ]),
  "copy: plain": graph([alpine, context, file(0, copy(1, "/a", "/b"))]),
  "copy: from scratch": graph([alpine, scratch, file(0, copy(1, "/a", "/b"))]),
  "copy: to scratch": graph([scratch, context, file(0, copy(1, "/a", "/b"))]),
  "copy: from itself": graph([alpine, file(0, copy(0, "/a", "/b"))]),
  "copy: slash and dot": graph([
    alpine,
    context,
    file(0, copy(1, "a/", "b/")),
    file(2, copy(1, ".", "c/.")),
    file(3, copy(1, "", "/.")),
    file(4, copy(1, "/", ".")),
  ]),
  "copy: relative to both dirs": graph([
    alpine,
    context,
    { op: "with", on: 0, options: [["dir", "/w"]] },
    { op: "with", on: 1, options: [["dir", "/s"]] },
    file(2, copy(3, "../a", "b/../c/")),
  ]),
  "copy: Windows paths": graph([alpine, context, file(0, copy(1, "C:\\a", "D:\\b\\"))]),
  "copy: mode": graph([alpine, context, file(0, copy(1, "/a", "/b", ["chmodOpt", { mode: 0o755 }]))]),
  "copy: zero mode": graph([alpine, context, file(0, copy(1, "/a", "/b", ["chmodOpt", { mode: 0 }]))]),
  "copy: mode as text": graph([
    alpine,
    context,
    file(0, copy(1, "/a", "/b", ["chmodOpt", { modeStr: "u=rwX,go=rX" }])),
  ]),
  "copy: mode text beats number": graph([
    alpine,
    context,
    file(0, copy(1, "/a", "/b", ["chmodOpt", { mode: 1, modeStr: "a+x" }])),
  ]),
  "copy: all flags": graph([
    alpine,
    context,
    file(
      0,
      copy(1, "/a", "/b", [
        "copyInfo",
        {
          followSymlinks: true,
          copyDirContentsOnly: true,
          attemptUnpack: true,
          createDestPath: true,
          allowWildcard: true,
          allowEmptyWildcard: true,
          alwaysReplaceExistingDestPaths: true,
        },
      ]),
    ),
  ]),
  "copy: all lists": graph([
    alpine,
    context,
    file(
      0,
      copy(1, "/a", "/b", [
        "copyInfo",
        { includePatterns: ["*.go", ""], excludePatterns: ["x"], requiredPaths: ["/r"] },
      ]),
    ),
  ]),
  "copy: excludes add up": graph([
    alpine,
    context,
    file(0, copy(1, "/a", "/b", ["withExcludePatterns", ["a"]], ["withExcludePatterns", ["b"]])),
  ]),
  "copy: owner and time": graph([
    alpine,
    context,
    file(0, copy(1, "/a", "/b", ...passwd, ["withCreatedTime", "1"])),
  ]),
  "chain: three actions": graph([
    alpine,
    context,
    file(0, mkdir("/d"), copy(1, "/a", "/d/"), { do: "rm", args: ["/d/x"] }),
  ]),
  "chain: two sources": graph([
    alpine,
    context,
    { op: "local", args: ["other"], options: [["sessionID", "s2"]] },
    file(0, copy(1, "/a", "/"), copy(2, "/b", "/")),
  ]),
  "chain: a source twice": graph([alpine, context, file(0, copy(1, "/a", "/"), copy(1, "/b", "/"))]),
  "chain: from another chain": graph([
    alpine,
    scratch,
    { op: "actions", on: 1, actions: [mkfile("/x"), mkdir("/y")] },
    file(0, mkdir("/d"), copy(2, "/x", "/d/x")),
  ]),
  "chain: one chain used twice": graph([
    alpine,
    scratch,
    { op: "actions", on: 1, actions: [mkfile("/x")] },
    file(0, copy(2, "/x", "/1"), copy(2, "/x", "/2")),
  ]),
  "chain: chain of a chain": graph([
    alpine,
    context,
    { op: "actions", on: 1, actions: [mkfile("/x")] },
    { op: "actions", on: 0, actions: [copy(2, "/x", "y"), mkdir("/z")] },
    { op: "with", on: 0, options: [["dir", "/q"]] },
    file(4, copy(3, "y", "z"), mkfile("r", ...passwd)),
  ]),
  "file: constraints": graph([
    alpine,
    {
      op: "file",
      on: 0,
      actions: [mkdir("/a")],
      options: [["linuxArm64"], ["require", ["f"]], ["withCustomName", "n"]],
    },
  ]),
};

const combined: Cases = {
  "merge: two": graph([alpine, scratch, file(1, mkdir("/a")), { op: "merge", inputs: [0, 2] }]),
  "merge: equal inputs stay two": graph([alpine, { op: "merge", inputs: [0, 0] }]),
  "merge: scratch is left out": graph([scratch, alpine, { op: "merge", inputs: [0, 1, 0] }]),
  "merge: only scratch": graph([scratch, { op: "merge", inputs: [0, 0] }]),
  "merge: five with constraints": graph([
    alpine,
    context,
    run(0),
    file(0, mkdir("/a")),
    { op: "merge", inputs: [3, 2, 1, 0, 2], options: [["linuxArm64"], ["ignoreCache"]] },
  ]),
  "merge: keeps the first dir": graph([
    alpine,
    { op: "with", on: 0, options: [["dir", "/d"]] },
    context,
    { op: "merge", inputs: [1, 2] },
    run(3),
  ]),
  "diff: two": graph([alpine, run(0), { op: "diff", inputs: [0, 1] }]),
  "diff: against scratch above": graph([alpine, scratch, { op: "diff", inputs: [0, 1] }]),
  "diff: scratch below is the upper state": graph([alpine, scratch, { op: "diff", inputs: [1, 0] }]),
  "diff: of scratch and scratch": graph([scratch, { op: "diff", inputs: [0, 0] }]),
  "diff: of itself": graph([alpine, { op: "diff", inputs: [0, 0] }]),
  "diff: merged on another": graph([
    alpine,
    run(0),
    { op: "diff", inputs: [0, 1] },
    { op: "image", args: ["busybox"] },
    { op: "merge", inputs: [3, 2] },
  ]),
  "requires: another state": graph([alpine, run(0), { op: "requires", on: 0, args: ["id"], inputs: [1] }]),
  "requires: scratch is left out": graph([
    alpine,
    scratch,
    { op: "requires", on: 0, args: ["id"], inputs: [1] },
  ]),
  "requires: nothing": graph([alpine, { op: "requires", on: 0, args: ["id"], inputs: [] }]),
  "passthrough: outputs": graph([
    alpine,
    context,
    { op: "passthrough", args: ["ü"], inputs: [0, 1], outputs: [false, true] },
  ]),
  "passthrough: many outputs": graph([
    alpine,
    context,
    run(0),
    {
      op: "passthrough",
      args: ["p"],
      inputs: [0, 1, 2],
      outputs: [true, true, true],
      options: [["withCustomName", "x"]],
    },
  ]),
  "build: default name": graph([context, { op: "build", on: 0, options: [] }]),
  "build: file name": graph([
    context,
    { op: "build", on: 0, options: [["withFilename", "def.pb"], ["linuxArm64"], ["ignoreCache"]] },
  ]),
  "scratch: as the result": graph([scratch]),
  "diamond: shared input": graph([
    alpine,
    run(0),
    run(1, ["addEnv", "A", "1"]),
    run(1, ["addEnv", "A", "2"]),
    { op: "merge", inputs: [2, 3, 1] },
  ]),
};

/** An image with an option of any op. */
const anyOp = (table: Readonly<Record<string, readonly Option[]>>): Cases =>
  Object.fromEntries(
    Object.entries(table).map(([name, options]) => [`any op: ${name}`, graph([alpine, run(0, ...options)])]),
  );

const metadata: Cases = {
  ...anyOp({
    "ignore cache": [["ignoreCache"]],
    "custom name": [["withCustomName", "step ü"]],
    description: [["withDescription", { "\u{10000}": "a", "\uFFFD": "b", z: "", "10": "c", "9": "d" }]],
    "descriptions add up": [
      ["withDescription", { a: "1", b: "2" }],
      ["withDescription", { b: "3" }],
    ],
    "empty description": [["withDescription", {}]],
    "export cache": [["withExportCache"]],
    "no export cache": [["withoutExportCache"]],
    "export cache undone": [["withExportCache"], ["withoutDefaultExportCache"]],
    "progress group": [["progressGroup", "id", "name", false]],
    "weak progress group": [["progressGroup", "", "", true]],
    filters: [
      ["require", ["a==b", ""]],
      ["require", ["c"]],
    ],
    "unique id does nothing": [["localUniqueID", "u"]],
  }),
  "marshal: filters come first": graph([alpine, run(0, ["require", ["own"]])], [amd64, ["require", ["all"]]]),
  "marshal: ignore cache for all": graph([alpine, run(0)], [amd64, ["ignoreCache"]]),
  "marshal: export cache, overridden": graph(
    [alpine, run(0, ["withoutExportCache"])],
    [amd64, ["withExportCache"]],
  ),
  "marshal: progress group, overridden": graph(
    [alpine, run(0, ["progressGroup", "o", "own", true])],
    [amd64, ["progressGroup", "m", "all", false]],
  ),
  "marshal: limits, overridden": graph([alpine, run(0, ["memoryLimit", "2"])], [amd64, ["memoryLimit", "1"]]),
  "marshal: description for all": graph([alpine, run(0)], [amd64, ["withDescription", { k: "v" }]]),
  "marshal: equal ops with other metadata": graph([
    alpine,
    run(0, ["withCustomName", "one"]),
    run(0, ["ignoreCache"], ["withDescription", { x: "y" }]),
    { op: "merge", inputs: [1, 2] },
  ]),
};

const platform = (os: string, architecture: string, more: Readonly<Record<string, unknown>> = {}): Option => [
  "platform",
  { os, architecture, ...more },
];

const platforms: Cases = {
  ...Object.fromEntries(
    [
      "linuxArm",
      "linuxArmhf",
      "linuxArmel",
      "linuxArm64",
      "linuxS390x",
      "linuxPpc64",
      "linuxPpc64le",
      "linuxRiscv64",
      "darwin",
      "windows",
    ].map((name) => [`platform: ${name}`, graph([{ op: "image", args: ["alpine"], options: [[name]] }])]),
  ),
  "platform: of an op is not normalised": graph([
    { op: "image", args: ["alpine"], options: [platform("Linux", "x86_64", { variant: "v1" })] },
  ]),
  "platform: of an image reaches the run, normalised": graph([
    { op: "image", args: ["alpine"], options: [platform("Linux", "aarch64", { variant: "v8" })] },
    run(0),
  ]),
  "platform: of a state is normalised": graph([
    alpine,
    { op: "with", on: 0, options: [platform("linux", "armhf")] },
    run(1),
  ]),
  "platform: of a run reaches the next": graph([alpine, run(0, ["linuxArm64"]), run(1)]),
  "platform: of a run reaches its mounts": graph([
    scratch,
    alpine,
    run(1, ["linuxArm64"], ["addMount", "/o", 0, []]),
    { op: "getMount", on: 2, args: ["/o"] },
    run(3),
  ]),
  "platform: is lost behind a new tree": graph([
    alpine,
    run(0, ["linuxArm64"]),
    { op: "diff", inputs: [0, 1] },
    run(2),
  ]),
  "platform: version and features": graph([
    {
      op: "image",
      args: ["x"],
      options: [platform("windows", "amd64", { osVersion: "10.0.17763", osFeatures: ["win32k", "a"] })],
    },
    run(0),
  ]),
  "platform: features of a state are sorted": graph([
    alpine,
    { op: "with", on: 0, options: [platform("windows", "amd64", { osFeatures: ["b", "a", "b"] })] },
    run(1),
  ]),
  "platform: marshal's": graph([alpine, run(0)], [platform("linux", "arm", { variant: "v6" })]),
};

const ranges = [
  [1, 0, 1, 5],
  [3, 2, 4, 0],
];
const yaml: GraphSourceMap = { filename: "service.yaml", language: "YAML", data: bytes("a: b\nc: d\n") };

const sourceMaps: Cases = {
  "location: one op": graph([alpine, run(0, ["location", 0, ranges])], [amd64], [yaml]),
  "location: no ranges": graph([alpine, run(0, ["location", 0, []])], [amd64], [yaml]),
  "location: two of one op": graph(
    [alpine, run(0, ["location", 0, ranges], ["location", 0, [[9, 0, 9, 9]]])],
    [amd64],
    [yaml],
  ),
  "location: two files": graph(
    [{ op: "image", args: ["a"], options: [["location", 1, ranges]] }, run(0, ["location", 0, ranges])],
    [amd64],
    [yaml, { ...yaml, filename: "b" }],
  ),
  "location: equal files are one": graph(
    [{ op: "image", args: ["a"], options: [["location", 1, ranges]] }, run(0, ["location", 0, ranges])],
    [amd64],
    [yaml, yaml],
  ),
  "location: files that differ in content": graph(
    [{ op: "image", args: ["a"], options: [["location", 1, ranges]] }, run(0, ["location", 0, ranges])],
    [amd64],
    [yaml, { ...yaml, data: bytes("x") }],
  ),
  "location: file with its graph": graph(
    [context, alpine, run(1, ["location", 0, ranges])],
    [amd64],
    [{ ...yaml, state: 0 }],
  ),
  "location: equal ops gather": graph(
    [
      alpine,
      run(0, ["location", 0, [[1, 0, 1, 0]]]),
      run(0, ["location", 0, [[2, 0, 2, 0]]]),
      { op: "merge", inputs: [1, 2], options: [["location", 0, ranges]] },
    ],
    [amd64],
    [yaml],
  ),
  "location: unused file": graph([alpine], [amd64], [yaml]),
  "location: file op and diff": graph(
    [
      alpine,
      { op: "file", on: 0, actions: [mkdir("/a")], options: [["location", 0, ranges]] },
      { op: "diff", inputs: [0, 1], options: [["location", 0, []]] },
    ],
    [amd64],
    [yaml],
  ),
};

const imported = (on: number, ...options: readonly Option[]): Node => ({
  op: "import",
  on,
  options: [amd64, ...options],
});

const imports: Cases = {
  "import: a source": graph([alpine, imported(0)]),
  "import: as a base": graph([alpine, run(0), imported(1), run(2)]),
  "import: keeps its platform": graph([
    { op: "image", args: ["alpine"], options: [["linuxArm64"]] },
    imported(0),
    run(1),
  ]),
  "import: an output above 0": graph([
    scratch,
    alpine,
    run(1, ["addMount", "/o", 0, []]),
    { op: "getMount", on: 2, args: ["/o"] },
    imported(3),
    run(1, ["addMount", "/i", 4, [["readonly"]]]),
  ]),
  "import: meets the same op": graph([
    alpine,
    run(0, ["withCustomName", "x"]),
    imported(1),
    { op: "merge", inputs: [1, 2] },
  ]),
  "import: two outputs of one op": graph(
    [
      scratch,
      alpine,
      run(1, ["addMount", "/o", 0, []], ["location", 0, ranges]),
      { op: "getMount", on: 2, args: ["/o"] },
      { op: "merge", inputs: [2, 3] },
      imported(4),
      run(5),
    ],
    [amd64],
    [yaml],
  ),
  "import: metadata stays": graph(
    [
      alpine,
      run(
        0,
        ["ignoreCache"],
        ["withExportCache"],
        ["progressGroup", "g", "n", true],
        ["memoryLimit", "9007199254740993"],
      ),
      imported(1),
      run(2),
    ],
    [amd64, ["withoutExportCache"]],
  ),
  "import: locations stay": graph(
    [alpine, run(0, ["location", 0, ranges]), imported(1), run(2, ["location", 1, ranges])],
    [amd64],
    [yaml, { ...yaml, filename: "other" }],
  ),
  "import: of an import": graph([alpine, run(0), imported(1), file(2, mkdir("/a")), imported(3)]),
  "import: marshalled for another platform": graph([
    alpine,
    { op: "import", on: 0, options: [["linuxArm64"]] },
    run(1),
  ]),
};

/** All cases, by the file they are kept in. */
export const allCases: Readonly<Record<string, Cases>> = {
  images,
  sources,
  execs,
  mounts,
  secrets,
  files,
  combined,
  metadata,
  platforms,
  "source-maps": sourceMaps,
  imports,
};
