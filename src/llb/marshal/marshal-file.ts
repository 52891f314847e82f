// The encoder of file ops (moby/buildkit:client/llb/fileop.go, FileOp.Marshal).
import { describeVertex } from "../graph/describe.ts";
import { LlbError } from "../names/errors.ts";
import type { ChownOpt, Timestamp, UserOpt } from "../graph/file.ts";
import { InputList, marshalCommon, NONE } from "./marshal-context.ts";
import type { EncodableOp, MarshalContext, MarshalledOp } from "./marshal-context.ts";
import { clean, isAbs, join, normalizePath } from "../names/path.ts";
import type { FileNode, FileVertex, SubAction } from "../graph/vertex.ts";

type EncodableAction = NonNullable<NonNullable<EncodableOp["file"]>["actions"]>[number];
type EncodableOwner = NonNullable<EncodableAction["mkdir"]>["owner"];
type EncodableUser = NonNullable<EncodableOwner>["user"];

/** An input of an action: one of the op's inputs, the result of an action, or nothing. */
type Place =
  | { readonly kind: "input"; readonly number: number }
  | { readonly kind: "action"; readonly number: number };

/** An action with its place in the op. */
interface Placed {
  readonly action: FileNode;
  /** The number of the op's input that is the state the action works on. */
  readonly base: number;
  readonly input: Place;
  readonly secondaryInput: Place;
}

const nothing: Place = { kind: "input", number: NONE };

/**
 * The FileOp of a vertex: its chain of actions, with the inputs that they read (moby/buildkit:client/llb/fileop.go,
 * Marshal).
 */
export function marshalFile(vertex: FileVertex, context: MarshalContext): MarshalledOp {
  const inputs = new InputList();
  const placed = placeActions(vertex.action, inputs, context);
  const number = (place: Place): number =>
    place.kind === "input" ? place.number : inputs.list.length + place.number;
  const fail = (option: string, message: string): LlbError =>
    new LlbError(describeVertex(vertex), option, message);
  const actions = placed.map(({ action, base, input, secondaryInput }, i) => ({
    input: number(input),
    secondaryInput: number(secondaryInput),
    output: i === placed.length - 1 ? 0 : NONE,
    ...encodeAction(action, base, fail),
  }));
  const { constraints, metadata } = marshalCommon(context, vertex.constraints, ["file.base"]);
  const gates = new Set(placed.flatMap(({ action }) => actionGates(action.action)));
  return { op: { inputs: inputs.list, constraints, file: { actions } }, metadata, gates: [...gates] };
}

/** Puts the actions in order, each after those it builds on; inputs are numbered on the way. */
function placeActions(last: FileNode, inputs: InputList, context: MarshalContext): readonly Placed[] {
  const placed: Placed[] = [];
  const numbers = new Map<FileNode, number>();
  const bases = new Map<FileNode, number>();
  const stack: FileNode[] = [last];
  for (let action = stack.at(-1); action !== undefined; action = stack.at(-1)) {
    if (numbers.has(action)) {
      stack.pop();
      continue;
    }
    const { previous } = action;
    const previousNumber = previous === undefined ? undefined : numbers.get(previous);
    if (previous !== undefined && previousNumber === undefined) {
      stack.push(previous);
      continue;
    }
    // The base is numbered before anything that a copy from another chain needs.
    const output = action.base?.output;
    const base = bases.get(action) ?? (output === undefined ? NONE : inputs.add(context.input(output)));
    bases.set(action, base);
    let secondaryInput = nothing;
    if (action.action.kind === "copy") {
      const { from } = action.action;
      if (from.kind === "action") {
        const fromNumber = numbers.get(from.action);
        if (fromNumber === undefined) {
          stack.push(from.action);
          continue;
        }
        secondaryInput = { kind: "action", number: fromNumber };
      } else if (from.tree.output !== undefined) {
        secondaryInput = { kind: "input", number: inputs.add(context.input(from.tree.output)) };
      }
    }
    const input: Place =
      previousNumber === undefined
        ? { kind: "input", number: base }
        : { kind: "action", number: previousNumber };
    numbers.set(action, placed.length);
    placed.push({ action, base, input, secondaryInput });
    stack.pop();
  }
  return placed;
}

type Fail = (option: string, message: string) => LlbError;

