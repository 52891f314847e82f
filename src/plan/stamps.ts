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
import { lineOfFile, type OpenTree } from "../facts/index.ts";
import { type FindCommit, type KnownCommit, learnCommit, type Wanted } from "./commit.ts";
import type { ScannedProgram, Stamp, Stamps } from "./inspected.ts";
import { readsBuildInfo } from "./reads-build-info.ts";
import { rfc3339 } from "./rfc3339.ts";
import { commitValues } from "./stamp-values.ts";
import type { BuildRequest, VcsStamp } from "./types.ts";

/** What stands for a variable whose value nobody knows: the same file builds everywhere. */
export const UNKNOWN = "unknown";

/** What stamps are learned from. */
interface Sources extends Pick<Wanted, "committed"> {
  readonly located: LocatedDescription;
  readonly tree: OpenTree;
  readonly request: BuildRequest;
  readonly findCommit: FindCommit;
}

/**
 * Learns what the stamps of a service's programs need, and nothing else: where none is in use, no history is read.
 *
 * @param programs of one service
 * @returns what is known for each of them; and with GF048 a warning at each value that uses what is not known, an error
 *   where only a clean tree is built
 */
export async function stampsOf(
  programs: readonly ScannedProgram[],
  { located, tree, request, findCommit, committed }: Sources,
): Promise<{
  readonly stamps: (program: ScannedProgram) => Stamps;
  readonly problems: readonly Diagnostic[];
}> {
  const [first] = programs;
  if (first === undefined) return { stamps: () => ({ values: {} }), problems: [] };
  const { description } = first;
  const { dirty: policy, vcs } = description.build;
  const uses = usesOf(description);
  const wanted: Wanted = {
    names: new Set(uses.map(({ name }) => name)),
    stamped: await stampedOf(programs, vcs, tree),
    mustBeClean: policy === "fail",
    committed,
  };
  const source = needsCommit(wanted) ? await findCommit() : {};
  const [learned, lines] = await Promise.all([
    learnCommit(wanted, tree, request.revision ?? {}, source),
    linesOf(uses, description, located, tree),
  ]);
  const values = { ...commitValues(learned, policy, request, source), ...lines.values };
  return {
    stamps: (program) => {
      const written = wanted.stamped.includes(program)
        ? vcsOf(learned, learned.versions?.get(program), policy)
        : undefined;
      return { values, ...(written === undefined ? {} : { vcs: written }) };
    },
    problems: [
      ...lines.problems,
      ...unknownValues(uses, values, description, located),
      ...(wanted.mustBeClean ? notClean(learned, description, located) : []),
    ],
  };
}

/** The programs whose build information tells the commit. */
async function stampedOf(
  programs: readonly ScannedProgram[],
  vcs: ServiceDescription["build"]["vcs"],
  tree: OpenTree,
): Promise<readonly ScannedProgram[]> {
  if (vcs !== "auto") return vcs ? programs : [];
  const reads = await Promise.all(programs.map((program) => readsBuildInfo(program, tree)));
  return programs.filter((_, index) => reads[index]);
}

/** Whether more of the commit is in use than the client may have told. */
function needsCommit({ names, stamped, mustBeClean }: Wanted): boolean {
  return stamped.length > 0 || mustBeClean || [...names].some((name) => name.startsWith("git."));
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
  const inFiles = image.files.flatMap(({ source }, index) =>
    source.kind === "text" ? [[["image", "files", index, "text"], source.text] as const] : [],
  );
  return [...inMaps, ...inArgs, ...inFiles].flatMap(([path, text]) =>
    variablesIn(text).map((name) => ({ name, path })),
  );
}

/** A warning at each value that uses what nobody knows. */
function unknownValues(
  uses: readonly Use[],
  values: Readonly<Record<string, Stamp>>,
  { rangeOf }: ServiceDescription,
  located: LocatedDescription,
): readonly Diagnostic[] {
  return uses.flatMap(({ name, path }) => {
    const stamp = values[name];
    if (stamp === undefined || stamp.known) return [];
    const { why, help } = stamp;
    return [
      warningAt("GF048", `\`\${${name}}\` is \`${UNKNOWN}\`: ${why}`, {
        file: located.source.filename,
        range: rangeOf(path),
        help,
      }),
    ];
  });
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

/**
 * What is written into the build information. The go command writes it always; here every commit would then link anew, also
 * where nobody can read it. These are its settings (golang/go:src/cmd/go/internal/load/pkg.go, setBuildInfo). What is not known is left out,
 * and where it is not known whether the tree is clean, so is the version.
 */
function vcsOf(
  { commit, time, dirty }: KnownCommit,
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
  { dirty, commit }: KnownCommit,
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
