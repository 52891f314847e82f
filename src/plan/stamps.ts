// What a build says of the commit that it is made from: variables, labels, and what the go command calls VCS stamps.
import {
  type Diagnostic,
  errorAt,
  FILE,
  type LocatedDescription,
  type Path,
  type ServiceDescription,
  variablesIn,
  warningAt,
} from "../description/index.ts";
import { chosenTag, type Described, lineOfFile, type OpenTree, type Repository } from "../facts/index.ts";
import type { ScannedProgram, Stamp, Stamps } from "./inspected.ts";
import { readsBuildInfo } from "./reads-build-info.ts";
import type { BuildRequest, Revision, VcsStamp } from "./types.ts";

/** What stands for a variable whose value nobody knows: the same file builds everywhere. */
export const UNKNOWN = "unknown";

/** Where more of the commit can be learned than the client tells. */
export interface CommitSource {
  /** The repository that the build context has with it. */
  readonly repository?: Repository | undefined;
  /** Why there is none, to end a sentence with. */
  readonly absent?: { readonly why: string; readonly help: string } | undefined;
  /** Of a context that the builder fetched from a repository: when its commit was made. */
  readonly time?: number | undefined;
}

/** Asked only where a stamp is in use: the answer may be a round trip. */
export type FindCommit = () => Promise<CommitSource>;

/**
 * Learns what the stamps of a service's programs need, and nothing else: where none is in use, no history is read.
 *
 * @param programs of one service
 * @returns what is known for each of them; and with GF048 a warning at each value that uses what is not known, an error
 *   where only a clean tree is built
 */
export async function stampsOf(
  programs: readonly ScannedProgram[],
  located: LocatedDescription,
  tree: OpenTree,
  request: BuildRequest,
  find: FindCommit,
): Promise<{
  readonly stamps: (program: ScannedProgram) => Stamps;
  readonly problems: readonly Diagnostic[];
}> {
  const [first] = programs;
  if (first === undefined) return { stamps: () => ({ values: {} }), problems: [] };
  const { description } = first;
  const uses = usesOf(description);
  const { dirty: policy, vcs } = description.build;
  const reads = await Promise.all(
    programs.map((each) => (vcs === "auto" ? readsBuildInfo(each, tree) : Promise.resolve(vcs))),
  );
  const stamped = programs.filter((_, index) => reads[index]);
  const names = new Set(uses.map(({ name }) => name));
  const told = request.revision ?? {};
  const mustBeClean = policy === "fail";
  const ofGit = [...names].some((name) => name.startsWith("git."));
  const source = ofGit || stamped.length > 0 || mustBeClean ? await find() : {};
  const learned = await learn({ names, stamped, mustBeClean }, programs, tree, told, source);
  const lines = await linesOf(uses, description, located, tree);
  const values = { ...valuesOf(learned, policy, request, source), ...lines.values };
  const file = located.source.filename;
  const unknown = uses.flatMap(({ name, path }) => {
    const stamp = values[name];
    if (stamp === undefined || stamp.known) return [];
    return [
      warningAt("GF048", `\`\${${name}}\` is \`${UNKNOWN}\`: ${stamp.why}`, {
        file,
        range: description.rangeOf(path),
        help: stamp.help,
      }),
    ];
  });
  return {
    stamps: (program) => {
      const written = stamped.includes(program)
        ? vcsOf(learned, learned.versions?.get(program), policy)
        : undefined;
      return { values, ...(written === undefined ? {} : { vcs: written }) };
    },
    problems: [
      ...lines.problems,
      ...unknown,
      ...(mustBeClean ? notClean(learned, description, located) : []),
    ],
  };
}

interface Use {
  readonly name: string;
  readonly path: Path;
}

/** Variables of the description's values, with the place of each value. */
function usesOf({ build, image }: ServiceDescription): readonly Use[] {
  const maps = [
    [["build", "vars"], build.vars],
    [["image", "env"], image.env],
    [["image", "labels"], image.labels],
  ] as const;
  const inMaps = maps.flatMap(([path, values]) =>
    Object.entries(values).map(([key, text]) => [[...path, key], text] as const),
  );
  const inArgs = image.args.map((text, index) => [["image", "args", index], text] as const);
  return [...inMaps, ...inArgs].flatMap(([path, text]) => variablesIn(text).map((name) => ({ name, path })));
}

