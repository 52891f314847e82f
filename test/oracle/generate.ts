// Random graphs, biased to what goes wrong: zero values, empty strings, keys beyond the BMP, `<>&`,
// env set again, relative dirs, trailing slashes, many outputs, shared and duplicated ops.
//
// Left out is what Go itself cannot repeat (random ids, key scans, unstable sorts) and what this
// library refuses on purpose; docs/llb.md lists both.
import { knownCaps } from "../../src/llb/index.ts";
import type { Action, Graph, GraphSourceMap, Node, Option } from "./graph.ts";
import { newRandom, type Random } from "./random.ts";

/** What the generator knows about the value of a node. */
interface Made {
  readonly kind: "state" | "exec" | "input";
  readonly scratch: boolean;
  /** Mounts of an exec that can be used as states. */
  readonly mounts?: { readonly target: string; readonly scratch: boolean }[];
  readonly targets?: Set<string>;
}

/** A graph of about `most` ops at most; the same seed gives the same graph. */
export function generateGraph(seed: number, most = 200): Graph {
  const random = newRandom(seed);
  // Mostly small graphs, where a difference is easy to read; now and then large ones.
  // Three of four nodes are ops; the others are states made of states.
  const nodes = Math.ceil(most * 1.33);
  const size = 1 + random.int(random.chance(0.25) ? nodes : random.chance() ? 12 : 40);
  return new Generator(random).graph(size);
}

const texts = [
  "",
  "a",
  "b c",
  "ü",
  "漢字",
  "\u{1F600}",
  "\uE000",
  "<x>&y",
  "\u2028",
  "A=B",
  "10",
  "9",
  '"q"',
  "tab\there",
  "\\",
];
const keys = ["PATH", "HOME", "a", "Z", "ä", "\u{10000}", "\uFFFD", "10", "9", "SSH_AUTH_SOCK", "x.y"];
const paths = [
  "/",
  "/a",
  "/a/b",
  "a",
  "./a",
  "../x",
  "/a/",
  "/a/.",
  "a/b/",
  ".",
  "",
  "/x//y",
  "/ü",
  "C:\\x",
  "c/./d/../e",
  "/.",
  "/b/../c/",
];
const sha = `sha256:${"ab".repeat(32)}`;
const digests = [sha, `sha512:${"0f".repeat(64)}`];
const int64s = [
  "0",
  "1",
  "-1",
  "127",
  "128",
  "1024",
  "2147483648",
  "9007199254740993",
  "-9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
];
const uint64s = ["0", "1", "127", "300", "4294967296", "9007199254740993", "18446744073709551615"];
const platforms = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm", variant: "v7" },
  { os: "linux", architecture: "aarch64", variant: "v8" },
  { os: "windows", architecture: "amd64", osVersion: "10.0.17763", osFeatures: ["win32k", "a", "a"] },
  { os: "Darwin", architecture: "x86_64" },
];

class Generator {
  readonly #random: Random;
  readonly #nodes: Node[] = [];
  readonly #made: Made[] = [];
  readonly #sourceMaps: GraphSourceMap[] = [];
  readonly #caps: Option[];
  #names = 0;

  constructor(random: Random) {
    this.#random = random;
    const all = [...knownCaps.keys()];
    this.#caps = random.chance(0.6)
      ? []
      : [["withCaps", random.chance() ? all : all.filter((cap) => cap !== "exec.meta.setsdefaultpath")]];
  }

