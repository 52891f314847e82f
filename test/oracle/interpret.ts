// Builds a neutral graph with the TypeScript library. Options are looked up by name in the
// library's door, so a name that the library does not export cannot be described.
import * as llb from "../../src/llb/index.ts";
import type { Action, Graph, Node, Option } from "./graph.ts";

interface Value {
  readonly state?: llb.State;
  readonly input?: llb.CopyInput;
}

/** The definition of the graph. */
export function interpret(graph: Graph): llb.Definition {
  const { state, options } = prepare(graph);
  return state.marshal(...options);
}

/** The graph before it is marshalled, and the options to marshal it with. */
export function prepare(graph: Graph): {
  readonly state: llb.State;
  readonly options: readonly llb.MarshalOption[];
} {
  return new Builder(graph).build();
}

/** Arguments of one option, decoded by what the option takes. */
const numbersAsStrings = new Set([
  "memoryLimit",
  "memorySwapLimit",
  "cpuShares",
  "cpuPeriod",
  "cpuQuota",
  "tmpfsSize",
  "withCreatedTime",
]);

class Builder {
  readonly #graph: Graph;
  readonly #values = new Map<number, Value>();
  readonly #maps = new Map<number, llb.SourceMap>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  build(): { readonly state: llb.State; readonly options: readonly llb.MarshalOption[] } {
    return {
      state: this.#state(this.#graph.result),
      options: this.#options<llb.MarshalOption>(this.#graph.marshal),
    };
  }

  #state(number: number | undefined): llb.State {
    const { state } = this.#value(number ?? 0);
    if (state === undefined) throw new Error(`node ${String(number)} is no state`);
    return state;
  }

  /** Made when it is asked for: mounts that Go adds to a run later are options of it here. */
  #value(number: number): Value {
    const known = this.#values.get(number);
    if (known !== undefined) return known;
    const node = this.#graph.nodes[number];
    if (node === undefined) throw new Error(`there is no node ${number}`);
    const value = this.#node(node);
    this.#values.set(number, value);
    return value;
  }

  #addedLater(run: Node): readonly llb.RunOption[] {
    return this.#graph.nodes
      .filter((node) => node.op === "addMount" && this.#graph.nodes[node.on ?? 0] === run)
      .map(({ args: [dest = ""] = [], inputs: [source] = [], options }) =>
        llb.addMount(dest, this.#state(source), ...this.#options<llb.MountOption>(options)),
      );
  }

  #exec(number: number | undefined): llb.ExecState {
    const state = this.#state(number);
    if (!(state instanceof llb.ExecState)) throw new Error(`node ${String(number)} is no run`);
    return state;
  }

  #sourceMap(number: number): llb.SourceMap {
    const known = this.#maps.get(number);
    if (known !== undefined) return known;
    const described = this.#graph.sourceMaps?.[number];
    if (described === undefined) throw new Error(`no source map ${number}`);
    const { state, filename, language, data } = described;
    const made = llb.newSourceMap(
      state === undefined ? undefined : this.#state(state),
      filename,
      language,
      Buffer.from(data, "base64"),
    );
    this.#maps.set(number, made);
    return made;
  }

  #node(node: Node): Value {
    const [first = "", second = ""] = node.args ?? [];
    const inputs = node.inputs ?? [];
    const options = <T>(): T[] => this.#options<T>(node.options);
    switch (node.op) {
      case "scratch":
        return { state: llb.scratch() };
      case "image":
        return { state: llb.image(first, ...options<llb.ImageOption>()) };
      case "imageBlob":
        return { state: llb.imageBlob(first, ...options<llb.ImageBlobOption>()) };
      case "ociLayoutBlob":
        return { state: llb.ociLayoutBlob(first, ...options<llb.ImageBlobOption>()) };
      case "ociLayout":
        return { state: llb.ociLayout(first, ...options<llb.OCILayoutOption>()) };
      case "local":
        return { state: llb.local(first, ...options<llb.LocalOption>()) };
      case "git":
        return { state: llb.git(first, second, ...options<llb.GitOption>()) };
      case "http":
        return { state: llb.http(first, ...options<llb.HTTPOption>()) };
      case "source":
        return { state: llb.newSource(first, node.attrs ?? {}, ...options<llb.ConstraintsOpt>()) };
      case "with":
        return { state: this.#with(node) };
      case "run":
        return { state: this.#state(node.on).run(...options<llb.RunOption>(), ...this.#addedLater(node)) };
      case "addMount":
        return { state: this.#state(inputs[0]).withOutput(this.#exec(node.on).getMount(first).output) };
      case "getMount":
        return { state: this.#exec(node.on).getMount(first) };
      case "file":
        return {
          state: this.#state(node.on).file(this.#chain(node.actions ?? []), ...options<llb.ConstraintsOpt>()),
        };
      case "actions":
        return { input: this.#chain(node.actions ?? []).withState(this.#state(node.on)) };
      case "merge":
        return {
          state: llb.merge(
            inputs.map((i) => this.#state(i)),
            ...options<llb.ConstraintsOpt>(),
          ),
        };
      case "diff":
        return {
          state: llb.diff(this.#state(inputs[0]), this.#state(inputs[1]), ...options<llb.ConstraintsOpt>()),
        };
      case "requires":
        return { state: this.#state(node.on).requires(first, ...inputs.map((i) => this.#state(i))) };
      case "passthrough": {
        const list = inputs.map((input, i) => ({
          state: this.#state(input),
          output: node.outputs?.[i] ?? false,
        }));
        return { state: llb.newPassthrough(first, list, ...options<llb.ConstraintsOpt>()) };
      }
      case "build":
        return { state: this.#state(node.on).with(llb.build(...options<llb.BuildOption>())) };
      case "import": {
        const definition = this.#state(node.on).marshal(...options<llb.MarshalOption>());
        return { state: llb.newDefinitionOp(llb.definitionFromBytes(definition.toBytes())) };
      }
    }
  }

  #with(node: Node): llb.State {
    let state = this.#state(node.on);
    for (const [name, ...args] of node.options ?? []) {
      if (name === "platform") state = state.platform(args[0] as llb.Platform);
      else if (name === "withImageConfig") state = state.withImageConfig(args[0] as string);
      else state = state.with(this.#option([name, ...args]) as llb.StateOption);
    }
    return state;
  }

  #options<T>(options: readonly Option[] | undefined): T[] {
    return (options ?? []).map((option) => this.#option(option) as T);
  }

  /** The option itself, or what its function returns for the arguments. */
  #option(option: Option): unknown {
    const [name, ...args] = option;
    const strings = args as string[];
    const nested = (i: number): unknown[] =>
      ((args[i] as readonly Option[] | undefined) ?? []).map((o) => this.#option(o));
    const call = (list: readonly unknown[]): unknown => {
      const found: unknown = Reflect.get(llb, name);
      if (found === undefined) throw new Error(`the library has no ${name}`);
      return isConstant(name) ? found : (found as (...all: readonly unknown[]) => unknown)(...list);
    };
    switch (name) {
      case "location": {
        const ranges = args[1] as readonly (readonly [number, number, number, number])[];
        return this.#sourceMap(args[0] as number).location(
          ranges.map(([line, character, endLine, endCharacter]) => ({
            start: { line, character },
            end: { line: endLine, character: endCharacter },
          })),
        );
      }
      case "copyInfo":
        return args[0];
      case "require":
      case "validExitCodes":
        return call(args[0] as readonly unknown[]);
      case "withLinuxResources":
        return call([
          Object.fromEntries(
            Object.entries(args[0] as Record<string, string>).map(([k, v]) => [
              k,
              k.startsWith("cpuset") ? v : BigInt(v),
            ]),
          ),
        ]);
      case "addUlimit":
        return call([strings[0], BigInt(strings[1] ?? ""), BigInt(strings[2] ?? "")]);
      case "reset":
        return call([this.#state(args[0] as number)]);
      case "addMount":
        return call([strings[0], this.#state(args[1] as number), ...nested(2)]);
      case "addSecret":
        return call([strings[0], ...nested(1)]);
      case "addSecretWithDest":
        return call([strings[0], strings[1] ?? undefined, ...nested(2)]);
      case "addSSHSocket":
      case "addCDIDevice":
        return call(nested(0));
      case "tmpfs":
        return llb.tmpfs(...(args.length === 0 ? [] : [llb.tmpfsSize(BigInt(strings[0] ?? ""))]));
      case "gitBundleURL":
        return call([
          strings[0],
          ...(args.length === 1 ? [] : [llb.gitBundleOCIStore(strings[1] ?? "", strings[2] ?? "")]),
        ]);
      case "verifyPGPSignature":
        return call([{ pubKey: strings[0], signature: strings[1] }]);
      default:
        return call(numbersAsStrings.has(name) ? args.map((arg) => BigInt(arg as string)) : args);
    }
  }

  #chain(actions: readonly Action[]): llb.FileAction {
    let chain: llb.FileAction | undefined;
    for (const { do: kind, args, mode = 0, data = "", from, options } of actions) {
      const [first = "", second = ""] = args;
      const list = this.#options<never>(options);
      // The first action is a function of the library, the next ones are methods of the chain.
      const on = chain ?? llb;
      switch (kind) {
        case "mkdir":
          chain = on.mkdir(first, mode, ...list);
          break;
        case "mkfile":
          chain = on.mkfile(first, mode, Buffer.from(data, "base64"), ...list);
          break;
        case "symlink":
          chain = on.symlink(first, second, ...list);
          break;
        case "rm":
          chain = on.rm(first, ...list);
          break;
        case "copy":
          chain = on.copy(this.#value(from ?? 0).input ?? this.#state(from), first, second, ...list);
          break;
      }
    }
    if (chain === undefined) throw new Error("a chain needs an action");
    return chain;
  }
}

/** Options that are values in Go too. */
const constants = new Set([
  "linuxAmd64",
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
  "ignoreCache",
  "resolveModeDefault",
  "resolveModeForcePull",
  "resolveModePreferLocal",
  "markImageInternal",
  "readonly",
  "forceNoOutput",
  "secretOptional",
  "sshOptional",
  "cdiDeviceOptional",
  "readonlyRootFS",
  "withExportCache",
  "withoutExportCache",
  "withoutDefaultExportCache",
  "keepGitDir",
  "gitSkipSubmodules",
  "gitMTimeCommit",
  "gitFetchByCommit",
  "gitCheckoutBundle",
]);
const isConstant = (name: string): boolean => constants.has(name);
