import { explainImport, explainUnknownStandard, explainUnrequired } from "./explain-import.ts";
import type { ScannedPackage } from "./closure.ts";
import { gitRules } from "./git-ignore.ts";
import { unhide } from "./ignore.ts";
import type { OpenTree } from "./open-tree.ts";
import type { Placed } from "./package.ts";
import { isUnknownStandard } from "./standard-library.ts";
import { baseName, childPath, isLossy, joinPath, parentPath } from "./paths.ts";
import type { FactsDiagnostic, GoModule } from "./types.ts";

/**
 * What leads nowhere in the packages of a service: imports, links, patterns of `//go:embed`, files that a generator was
 * to write. Only what Go refuses for certain is an error.
 */
export async function explainLoose(
  tree: OpenTree,
  module: GoModule,
  packages: readonly ScannedPackage[],
): Promise<readonly FactsDiagnostic[]> {
  const answers = await Promise.all(packages.flatMap((scanned) => explainPackage(tree, module, scanned)));
  // Platforms and packages share most of what is said, which is said once.
  const said = new Map<string, FactsDiagnostic>();
  for (const { key, finding } of answers) {
    if (finding !== undefined && !said.has(key)) said.set(key, finding);
  }
  return [...said.values()];
}

interface Answer {
  /** What it is about. */
  readonly key: string;
  readonly finding: FactsDiagnostic | undefined;
}

function explainPackage(
  tree: OpenTree,
  module: GoModule,
  { missing, unrequired, imported, loose, facts }: ScannedPackage,
): readonly Promise<Answer>[] {
  const about = async (key: string, finding: Promise<Answer["finding"]>): Promise<Answer> => ({
    key,
    finding: await finding,
  });
  // What is generated elsewhere is another package's.
  const unknown = imported.filter(({ text }) => facts.std.includes(text) && isUnknownStandard(text));
  const generated = loose.generated.filter(({ text }) => parentPath(text) === facts.dir);
  return [
    ...missing.map((absent) => about(`import ${absent.path}`, explainImport(tree, module, absent))),
    ...unrequired.map((found) =>
      about(`import ${found.path}`, Promise.resolve(explainUnrequired(module, found))),
    ),
    ...unknown.map((found) => about(`import ${found.text}`, explainUnknownStandard(tree, module, found))),
    ...loose.dangling.map((path) => about(`link ${path}`, explainUnread(tree, path))),
    ...loose.emptyEmbeds.map((pattern) =>
      about(`embed ${pattern.file} ${pattern.text}`, explainEmbed(tree, facts.dir, pattern, loose.generates)),
    ),
    ...generated.map((written) => about(`generate ${written.text}`, explainGenerated(tree, written))),
  ];
}

/** A file of the build that cannot be read: a link that leads to nothing in the context, or a name that is not UTF-8. */
export async function explainUnread(tree: OpenTree, path: string): Promise<FactsDiagnostic> {
  if (!isLossy(baseName(path))) return explainLink(tree, path);
  return {
    severity: "error",
    code: "GF018",
    message: `the name of ${path} is not UTF-8`,
    help: "rename the file",
    file: path,
    position: { line: 1, column: 1 },
  };
}

/** A link that leads to nothing in the context; where it is a Go file, Go refuses its package. */
export async function explainLink(tree: OpenTree, path: string): Promise<FactsDiagnostic> {
  const dir = parentPath(path);
  const [entries, resolved] = await Promise.all([tree.sources(dir), tree.resolve(path)]);
  const written = entries?.get(baseName(path))?.linkTarget ?? "";
  const target = joinPath(dir, written);
  const at = { severity: "error", file: path, position: { line: 1, column: 1 } } as const;
  const rule = target === undefined ? undefined : tree.ignoredBy(target);
  if (target !== undefined && rule !== undefined) {
    return {
      ...at,
      code: "GF004",
      message: `${path} is a link to ${target}, which is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`,
      help: unhide(target, rule),
    };
  }
  return {
    ...at,
    code: "GF018",
    message: `${path} is a link to ${written}, which ${resolved.kind === "outside" ? "lies outside" : "is not in"} the build context`,
    help:
      resolved.kind === "outside"
        ? "build from a directory that holds both and set `module:`, or put a copy in the link's place"
        : "put the file where the link leads, or remove the link",
  };
}

async function explainEmbed(
  tree: OpenTree,
  dir: string,
  { text, file, position }: Placed,
  generates: readonly Placed[],
): Promise<FactsDiagnostic | undefined> {
  const glob = text.replace(/^all:/, "");
  const path = childPath(dir, glob);
  // A pattern of an ignore file may match what is in a directory and not the directory.
  const rule = tree.ignoredBy(path) ?? tree.ignoredBy(`${path}/x`);
  if (rule !== undefined) {
    const message = `${glob}, which //go:embed names, is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`;
    return { severity: "error", code: "GF004", message, help: unhide(path, rule), file, position };
  }
  const git = await gitRules(tree, dir);
  const ignored = git(path) ?? git(`${path}/x`);
  const [generator] = generates;
  const make =
    generator === undefined
      ? "run what makes it before the build or in its `steps:`"
      : `run \`go generate\` before the build or in its \`steps:\` (${generator.file} line ${generator.position.line}: ${generator.text})`;
  return {
    severity: "error",
    code: "GF009",
    message: `no file of the build context matches //go:embed ${text}`,
    help:
      ignored === undefined
        ? `${make}, or correct the pattern`
        : `${ignored.file} line ${ignored.line} (${ignored.pattern}) leaves it out of git: ${make}`,
    file,
    position,
  };
}

/** A warning: nobody but Go can tell whether the service needs what the file declares. */
async function explainGenerated(
  tree: OpenTree,
  { text: path, file, position }: Placed,
): Promise<FactsDiagnostic | undefined> {
  const dir = parentPath(path);
  if ((await tree.resolve(path)).kind !== "absent") return undefined;
  const git = await gitRules(tree, dir);
  const hidden = tree.ignoredBy(path);
  const ignored = git(path);
  const at = { severity: "warning", file, position } as const;
  if (hidden !== undefined) {
    const message = `${path}, which is generated, is excluded by ${hidden.file} line ${hidden.line} (${hidden.pattern})`;
    return { ...at, code: "GF004", message, help: unhide(path, hidden) };
  }
  if (ignored === undefined) return undefined;
  return {
    ...at,
    code: "GF009",
    message: `${path} is generated here, and is not in the build context`,
    help: `${ignored.file} line ${ignored.line} (${ignored.pattern}) leaves it out of git: run \`go generate ${dir === "." ? "." : `./${dir}`}\` before the build or in its \`steps:\``,
  };
}