/** What the files hold that stand in templates; and an error at each value that names one which cannot be read. */
async function linesOf(
  uses: readonly Use[],
  { module, rangeOf }: ServiceDescription,
  located: LocatedDescription,
  tree: OpenTree,
): Promise<{ readonly values: Readonly<Record<string, Stamp>>; readonly problems: readonly Diagnostic[] }> {
  const found = await Promise.all(
    uses
      .filter(({ name }) => name.startsWith(FILE))
      .map(async (use) => ({ ...use, line: await lineOfFile(tree, module, use.name.slice(FILE.length)) })),
  );
  return {
    values: Object.fromEntries(
      found.flatMap(({ name, line }) => (line.ok ? [[name, { known: true, value: line.text }]] : [])),
    ),
    problems: found.flatMap(({ path, line }) => {
      if (line.ok) return [];
      const { code, message, help } = line.diagnostic;
      return [errorAt(code, message, { file: located.source.filename, range: rangeOf(path), help })];
    }),
  };
}

interface Wanted {
  readonly names: ReadonlySet<string>;
  /** Programs that tell their commit in the build information. */
  readonly stamped: readonly ScannedProgram[];
  readonly mustBeClean: boolean;
}

interface Learned extends Revision {
  readonly tags?: readonly string[] | undefined;
  readonly described?: Described | "none" | undefined;
  /** The main modules' versions as the go command names them. */
  readonly versions?: ReadonlyMap<ScannedProgram, string | undefined> | undefined;
  readonly unreadPacks?: number | undefined;
}

async function learn(
  { names, stamped, mustBeClean }: Wanted,
  programs: readonly ScannedProgram[],
  tree: OpenTree,
  told: Revision,
  { repository, time }: CommitSource,
): Promise<Learned> {
  if (repository === undefined) return { ...told, time: told.time ?? time };
  const commit = told.commit ?? (await repository.head());
  if (commit === undefined) return told;
  const isStamped = stamped.length > 0;
  const needsDirty = isStamped || mustBeClean || names.has("git.dirty") || names.has("git.describe");
  const isExact = programs.every(({ facts }) => facts.complete);
  const files = new Set(programs.flatMap(({ facts, module }) => [...facts.files, ...module.modFiles]));
  const [committed, tags, described, dirty, source, versions] = await Promise.all([
    isStamped || names.has("git.time") ? repository.time(commit) : undefined,
    names.has("git.tag") ? repository.tags(commit) : undefined,
    names.has("git.describe") ? repository.describe(commit) : undefined,
    needsDirty && isExact ? repository.differs(commit, tree, [...files]) : undefined,
    told.source ?? repository.source(),
    Promise.all(stamped.map(async (each) => [each, await repository.version(commit, each.module)] as const)),
  ]);
  return {
    ...told,
    commit,
    source,
    time: told.time ?? committed,
    tags,
    described,
    dirty: dirty ?? told.dirty,
    versions: new Map(versions),
    unreadPacks: await repository.unreadPacks(),
  };
}

function valuesOf(
  learned: Learned,
  policy: ServiceDescription["build"]["dirty"],
  request: BuildRequest,
  source: CommitSource,
): Readonly<Record<string, Stamp>> {
  const { commit, time, dirty } = learned;
  const short = commit?.slice(0, 7);
  const value = (text: string | undefined, missing: () => Missing): Stamp =>
    text === undefined ? { known: false, ...missing() } : { known: true, value: text };
  const noCommit = (): Missing => source.absent ?? NO_COMMIT;
  const missing = (what: string, name: string) => (): Missing =>
    commit === undefined ? noCommit() : notRead(what, name, learned, source);
  const suffix = dirty === true && policy === "mark" ? "-dirty" : "";
  const described = describedOf(learned, short);
  return {
    "git.commit": value(commit, noCommit),
    "git.short": value(short, noCommit),
    "git.time": value(
      time === undefined ? undefined : rfc3339(time),
      missing("when it was committed", "git.time"),
    ),
    "git.tag": value(tagOf(learned), () =>
      learned.tags === undefined ? missing("its tags", "git.tag")() : NO_TAG,
    ),
    "git.describe": value(
      described === undefined ? undefined : `${described}${suffix}`,
      missing("its tags", "git.describe"),
    ),
    "git.dirty": value(dirty?.toString(), missing("whether the tree differs from it", "git.dirty")),
    "git.source": value(learned.source, () => NO_SOURCE),
    "build.time": value(request.epoch === undefined ? undefined : rfc3339(request.epoch), () => NO_EPOCH),
  };
}

