// Keys as BuildKit makes them, worked out from the encoded ops alone: a step is keyed on what it runs, on how the trees
// were made that it can write to, and on what those hold that it only reads (moby/buildkit:solver/llbsolver/ops/exec.go,
// CacheMap and getMountDeps). What no daemon has made yet stands for itself: the result of a step is its key, and a part
// of one that is chosen by paths is those paths, which hold a module's version.
import { createHash } from "node:crypto";
import type { OpNode } from "../../src/llb/index.ts";
import type { Contents } from "../../src/plan/index.ts";

/** What a tree holds: a digest by path. */
type Held = ReadonlyMap<string, string>;

const NO_CONTENT = 2;

/**
 * @param nodes of one graph, inputs before users
 * @param contents digests of the files of the build context
 * @returns the key of each step that runs, by its id
 */
export function realKeys(nodes: readonly OpNode[], contents: Contents): Readonly<Record<string, string>> {
  const byDigest = new Map(nodes.map((node) => [node.digest, node]));
  const keys = new Map<string, string>();
  const trees = new Map<string, Held>();

  const inputOf = (node: OpNode, index: unknown) => {
    const at = Number(index ?? 0);
    const input = at < 0 ? undefined : node.op.inputs?.[at];
    const found = input === undefined ? undefined : byDigest.get(input.digest ?? "");
    return found === undefined ? undefined : { node: found, output: Number(input?.index ?? 0) };
  };
  type Input = NonNullable<ReturnType<typeof inputOf>>;
  const definition = (input: Input | undefined): string =>
    input === undefined ? "scratch" : `${keyOf(input.node)}#${input.output}`;
  const content = (input: Input | undefined): string =>
    input === undefined ? "scratch" : hash([...held(input)].toSorted(([a], [b]) => (a < b ? -1 : 1)));

  const keyOf = (node: OpNode): string => {
    const found = keys.get(node.digest) ?? makeKey(node);
    keys.set(node.digest, found);
    return found;
  };
  const makeKey = (node: OpNode): string => {
    const { op } = node;
    if (op.op !== "exec") {
      const inputs = (op.inputs ?? []).map((_, index) => definition(inputOf(node, index)));
      return hash([node.platform, ownOf(node), inputs]);
    }
    const { meta, network, mounts = [] } = op.exec;
    const read = mounts.map((mount) => {
      const { dest, selector, readonly, mountType, contentCache } = mount;
      const byContent = readonly === true && dest !== "/" && Number(contentCache ?? 0) !== NO_CONTENT;
      const input = inputOf(node, mount.input);
      return [dest, selector, readonly, mountType, byContent ? content(input) : definition(input)];
    });
    const secrets = mounts.map(({ secretOpt, SSHOpt }) => [secretOpt?.ID, SSHOpt?.ID]);
    return hash([node.platform, meta?.args, meta?.env, meta?.cwd, network, read, secrets]);
  };
  const ownOf = ({ op }: OpNode): unknown => {
    switch (op.op) {
      case "source":
        return [op.source.identifier, op.source.attrs?.["local.includepattern"]];
      case "file":
        return op.file;
      default:
        return op.op;
    }
  };

  const held = ({ node, output }: Input): Held => {
    const id = `${node.digest}#${output}`;
    const found = trees.get(id) ?? hold(node, output);
    trees.set(id, found);
    return found;
  };
  const hold = (node: OpNode, output: number): Held => {
    const { op } = node;
    switch (op.op) {
      case "source": {
        const include = JSON.parse(op.source.attrs?.["local.includepattern"] ?? "null") as
          | readonly string[]
          | null;
        if (include === null) return new Map([["*", keyOf(node)]]);
        const chosen = Object.entries(contents).filter(([path]) =>
          include.some((pattern) => path === pattern || path.startsWith(`${pattern}/`)),
        );
        return new Map(chosen);
      }
      case "merge":
        return new Map(
          (op.inputs ?? []).flatMap((_, index) => [...held(inputOf(node, index) ?? expectInput())]),
        );
      case "file":
        return holdFiles(node);
      default:
        return new Map([["*", `${keyOf(node)}#${output}`]]);
    }
  };
  /** One op of files may have several actions, each on what the one before left. */
  const holdFiles = (node: OpNode): Held => {
    const actions = node.op.op === "file" ? (node.op.file.actions ?? []) : [];
    const [first] = actions;
    const below = inputOf(node, first?.input ?? -1);
    const tree = new Map(below === undefined ? [] : held(below));
    for (const action of actions) {
      if (action.action === "mkdir") tree.set(`${(action.mkdir.path ?? "").slice(1)}/`, "folder");
      if (action.action === "mkfile") {
        tree.set((action.mkfile.path ?? "").slice(1), hash(Buffer.from(action.mkfile.data ?? []).toString()));
      }
      if (action.action !== "copy") continue;
      const {
        src = "",
        dest = "",
        include_patterns: include = [],
        exclude_patterns: exclude = [],
      } = action.copy;
      const from = inputOf(node, action.secondaryInput);
      for (const [path, digest] of from === undefined ? [] : held(from)) {
        const isOpaque = path === "*";
        if (include === null || include.length === 0) tree.set(`${dest}:${isOpaque ? src : path}`, digest);
        else if (isOpaque) tree.set(`${include.join(" ")} without ${(exclude ?? []).join(" ")}`, "chosen");
        else if (include.includes(path)) tree.set(path, digest);
      }
    }
    return tree;
  };

  return Object.fromEntries(
    nodes.flatMap((node) => {
      const id = node.metadata?.description.get("go-frontend.step");
      return node.kind === "exec" && id !== undefined ? [[id, keyOf(node)]] : [];
    }),
  );
}

function expectInput(): never {
  throw new Error("an op of a graph has an input that is not in it");
}

function hash(value: unknown): string {
  const text = JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "bigint" ? String(each) : each,
  );
  return createHash("sha256").update(text).digest("hex");
}
