import { explainImport } from "./explain-import.ts";
import type { ScannedPackage } from "./closure.ts";
import { gitRules } from "./git-ignore.ts";
import { unhide } from "./ignore.ts";
import { pending, type Known, type Knowledge } from "./knowledge.ts";
import type { Placed } from "./package.ts";
import { baseName, childPath, isLossy, joinPath, parentPath } from "./paths.ts";
import type { FactsDiagnostic, GoModule } from "./types.ts";

/**
 * What leads nowhere in the packages of a service: imports, links, patterns of `//go:embed`, files that a generator was
 * to write. Only what Go refuses for certain is an error.
 */
export function explainLoose(
  knowledge: Knowledge,
  module: GoModule,
  packages: readonly ScannedPackage[],
): Known<FactsDiagnostic[]> {
  const found = new Map<string, FactsDiagnostic>();
  let complete = true;
  const add = (key: string, answer: Known<FactsDiagnostic | undefined>): void => {
    if (answer === pending) complete = false;
    else if (answer !== undefined && !found.has(key)) found.set(key, answer);
  };
  for (const { missing, loose, facts } of packages) {
    for (const each of missing) add(`import ${each.path}`, explainImport(knowledge, module, each));
    for (const path of loose.dangling) add(`link ${path}`, explainUnread(knowledge, path));
    for (const each of loose.emptyEmbeds) {
      add(`embed ${each.file} ${each.text}`, explainEmbed(knowledge, facts.dir, each, loose.generates));
    }
    for (const each of loose.generated) {
      // What is generated elsewhere is another package's.
      if (parentPath(each.text) !== facts.dir) continue;
      add(`generate ${each.text}`, explainGenerated(knowledge, each));
    }
  }
  return complete ? [...found.values()] : pending;
}

/** A file of the build that cannot be read: a link that leads to nothing in the context, or a name that is not UTF-8. */
export function explainUnread(knowledge: Knowledge, path: string): Known<FactsDiagnostic> {
  if (!isLossy(baseName(path))) return explainLink(knowledge, path);
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
export function explainLink(knowledge: Knowledge, path: string): Known<FactsDiagnostic> {
  const dir = parentPath(path);
  const entries = knowledge.sources(dir);
  const resolved = knowledge.resolve(path);
  if (entries === pending || resolved === pending) return pending;
  const written = entries?.get(baseName(path))?.linkTarget ?? "";
  const target = joinPath(dir, written);
  const at = { severity: "error", file: path, position: { line: 1, column: 1 } } as const;
  const rule = target === undefined ? undefined : knowledge.tree.ignoredBy?.(target);
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

function explainEmbed(
  knowledge: Knowledge,
  dir: string,
  { text, file, position }: Placed,
  generates: readonly Placed[],
): Known<FactsDiagnostic | undefined> {
  const glob = text.replace(/^all:/, "");
  const path = childPath(dir, glob);
  // A pattern of an ignore file may match what is in a directory and not the directory.
  const rule = knowledge.tree.ignoredBy?.(path) ?? knowledge.tree.ignoredBy?.(`${path}/x`);
  if (rule !== undefined) {
    const message = `${glob}, which //go:embed names, is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`;
    return { severity: "error", code: "GF004", message, help: unhide(path, rule), file, position };
  }
  const git = gitRules(knowledge, dir);
  if (git === pending) return pending;
  const ignored = git(path) ?? git(`${path}/x`);
  const [generator] = generates;
  const make =
    generator === undefined
      ? "run what makes it before the build"
      : `run \`go generate\` before the build (${generator.file} line ${generator.position.line}: ${generator.text})`;
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
function explainGenerated(
  knowledge: Knowledge,
  { text: path, file, position }: Placed,
): Known<FactsDiagnostic | undefined> {
  const dir = parentPath(path);
  const found = knowledge.resolve(path);
  if (found === pending) return pending;
  if (found.kind !== "absent") return undefined;
  const git = gitRules(knowledge, dir);
  if (git === pending) return pending;
  const hidden = knowledge.tree.ignoredBy?.(path);
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
    help: `${ignored.file} line ${ignored.line} (${ignored.pattern}) leaves it out of git: run \`go generate ${dir === "." ? "." : `./${dir}`}\` before the build`,
  };
}