interface Missing {
  readonly why: string;
  readonly help: string;
}

const NO_COMMIT: Missing = {
  why: "nobody tells which commit is built",
  help: "build with docker buildx in a git work tree, or from a git repository; for one build pass the value: `args: { commit: unknown }` and `--build-arg commit=…`",
};

const NO_SOURCE: Missing = {
  why: "the client tells no URL of the repository",
  help: "build with docker buildx in a clone that has a remote `origin`, or from a git repository",
};

const NO_TAG: Missing = {
  why: "the commit has no tag",
  help: "write `${git.describe}`, which is the tag where there is one, else the nearest tag before it and the commit",
};

const NO_EPOCH: Missing = {
  why: "the client gives no SOURCE_DATE_EPOCH",
  help: "set it for the build, like SOURCE_DATE_EPOCH=$(git log -1 --format=%ct), or write `${git.time}`, the time of the commit",
};

/** Why something of a known commit is not known. */
function notRead(
  what: string,
  name: string,
  { unreadPacks, saidDirty }: Learned,
  source: CommitSource,
): Missing {
  const argument = name.slice("git.".length);
  const pass = `pass the value: \`args: { ${argument}: unknown }\` and \`--build-arg ${argument}=…\``;
  if (source.repository === undefined) {
    const said =
      saidDirty === true && name === "git.dirty" ? " (docker buildx counts files that git ignores)" : "";
    const { why, help } = source.absent ?? { why: "the builder tells the commit alone", help: pass };
    return { why: `the commit is known, but not ${what}${said}: ${why}`, help };
  }
  if (unreadPacks !== undefined) {
    return {
      why: `the repository's packs have ${Math.ceil(unreadPacks / 2 ** 20)} MiB, and ${what} may lie in them`,
      help: pass,
    };
  }
  return { why: `the repository in the build context does not tell ${what}`, help: pass };
}

function tagOf({ tags, tag }: Learned): string | undefined {
  return tags === undefined ? tag : chosenTag(tags);
}

function describedOf({ described, tag, tags }: Learned, short: string | undefined): string | undefined {
  if (described === undefined) return tags === undefined ? tag : undefined;
  if (described === "none") return short;
  return described.commits === 0 ? described.tag : `${described.tag}-${described.commits}-g${short ?? ""}`;
}

/** As Go writes the time of a commit. */
function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/**
 * What is written into the build information. The go command writes it always; here every commit would then link anew, also
 * where nobody can read it. These are its settings (golang/go:src/cmd/go/internal/load/pkg.go, setBuildInfo). What is not known is left out,
 * and where it is not known whether the tree is clean, so is the version.
 */
function vcsOf(
  { commit, time, dirty }: Learned,
  version: string | undefined,
  policy: string,
): VcsStamp | undefined {
  if (commit === undefined || !/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit)) return undefined;
  const isMarked = dirty === true && policy === "mark";
  const stated =
    version === undefined || dirty === undefined ? undefined : `${version}${isMarked ? "+dirty" : ""}`;
  const modified = dirty === true && policy === "ignore" ? undefined : dirty;
  return {
    revision: commit,
    ...(time === undefined ? {} : { time: rfc3339(time) }),
    ...(modified === undefined ? {} : { modified }),
    ...(stated === undefined ? {} : { version: stated }),
  };
}

function notClean(
  { dirty, commit }: Learned,
  description: ServiceDescription,
  located: LocatedDescription,
): readonly Diagnostic[] {
  if (dirty === false) return [];
  const message =
    dirty === true
      ? `the tree differs from the commit ${commit ?? ""}, and \`dirty: fail\` builds committed files only`
      : "nobody tells whether the tree is as it was committed, and `dirty: fail` builds committed files only";
  return [
    errorAt("GF048", message, {
      file: located.source.filename,
      range: description.rangeOf(["build", "dirty"]),
      help:
        dirty === true
          ? "commit the changes, or write `dirty: mark`"
          : "build from a git repository, or from the root of a work tree whose `.git` is in the build context (a line `!.git` in .dockerignore brings it back)",
    }),
  ];
}
