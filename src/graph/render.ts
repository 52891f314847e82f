// Steps as LLB. A step holds all that decides its key, so nothing is decided here, and nothing here knows what a step
// is for.
import {
  checksum,
  type ChownOpt,
  command,
  type CommandMount,
  type ConstraintsOpt,
  copy,
  diff,
  FileAction as Action,
  filename,
  http,
  image,
  merge,
  mkdir,
  mkfile,
  newSourceMap,
  platform,
  resolveModeDefault,
  resolveModeForcePull,
  resolveModePreferLocal,
  type RunOption,
  scratch,
  type State,
  symlink,
  type UserOpt,
  withCreatedTime,
  withDescription,
  withoutExportCache,
  withParents,
} from "../llb/index.ts";
import { buildkitRange, visible } from "../description/index.ts";
import type {
  Build,
  ContextStep,
  CopyAction,
  FileAction,
  FilesStep,
  ImageStep,
  MergeStep,
  Mount,
  Place,
  RunStep,
  Step,
  Tree,
} from "../plan/index.ts";
import { named } from "./name.ts";

/** What only those know who talk to a builder. */
export interface Inputs {
  /** Files of the build context. */
  readonly context: (step: ContextStep) => State;
  /** What the client puts in the place of an image; asked of those steps alone that say so. */
  readonly image: (step: ImageStep) => State;
}

/** Files that are made or copied by us carry the epoch: nothing about a build's time may enter a layer. */
const EPOCH = new Date(0);

/** Key of a vertex's description under which its step's id stands; it is in no cache key. */
export const STEP_ID = "go-frontend.step";

/**
 * Turns the steps of a build into LLB.
 *
 * @returns the state of any of the build's trees
 */
export function render(
  { steps, sources }: Pick<Build, "steps" | "sources">,
  inputs: Inputs,
): (tree: Tree) => State {
  const states = new Map<string, State>();
  const tree = (wanted: Tree): State => {
    const state = states.get(keyOf(wanted));
    if (state === undefined) throw new Error(`no step before it yields ${keyOf(wanted)}`);
    return state;
  };
  const location = placesIn(sources);
  for (const step of steps) {
    for (const [made, state] of statesOf(step, tree, inputs, location)) states.set(keyOf(made), state);
  }
  return tree;
}

const keyOf = ({ step, output }: Tree): string => (output === undefined ? step : `${step} ${output}`);

type Lookup = (tree: Tree) => State;
type Locate = (at: Place) => ConstraintsOpt;

function statesOf(
  step: Step,
  tree: Lookup,
  inputs: Inputs,
  location: (at: Place) => ConstraintsOpt,
): readonly (readonly [Tree, State])[] {
  const only = { step: step.id };
  switch (step.kind) {
    case "image":
      return [[only, step.replaced === true ? inputs.image(step) : imageState(step)]];
    case "url":
      return [
        [
          only,
          http(step.url, checksum(step.checksum), filename("file"), location(step.at), ...identified(step)),
        ],
      ];
    case "context":
      return [[only, inputs.context(step)]];
    case "files":
      return [[only, filesState(step, tree, location)]];
    case "merge":
      return [[only, mergeState(step, tree)]];
    case "diff":
      return [[only, diff(tree(step.lower), tree(step.upper), ...identified(step))]];
    case "run":
      return runStates(step, tree, location);
  }
}

function identified({ id, title }: Step): readonly ConstraintsOpt[] {
  return [named(title), withDescription({ [STEP_ID]: id })];
}

function exporting({ exported }: FilesStep | MergeStep): readonly ConstraintsOpt[] {
  return exported === false ? [withoutExportCache] : [];
}

function imageState(step: ImageStep): State {
  const modes = { default: resolveModeDefault, pull: resolveModeForcePull, local: resolveModePreferLocal };
  return image(step.reference, platform(step.platform), modes[step.lookup], ...identified(step));
}

function mergeState(step: MergeStep, tree: Lookup): State {
  return merge(step.trees.map(tree), ...identified(step), ...exporting(step));
}