function encodeAction({ action, base: tree }: FileNode, base: number, fail: Fail): Partial<EncodableAction> {
  const dir = tree?.dir ?? "";
  const owner = (chown: ChownOpt | undefined): EncodableOwner => encodeOwner(chown, base, fail);
  const path = (given: string, keepSlash = false): string => {
    if (given.includes("\0")) throw fail(action.kind, `${JSON.stringify(given)} is not a path`);
    return normalizePath(dir, given, keepSlash);
  };
  switch (action.kind) {
    case "mkdir":
      return {
        mkdir: {
          path: path(action.path),
          mode: action.mode & 0o777,
          makeParents: action.info.makeParents,
          owner: owner(action.info.chownOpt),
          timestamp: encodeTime(action.info.createdTime, fail),
        },
      };
    case "mkfile":
      return {
        mkfile: {
          path: path(action.path),
          mode: action.mode & 0o777,
          data: action.data,
          owner: owner(action.info.chownOpt),
          timestamp: encodeTime(action.info.createdTime, fail),
        },
      };
    case "symlink":
      return {
        symlink: {
          oldpath: action.oldpath,
          newpath: action.newpath,
          owner: owner(action.info.chownOpt),
          timestamp: encodeTime(action.info.createdTime, fail),
        },
      };
    case "rm": {
      const target = path(action.path);
      if (target === "/") throw fail("rm", "the root cannot be removed");
      return {
        rm: {
          path: target,
          allowNotFound: action.info.allowNotFound,
          allowWildcard: action.info.allowWildcard,
        },
      };
    }
    case "copy": {
      const { info } = action;
      return {
        copy: {
          src: copySource(action),
          dest: path(action.dest, true),
          owner: owner(info.chownOpt),
          ...encodeCopyMode(action, fail),
          followSymlink: info.followSymlinks,
          dirCopyContents: info.copyDirContentsOnly,
          attemptUnpackDockerCompatibility: info.attemptUnpack,
          createDestPath: info.createDestPath,
          allowWildcard: info.allowWildcard,
          allowEmptyWildcard: info.allowEmptyWildcard,
          timestamp: encodeTime(info.createdTime, fail),
          include_patterns: info.includePatterns,
          exclude_patterns: info.excludePatterns,
          alwaysReplaceExistingDestPaths: info.alwaysReplaceExistingDestPaths,
          required_paths: info.requiredPaths,
        },
      };
    }
  }
}

type CopyAction = Extract<SubAction, { kind: "copy" }>;

/** The source path, absolute against the dir of the state it is copied from. */
function copySource({ from, src }: CopyAction): string {
  const path = clean(src);
  if (isAbs(path)) return path;
  const tree = from.kind === "action" ? from.action.base : from.tree;
  return join(tree?.dir ?? "/", path);
}

/** -1 keeps the mode of the source. */
function encodeCopyMode(
  { info }: CopyAction,
  fail: Fail,
): { mode?: number | undefined; modeStr?: string | undefined } {
  if (info.mode === undefined) return { mode: -1 };
  const { mode = 0, modeStr = "" } = info.mode;
  if (modeStr !== "") return { modeStr };
  if (!Number.isInteger(mode) || mode < 0 || mode > 0x7fffffff) {
    throw fail("chmodOpt", `${mode} is not a mode`);
  }
  return { mode };
}

function encodeOwner(chown: ChownOpt | undefined, base: number, fail: Fail): EncodableOwner {
  if (chown === undefined) return undefined;
  return { user: encodeUser(chown.user, base, fail), group: encodeUser(chown.group, base, fail) };
}

function encodeUser(user: UserOpt | undefined, base: number, fail: Fail): EncodableUser {
  if (user === undefined) return undefined;
  const { name = "", uid = 0 } = user;
  if (name === "") {
    if (!Number.isInteger(uid) || uid < 0 || uid > 0xffffffff) {
      throw fail("chownOpt", `${uid} is not a user or group id`);
    }
    return { byID: uid };
  }
  if (base === NONE) {
    throw fail("chownOpt", `${JSON.stringify(name)} cannot be looked up in scratch; use an id`);
  }
  return { byName: { name, input: base } };
}

/** Unix nanoseconds; -1 for "as it is". */
function encodeTime(time: Timestamp | undefined, fail: Fail): bigint {
  if (time === undefined) return -1n;
  if (typeof time === "bigint") return time;
  const milliseconds = time.getTime();
  if (!Number.isInteger(milliseconds)) throw fail("withCreatedTime", "the date is invalid");
  return BigInt(milliseconds) * 1_000_000n;
}

/** What the daemon must know for the action; at the pinned release Go forgets to say so. */
function actionGates(action: SubAction): readonly string[] {
  switch (action.kind) {
    case "mkdir":
    case "mkfile":
      return [];
    case "symlink":
      return ["file.symlink.create"];
    case "rm":
      return action.info.allowWildcard === true ? ["file.rm.wildcard"] : [];
    case "copy": {
      const { includePatterns = [], excludePatterns = [], requiredPaths = [] } = action.info;
      const gates: string[] = [];
      if (includePatterns.length + excludePatterns.length > 0) gates.push("file.copy.includeexcludepatterns");
      if (requiredPaths.length > 0) gates.push("file.copy.requiredpaths");
      if (action.info.alwaysReplaceExistingDestPaths === true) {
        gates.push("file.copy.alwaysreplaceexistingdestpaths");
      }
      return gates;
    }
  }
}