  graph(size: number): Graph {
    const { chance, pick, int } = this.#random;
    this.#source();
    for (let i = 1; i < size; i++) {
      if (chance(0.02) && this.#sourceMaps.length < 4) this.#addSourceMap();
      this.#step();
      // A duplicate: two ops of one digest, which come together only when encoded.
      const last = this.#nodes.at(-1);
      const made = this.#made.at(-1);
      if (chance(0.05) && last !== undefined && made?.kind === "state" && last.op !== "addMount") {
        this.#push(last, made);
      }
    }
    const states = this.#made.flatMap(({ kind, scratch }, i) => (kind === "input" || scratch ? [] : [i]));
    // A merge at the end brings in what would hang loose otherwise.
    if (states.length > 1 && chance(0.6)) {
      const inputs = Array.from({ length: 2 + int(Math.max(12, size / 3)) }, () => pick(states));
      states.push(this.#push({ op: "merge", inputs }, { kind: "state", scratch: false }));
    }
    const result = states.length === 0 ? 0 : chance(0.9) ? (states.at(-1) ?? 0) : pick(states);
    return {
      nodes: this.#nodes,
      ...(this.#sourceMaps.length === 0 ? {} : { sourceMaps: this.#sourceMaps }),
      result,
      marshal: this.#marshalOptions(int),
    };
  }

  #push(node: Node, made: Made): number {
    this.#made.push(made);
    return this.#nodes.push(node) - 1;
  }

  /** An earlier state; mostly a late one, so that graphs become deep. */
  #state(accept: (made: Made) => boolean = () => true): number | undefined {
    const all = this.#made.flatMap((made, i) => (made.kind !== "input" && accept(made) ? [i] : []));
    if (all.length === 0) return undefined;
    return this.#random.chance(0.6)
      ? all[Math.max(0, all.length - 1 - this.#random.int(3))]
      : this.#random.pick(all);
  }

  #isScratch(i: number): boolean {
    return this.#made[i]?.scratch ?? true;
  }

  #addSourceMap(): void {
    const { chance, pick } = this.#random;
    // Go keeps the first definition it makes of the state, even when a mount is added later.
    const grows = this.#nodes.some(({ op }) => op === "addMount");
    const state = chance(0.3) && !grows ? this.#state(({ scratch }) => !scratch) : undefined;
    this.#sourceMaps.push({
      ...(state === undefined ? {} : { state }),
      // Equal maps are one in the definition, but only when neither has a state.
      filename: state === undefined && chance(0.3) ? "same.yaml" : `f${this.#sourceMaps.length}.yaml`,
      language: "YAML",
      data: Buffer.from(`line: ${pick(texts)}\n`).toString("base64"),
    });
  }

  // -------------------------------------------------------------- nodes

  #step(): void {
    const roll = this.#random.int(100);
    if (roll < 18) this.#source();
    else if (roll < 45) this.#run();
    else if (roll < 65) this.#file();
    else if (roll < 73) this.#with();
    else if (roll < 80) this.#mergeOrDiff();
    else if (roll < 85) this.#mountOf();
    else if (roll < 89) this.#actions();
    else if (roll < 93) this.#passthrough();
    else if (roll < 96) this.#build();
    else this.#import();
  }

  #source(): void {
    const { pick, chance, int, list } = this.#random;
    const options: Option[] = [];
    const maybe = (...option: Option): void => {
      if (chance(0.3)) options.push(option);
    };
    const made: Made = { kind: "state", scratch: false };
    const patterns = (): string[] => list(3, () => pick(texts));
    const fileInfo = (): void => {
      maybe("filename", pick(texts));
      maybe("chmod", pick([0, 0o644, 0o7777, 0o1]));
      maybe("chown", int(3), int(1000));
    };
    const kind = pick([
      "scratch",
      "image",
      "image",
      "imageBlob",
      "ociLayoutBlob",
      "ociLayout",
      "local",
      "local",
      "git",
      "http",
      "source",
    ] as const);
    switch (kind) {
      case "scratch":
        this.#push({ op: "scratch" }, { kind: "state", scratch: true });
        return;
      case "image":
        maybe(pick(["resolveModeDefault", "resolveModeForcePull", "resolveModePreferLocal"]));
        maybe("markImageInternal");
        maybe("withLayerLimit", 1 + int(5));
        maybe("withImageChecksum", pick(digests));
        options.push(...this.#constraints());
        this.#push(
          {
            op: kind,
            args: [
              pick([
                "alpine",
                "golang:1.26",
                "gcr.io/a/b",
                `localhost:5000/x@${sha}`,
                "docker.io/x/y:z",
                "index.docker.io/n",
              ]),
            ],
            options,
          },
          made,
        );
        return;
      case "imageBlob":
      case "ociLayoutBlob":
        fileInfo();
        maybe("imageBlobOCIStore", pick(texts), pick(texts));
        options.push(...this.#constraints());
        this.#push({ op: kind, args: [`${pick(["alpine", "gcr.io/a/b"])}@${pick(digests)}`], options }, made);
        return;
      case "ociLayout":
        maybe("ociStore", pick(texts), pick(texts));
        maybe("ociLayerLimit", 1 + int(3));
        options.push(...this.#constraints());
        this.#push({ op: kind, args: [`name@${pick(digests)}`], options }, made);
        return;
      case "local":
        maybe("sessionID", pick(["", "s1", "n:s2"]));
        maybe("includePatterns", patterns());
        maybe("excludePatterns", patterns());
        maybe("followPaths", patterns());
        maybe("sharedKeyHint", pick(texts));
        maybe("differ", pick(["none", "metadata"]), chance());
        maybe("metadataOnlyTransfer", patterns());
        maybe("localUniqueID", pick(["u1", ""]));
        options.push(...this.#constraints());
        this.#push({ op: kind, args: [pick(["context", "ü", "dockerfile"])], options }, made);
        return;
      case "git": {
        const remote = pick([
          "https://github.com/a/b.git",
          "github.com/a/b",
          "http://h:80/x%20y?q=1#frag",
          "git://h/p/../q",
          "ssh://git@h:22/r",
          "git@h:r/s.git?a=b#c",
          "https://u:p@h/é",
          "https://h",
        ]);
        maybe("gitRef", pick(["", "main", "v1"]));
        maybe("gitSubDir", pick(["", "sub", "a/b"]));
        maybe("authTokenSecret", pick(["", "T"]));
        maybe("authHeaderSecret", pick(["", "H"]));
        maybe("mountSSHSock", pick(["", "sock"]));
        maybe("gitChecksum", "0123456789012345678901234567890123456789");
        maybe("gitSkipSubmodules");
        maybe("gitMTime", pick(["checkout", "commit"]));
        maybe("gitMTimeCommit");
        maybe("gitAdvice", chance(0.5));
        maybe("gitFetchByCommit");
        if (chance(0.2)) {
          const blob = ["gitBundleURL", `docker-image+blob://h/x@${sha}`];
          options.push(
            ["gitChecksum", "ab".repeat(20)],
            chance() ? [blob[0] ?? "", blob[1]] : [blob[0] ?? "", blob[1], pick(texts), pick(texts)],
          );
        }
        // Without known hosts Go would ask the network.
        options.push(["knownSSHHosts", "h ssh-ed25519 AAAA\n"]);
        maybe("knownSSHHosts", "second");
        maybe("keepGitDir");
        options.push(...this.#constraints());
        this.#push(
          { op: kind, args: [remote, pick(["", "main", "main:sub/../x", ":d", "r:"])], options },
          made,
        );
        return;
      }
      case "http":
        fileInfo();
        maybe("checksum", pick(digests));
        maybe("authHeaderSecret", pick(["", "S"]));
        maybe("header", { accept: pick(texts), userAgent: pick(texts) });
        maybe("verifyPGPSignature", "key", "signature");
        options.push(...this.#constraints());
        this.#push({ op: kind, args: [pick(["https://h/a", "http://h/ü?x=<y>#z"])], options }, made);
        return;
      case "source":
        options.push(...this.#constraints());
        this.#push(
          {
            op: kind,
            args: [pick(["docker-image://x", "oci-layout://y", "local://z", "strange://ü", "x"])],
            attrs: Object.fromEntries(list(5, () => [pick(keys), pick(texts)])),
            options,
          },
          made,
        );
    }
  }

  #with(): void {
    const { pick, list } = this.#random;
    const on = this.#state() ?? 0;
    const option = (): Option => {
      const change = this.#stateOption();
      return pick<Option>([
        change,
        change,
        change,
        ["platform", pick(platforms)],
        ["addExtraHost", pick(["h", "ü"]), this.#ip()],
        ["addUlimit", pick(["nofile", "core"]), pick(int64s), pick(int64s)],
        ["withCgroupParent", pick(texts)],
        ["reset", this.#state() ?? 0],
        ["withImageConfig", this.#imageConfig()],
      ]);
    };
    this.#push(
      { op: "with", on, options: [option(), ...list(3, option)] },
      { kind: "state", scratch: this.#isScratch(on) },
    );
  }

  #imageConfig(): string {
    const { pick, chance, list } = this.#random;
    return JSON.stringify({
      ...(chance(0.8)
        ? { os: pick(["linux", "windows", ""]), architecture: pick(["amd64", "arm", ""]) }
        : {}),
      ...(chance(0.3) ? { variant: "v6", "os.version": "1.2", "os.features": ["b", "a"] } : {}),
      config: {
        ...(chance(0.8)
          ? { Env: list(3, () => `${pick(keys)}=${pick(texts)}`) }
          : { Env: ["novalue", "=x"] }),
        ...(chance() ? { WorkingDir: pick(["/w", "w", ""]) } : {}),
      },
    });
  }

  #stateOption(): Option {
    const { pick } = this.#random;
    return pick<Option>([
      ["addEnv", pick(keys), pick(texts)],
      ["addEnv", pick(keys), pick(texts)],
      ["dir", pick(paths)],
      ["user", pick(["", "root", "u:g", "1000"])],
      ["hostname", pick(texts)],
      ["network", pick([0, 1, 2])],
      ["security", pick([0, 1])],
    ]);
  }

  #ip(): string {
    return this.#random.pick([
      "127.0.0.1",
      "::1",
      "2001:DB8:0:0:1:0:0:1",
      "::ffff:1.2.3.4",
      "fe80::",
      "1:2:3:4:5:6:7:8",
      "::",
    ]);
  }

  #run(): void {
    const { pick, chance, int, list } = this.#random;
    const on = this.#state() ?? 0;
    const options: Option[] = [];
    const maybe = (...option: Option): void => {
      if (chance(0.2)) options.push(option);
    };
    const mounts: { target: string; scratch: boolean }[] = [];
    const targets = new Set(["/"]);
    const readonlyRoot = chance(0.15);
    for (let i = int(chance(0.1) ? 20 : 4); i > 0; i--) {
      const { option, target, usable, scratch } = this.#mount(targets);
      options.push(["addMount", target, ...option]);
      if (usable) mounts.push({ target, scratch });
    }
    options.push(...list(3, () => this.#stateOption()));
    maybe(
      "validExitCodes",
      list(3, () => int(256)),
    );
    maybe("addExtraHost", "host", this.#ip());
    maybe("addUlimit", "nproc", pick(int64s), pick(int64s));
    maybe("withCgroupParent", pick(texts));
    maybe("withProxy", {
      httpProxy: pick(texts),
      httpsProxy: pick(texts),
      noProxy: pick(texts),
      allProxy: pick(texts),
      ftpProxy: pick(texts),
    });
    while (chance(0.2)) options.push(this.#secret());
    while (chance(0.1)) options.push(this.#ssh());
    maybe("addCDIDevice", [
      ["cdiDeviceName", "vendor.com/c=d"],
      ...(chance() ? [["cdiDeviceOptional"]] : []),
    ]);
    maybe("reset", this.#state() ?? 0);
    if (readonlyRoot) options.push(["readonlyRootFS"]);
    // The last one, since reset takes the arguments of another state.
    options.push(
      chance(0.1)
        ? ["shlex", 'sh -c \'a b\' "c\\"d" # no']
        : ["args", ["cmd", ...list(3, () => pick(texts))]],
    );
    options.push(...this.#constraints(), ...this.#limits());
    this.#push(
      { op: "run", on, options },
      { kind: "exec", scratch: readonlyRoot && this.#isScratch(on), mounts, targets },
    );
  }

  #mount(targets: Set<string>): {
    option: [number, Option[]];
    target: string;
    usable: boolean;
    scratch: boolean;
  } {
    const { pick, chance, int } = this.#random;
    let target = pick(["/m", "/n", "/ü", "rel", "/src", "C:\\m", "/m/x", "/\u{1F600}", "/\uE000"]);
    while (targets.has(target)) target += pick(["1", "z", "/x", "é"]);
    targets.add(target);
    const source = this.#state() ?? 0;
    const options: Option[] = [];
    const kind = int(6);
    if (kind === 0) options.push(["asPersistentCacheDir", pick(["id", "ü", "ns/go"]), int(3)]);
    if (kind === 1 && this.#isScratch(source)) {
      options.push(chance() ? ["tmpfs"] : ["tmpfs", pick(int64s.filter((n) => !n.startsWith("-")))]);
    }
    const isReadonly = chance(0.3);
    const noOutput = chance(0.15);
    if (isReadonly) options.push(["readonly"]);
    if (noOutput) options.push(["forceNoOutput"]);
    const selector = chance(0.3) ? pick(["/sub", "a/b", "", ".", "/"]) : "";
    if (selector !== "") options.push(["sourcePath", selector]);
    const output = kind !== 0 && !isReadonly && !noOutput && options.every(([name]) => name !== "tmpfs");
    if (chance(0.2)) {
      options.push(["contentCache", output && !["", "/", "."].includes(selector) ? pick([0, 2]) : int(3)]);
    }
    const isTmpfs = options.some(([name]) => name === "tmpfs");
    const usable = isReadonly || (!isTmpfs && !noOutput && kind !== 0);
    return { option: [source, options], target, usable, scratch: isReadonly && this.#isScratch(source) };
  }

  #secret(): Option {
    const { pick, chance, int } = this.#random;
    const options: Option[] = [];
    if (chance()) options.push(["secretID", pick(["id", "ü"])]);
    if (chance(0.3)) options.push(["secretOptional"]);
    if (chance(0.3)) options.push(["secretFileOpt", int(3), int(70000), pick([0, 0o400, 0o777])]);
    if (chance(0.3)) options.push(["secretAsEnv", chance(0.8)]);
    if (chance(0.2)) options.push(["secretAsEnvName", pick(["A", "TOKEN"])]);
    if (chance(0.7)) return ["addSecret", pick(["/run/s", "NAME"]), options];
    const env: Option = ["secretAsEnvName", "E"];
    return ["addSecretWithDest", pick(["x", "y"]), chance() ? null : pick(["/d", "D"]), [...options, env]];
  }

  #ssh(): Option {
    const { pick, chance, int } = this.#random;
    const options: Option[] = [];
    if (chance()) options.push(["sshID", pick(["", "default"])]);
    if (chance(0.3)) options.push(["sshSocketTarget", pick(["", "/sock"])]);
    if (chance(0.3)) options.push(["sshSocketOpt", pick(["", "/s"]), int(3), int(3), 0o660]);
    if (chance(0.3)) options.push(["sshOptional"]);
    return ["addSSHSocket", options];
  }

  #mountOf(): void {
    const { pick, chance } = this.#random;
    const on = this.#state(({ kind }) => kind === "exec");
    const made = on === undefined ? undefined : this.#made[on];
    if (on === undefined || made?.targets === undefined) return this.#file();
    if (made.mounts !== undefined && made.mounts.length > 0 && chance(0.6)) {
      const { target, scratch } = pick(made.mounts);
      this.#push({ op: "getMount", on, args: [target] }, { kind: "state", scratch });
      return;
    }
    // A run of Go that was marshalled once hands its platform to mounts added afterwards.
    const marshalled = this.#nodes.some(({ op }) => op === "import");
    if (marshalled || this.#sourceMaps.some(({ state }) => state !== undefined)) return this.#file();
    const { option, target, usable, scratch } = this.#mount(made.targets);
    // Only what stands before the run, or the op would be among its own inputs.
    const source = Math.min(option[0], on - 1);
    if (
      source < 0 ||
      this.#made[source]?.kind === "input" ||
      this.#isScratch(source) !== this.#isScratch(option[0])
    ) {
      return this.#file();
    }
    this.#push(
      { op: "addMount", on, args: [target], inputs: [source], options: option[1] },
      usable ? { kind: "state", scratch } : { kind: "input", scratch: true },
    );
  }

  #file(): void {
    const on = this.#state() ?? 0;
    this.#push(
      { op: "file", on, actions: this.#chain(on), options: this.#constraints() },
      { kind: "state", scratch: false },
    );
  }

  #actions(): void {
    const on = this.#state() ?? 0;
    this.#push({ op: "actions", on, actions: this.#chain(on) }, { kind: "input", scratch: true });
  }

  #chain(on: number): Action[] {
    const { int, chance } = this.#random;
    return Array.from({ length: 1 + int(chance(0.1) ? 12 : 3) }, () => this.#action(on));
  }

  #action(on: number): Action {
    const { pick, chance, int, list } = this.#random;
    const names = this.#isScratch(on)
      ? ["root", "0:0", "12:34", "+5"]
      : ["root", "u", "u:g", "0:g", "1000", ":g", "4294967296", ""];
    const make: Option[] = [];
    if (chance(0.3)) make.push(chance() ? ["withUser", pick(names)] : ["withUIDGID", int(3), int(100000)]);
    if (chance(0.4)) make.push(["withCreatedTime", pick(int64s)]);
    const mode = pick([0, 0o644, 0o755, 0o777, 0o1777, 0o7777]);
    const data = Buffer.from(pick([...texts, "x".repeat(300)])).toString("base64");
    switch (int(6)) {
      case 0:
        if (chance()) make.push(["withParents", chance()]);
        return { do: "mkdir", args: [pick(paths)], mode, options: make };
      case 1:
        return { do: "mkfile", args: [pick(paths)], mode, data, options: make };
      case 2:
        return { do: "symlink", args: [pick(paths), pick(paths)], options: make };
      case 3:
        return {
          do: "rm",
          args: [`/keep/${pick(["a", "b*", "ü"])}`],
          options: list(2, () =>
            pick<Option>([
              ["withAllowNotFound", chance()],
              ["withAllowWildcard", chance()],
            ]),
          ),
        };
      default: {
        const inputs = this.#made.flatMap(({ kind }, i) =>
          kind === "input" && this.#nodes[i]?.op === "actions" ? [i] : [],
        );
        const from = inputs.length > 0 && chance(0.4) ? pick(inputs) : (this.#state() ?? 0);
        return { do: "copy", args: [pick(paths), pick(paths)], from, options: this.#copyOptions(make) };
      }
    }
  }

  #copyOptions(make: readonly Option[]): Option[] {
    const { pick, chance, list } = this.#random;
    const flags = [
      "followSymlinks",
      "copyDirContentsOnly",
      "attemptUnpack",
      "createDestPath",
      "allowWildcard",
      "allowEmptyWildcard",
      "alwaysReplaceExistingDestPaths",
    ];
    const lists = ["includePatterns", "excludePatterns", "requiredPaths"];
    const options: Option[] = [...make];
    if (chance(0.3)) {
      options.push([
        "chmodOpt",
        pick([{ mode: 0 }, { mode: 0o755 }, { modeStr: "u=rwX,go=rX" }, { mode: 1, modeStr: "g+w" }]),
      ]);
    }
    if (chance(0.3)) options.push(["withExcludePatterns", list(3, () => pick(texts))]);
    if (chance(0.5)) {
      const info: Option = [
        "copyInfo",
        {
          ...Object.fromEntries(flags.flatMap((flag) => (chance(0.4) ? [[flag, chance(0.8)]] : []))),
          ...Object.fromEntries(
            lists.flatMap((name) => (chance(0.3) ? [[name, list(3, () => pick(texts))]] : [])),
          ),
        },
      ];
      // In Go an info replaces what stands before it, and here it does not.
      options.unshift(info);
    }
    return options;
  }

  #mergeOrDiff(): void {
    const { chance, int } = this.#random;
    const states = Array.from({ length: 2 + int(3) }, () => this.#state() ?? 0);
    const [lower = 0, upper = 0] = states;
    const options = this.#constraints();
    if (chance()) {
      const scratch = states.every((i) => this.#isScratch(i));
      this.#push({ op: "merge", inputs: states, options }, { kind: "state", scratch });
    } else {
      this.#push(
        { op: "diff", inputs: [lower, upper], options },
        { kind: "state", scratch: this.#isScratch(lower) && this.#isScratch(upper) },
      );
    }
  }

  #passthrough(): void {
    const { chance, int, pick } = this.#random;
    const main = this.#state(({ scratch }) => !scratch);
    if (main === undefined) return this.#source();
    const others = Array.from({ length: int(3) }, () => this.#state() ?? 0);
    const id = pick(["id", "ü", "x y"]);
    const made: Made = { kind: "state", scratch: false };
    if (chance()) this.#push({ op: "requires", on: main, args: [id], inputs: others }, made);
    else {
      const inputs = [main, ...others];
      this.#push(
        {
          op: "passthrough",
          args: [id],
          inputs,
          outputs: inputs.map((_, i) => i === 0 || chance()),
          options: this.#constraints(),
        },
        made,
      );
    }
  }

  #build(): void {
    const { chance, pick } = this.#random;
    const on = this.#state(({ scratch }) => !scratch);
    if (on === undefined) return this.#source();
    this.#push(
      {
        op: "build",
        on,
        options: [...(chance() ? [["withFilename", pick(texts)] as const] : []), ...this.#constraints()],
      },
      { kind: "state", scratch: false },
    );
  }

  #import(): void {
    const on = this.#state(({ scratch }) => !scratch);
    if (on === undefined) return this.#source();
    this.#push(
      { op: "import", on, options: [["linuxAmd64"], ["localUniqueID", "import"], ...this.#caps] },
      { kind: "state", scratch: this.#isScratch(on) },
    );
  }

  // -------------------------------------------------------------- options of any op

  #constraints(): Option[] {
    const { pick, chance, list, int } = this.#random;
    const options: Option[] = [];
    const maybe = (probability: number, make: () => Option): void => {
      if (chance(probability)) options.push(make());
    };
    maybe(0.15, () =>
      pick<Option>([
        ["platform", pick(platforms)],
        ["linuxArm64"],
        ["linuxArmel"],
        ["linuxS390x"],
        ["linuxPpc64"],
        ["linuxPpc64le"],
        ["linuxRiscv64"],
        ["darwin"],
        ["windows"],
        ["linuxArm"],
        ["linuxArmhf"],
      ]),
    );
    maybe(0.05, () => ["require", list(3, () => pick(texts))]);
    maybe(0.1, () => ["ignoreCache"]);
    maybe(0.1, () => [
      "withDescription",
      Object.fromEntries(list(4, () => [pick([...keys, ...texts]), pick(texts)])),
    ]);
    maybe(0.1, () => ["withCustomName", `step ${this.#names++}`]);
    maybe(0.1, () => [pick(["withExportCache", "withoutExportCache", "withoutDefaultExportCache"])]);
    maybe(0.05, () => ["progressGroup", pick(texts), pick(texts), chance()]);
    maybe(0.03, () => ["memoryLimit", pick(int64s)]);
    if (this.#sourceMaps.length > 0) {
      maybe(0.4, () => [
        "location",
        int(this.#sourceMaps.length),
        list(2, () => [1 + int(9), int(5), 1 + int(9), int(5)]),
      ]);
    }
    return options;
  }

  #limits(): Option[] {
    const { pick, chance } = this.#random;
    const options: Option[] = [];
    const maybe = (...option: Option): void => {
      if (chance(0.05)) options.push(option);
    };
    maybe("withLinuxResources", {
      memory: pick(int64s),
      cpuQuota: pick(int64s),
      cpuShares: pick(uint64s),
      cpusetCpus: pick(texts),
    });
    maybe("withLinuxResources", {});
    maybe("memorySwapLimit", pick(int64s));
    maybe("cpuShares", pick(uint64s));
    maybe("cpuPeriod", pick(uint64s));
    maybe("cpuQuota", pick(int64s));
    maybe("cpusetCpus", pick(texts));
    maybe("cpusetMems", "0-3");
    return options;
  }

  #marshalOptions(int: (below: number) => number): Option[] {
    const { pick, chance, list } = this.#random;
    const options: Option[] = [["platform", pick(platforms)], ["localUniqueID", `u${int(3)}`], ...this.#caps];
    // Equal options for the graphs of source maps: Go keeps the first definition it made of one.
    if (this.#sourceMaps.some(({ state }) => state !== undefined)) {
      return [["linuxAmd64"], ["localUniqueID", "import"], ...this.#caps];
    }
    if (chance(0.1)) options.push(["require", list(3, () => pick(texts))]);
    if (chance(0.05)) options.push(["ignoreCache"]);
    if (chance(0.05)) options.push(["withExportCache"]);
    if (chance(0.05)) options.push(["progressGroup", "g", pick(texts), chance()]);
    if (chance(0.03)) options.push(["memoryLimit", pick(int64s)]);
    return options;
  }
}