function filesState(step: FilesStep, tree: Lookup, location: Locate): State {
  const [first, ...others] = step.actions.map((action) => actionOf(action, tree));
  const below = step.on === undefined ? scratch() : tree(step.on);
  if (first === undefined) return below;
  const chain = others.reduce((before, { action }) => new Action(action, before), first);
  const place = step.at === undefined ? [] : [location(step.at)];
  return below.file(chain, ...identified(step), ...exporting(step), ...place);
}

function actionOf(action: FileAction, tree: Lookup): Action {
  const at = withCreatedTime(EPOCH);
  switch (action.kind) {
    case "mkdir":
      return mkdir(action.path, 0o755, at, withParents(true));
    case "mkfile":
      return mkfile(action.path, 0o644, action.text, at);
    case "link":
      return symlink(action.target, action.path, at);
    case "copy":
      return copyOf(action, tree);
  }
}

function copyOf(action: CopyAction, tree: Lookup): Action {
  return copy(tree(action.from), action.source, action.dest, {
    copyDirContentsOnly: action.contents,
    createDestPath: action.parents,
    includePatterns: action.include,
    excludePatterns: action.exclude,
    alwaysReplaceExistingDestPaths: action.replace,
    createdTime: timeOf(action.times),
    mode: action.mode === undefined ? undefined : { mode: Number.parseInt(action.mode, 8) },
    chownOpt: action.owner === undefined ? undefined : ownerOf(action.owner),
  });
}

/** Digits are an id, anything else is a name. */
function ownerOf({ user, group }: NonNullable<CopyAction["owner"]>): ChownOpt {
  const option = (text: string): UserOpt => (/^[0-9]+$/.test(text) ? { uid: Number(text) } : { name: text });
  return { user: option(user), ...(group === undefined ? {} : { group: option(group) }) };
}

function timeOf(times: CopyAction["times"]): Date | undefined {
  switch (times) {
    case "epoch":
      return EPOCH;
    case "source":
      return undefined;
    default:
      return new Date(times * 1000);
  }
}

function runStates(
  step: RunStep,
  tree: Lookup,
  location: (at: Place) => ConstraintsOpt,
): readonly (readonly [Tree, State])[] {
  const run = tree(step.on).run(commandOf(step, tree), location(step.at));
  const root = step.rootfs === "writable" ? [[{ step: step.id }, run.root()] as const] : [];
  return [
    ...root,
    ...step.mounts.filter(isKept).map(({ at }) => [{ step: step.id, output: at }, run.getMount(at)] as const),
  ];
}

const isKept = (mount: Mount): boolean => mount.kind === "tree" && mount.access === "keep";

function commandOf(step: RunStep, tree: Lookup): RunOption {
  return command({
    args: step.argv,
    env: step.env.map(variable),
    dir: step.dir,
    // A copy has no platform of its own, and its steps would take the target's: keys that platforms do not share, and
    // on a builder with emulators an emulated toolchain.
    platform: step.platform,
    network: step.network,
    hosts: step.hosts,
    proxy: step.proxy,
    readonlyRoot: step.rootfs !== "writable",
    mounts: step.mounts.map((mount) => mountOf(mount, tree)),
    name: visible(step.title),
    description: { [STEP_ID]: step.id },
    ignoreCache: step.uncached,
  });
}

function mountOf(mount: Mount, tree: Lookup): CommandMount {
  switch (mount.kind) {
    case "tree":
    case "cache": {
      const { tree: from, key: keyedBy, ...rest } = mount;
      return { ...rest, from: from === undefined ? undefined : tree(from), keyedBy };
    }
    case "memory":
    case "secret":
    case "agent":
      return mount;
  }
}

function variable(entry: string): readonly [name: string, value: string] {
  const at = entry.indexOf("=");
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** Ties vertices to lines of the files that their places are in. */
function placesIn(sources: Build["sources"]): (at: Place) => ConstraintsOpt {
  const maps = new Map(
    sources.map(({ filename, language, text }) => [
      filename,
      newSourceMap(undefined, filename, language, text),
    ]),
  );
  return ({ file, range }) => {
    const map = maps.get(file);
    if (map === undefined) throw new Error(`no source is called ${file}`);
    return map.location([buildkitRange(range)]);
  };
}
