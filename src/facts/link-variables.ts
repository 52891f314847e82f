import { type Declaration, type Declarations, scanDeclarations, type Tokens } from "./declarations.ts";
import { once } from "./once.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath } from "./paths.ts";
import type { PackageFacts } from "./types.ts";

/**
 * Whether the linker's `-X` sets a package variable: it takes one of type string whose initial value is a constant or
 * none (golang/go:src/cmd/link/doc.go, `-X`). What it does not take it passes over without a word, but for a variable
 * of another type (golang/go:src/cmd/link/internal/ld/data.go, addstrdata).
 */
export type LinkVariable =
  /** It does, or the source does not tell. */
  | { readonly kind: "fits" }
  | { readonly kind: "absent"; readonly near: readonly string[] }
  | { readonly kind: "other"; readonly what: "constant" | "function" | "type" }
  | { readonly kind: "not-string"; readonly type: string }
  /** The program itself sets it when it starts. */
  | { readonly kind: "computed"; readonly value: string };

/** Answers for variables of packages of the tree, each package read once. */
export function linkVariables(
  tree: OpenTree,
  packages: readonly PackageFacts[],
): (importPath: string, name: string) => Promise<LinkVariable> {
  const read = new Map<string, Promise<Package | undefined>>();
  const packageOf = (importPath: string): Promise<Package | undefined> =>
    once(read, importPath, () =>
      readPackage(
        tree,
        packages.filter((facts) => facts.importPath === importPath),
      ),
    );
  return async (importPath, name) => {
    const owner = await packageOf(importPath);
    if (owner === undefined) return fits;
    const declared = owner.entries.get(name);
    if (declared === undefined) return { kind: "absent", near: stringsOf(owner) };
    switch (declared.kind) {
      case "const":
        return { kind: "other", what: "constant" };
      case "func":
        return { kind: "other", what: "function" };
      case "type":
        return { kind: "other", what: "type" };
      case "var": {
        const type = typeOf(declared, owner);
        if (type !== undefined) return { kind: "not-string", type };
        const isComputed = await computed(owner, name, packageOf, []);
        return isComputed ? { kind: "computed", value: declared.value.join("") } : fits;
      }
    }
  };
}

const fits: LinkVariable = { kind: "fits" };

interface Package {
  readonly entries: ReadonlyMap<string, Declaration>;
  /** The file in which a name is declared. */
  readonly fileOf: ReadonlyMap<string, Declarations>;
}

/** More than this of one package is not read for a warning. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_FILES = 500;

/** All files that some platform compiles; undefined where they do not tell everything. */
async function readPackage(tree: OpenTree, found: readonly PackageFacts[]): Promise<Package | undefined> {
  const paths = new Set(
    found.flatMap(({ dir, goFiles, cgoFiles }) =>
      [...goFiles, ...cgoFiles].map((name) => childPath(dir, name)),
    ),
  );
  const unclear = found.some(({ invalidFiles }) => invalidFiles.length > 0);
  if (unclear || paths.size === 0 || paths.size > MOST_FILES) return undefined;
  const files = await Promise.all([...paths].map((path) => tree.resolve(path)));
  const sizes = files.map((file) => (file.kind === "file" ? file.size : Infinity));
  if (sizes.reduce((sum, size) => sum + size, 0) >= MOST_BYTES) return undefined;
  const entries = new Map<string, Declaration>();
  const fileOf = new Map<string, Declarations>();
  try {
    const texts = await Promise.all(
      files.flatMap((file) =>
        file.kind === "file" ? [tree.read({ path: file.path, offset: 0, length: file.size })] : [],
      ),
    );
    for (const bytes of texts) {
      const file = scanDeclarations(decoder.decode(bytes));
      for (const [name, declared] of file.entries) {
        entries.set(name, declared);
        fileOf.set(name, file);
      }
    }
  } catch {
    // A file that cannot be read is no reason to hold up a build for a warning.
    return undefined;
  }
  return { entries, fileOf };
}

const decoder = new TextDecoder();

const otherTypes = new Set(
  "any bool byte complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune uint uint8 uint16 uint32 uint64 uintptr".split(
    " ",
  ),
);

/** The type in words where it is certainly not string. */
function typeOf({ type, value }: Declaration & { readonly kind: "var" }, owner: Package): string | undefined {
  const [first = ""] = type.length > 0 ? type : value;
  const isComposite = /^(?:\[|\*|&|map|chan|func|interface|struct)$/.test(first);
  if (type.length > 0) {
    const declared = owner.entries.get(first);
    const isOther =
      isComposite ||
      (type.length === 1 && (otherTypes.has(first) || (declared?.kind === "type" && !declared.alias)));
    return isOther ? type.join("") : undefined;
  }
  if (/^[0-9]/.test(first) && value.length === 1) return "number";
  if (value.length === 1 && (first === "true" || first === "false")) return "bool";
  return isComposite && first !== "func" && value.at(-1) === "}"
    ? value.slice(0, value.indexOf("{")).join("")
    : undefined;
}

/** Variables that could be meant. */
function stringsOf(owner: Package): readonly string[] {
  return [...owner.entries].flatMap(([name, declared]) =>
    declared.kind === "var" && typeOf(declared, owner) === undefined ? [name] : [],
  );
}

/** Whether the initial value is surely no constant, so that the program sets the variable itself when it starts. */
async function computed(
  owner: Package,
  name: string,
  packageOf: (importPath: string) => Promise<Package | undefined>,
  seen: readonly string[],
): Promise<boolean> {
  const declared = owner.entries.get(name);
  if (declared?.kind !== "var" || seen.includes(name)) return false;
  const value = withoutParentheses(declared.value);
  const imports = owner.fileOf.get(name)?.imports;
  for (const [at, token] of value.entries()) {
    if (/^(?:[[{&*]|<-|func)$/.test(token)) return true;
    if (!/^[\p{L}_]/u.test(token) || value[at - 1] === ".") continue;
    if (value[at + 1] === ".") {
      const path = imports?.get(token);
      if (path === undefined) {
        if (owner.entries.get(token)?.kind === "var") return true;
        continue;
      }
      if (value[at + 3] === "(") return true;
      if ((await packageOf(path))?.entries.get(value[at + 2] ?? "")?.kind === "var") return true;
      continue;
    }
    const meant = owner.entries.get(token);
    if (meant?.kind === "func" && value[at + 1] === "(") return true;
    // The compiler copies the value of another variable of the package, and nothing more.
    if (meant?.kind === "var") return value.length > 1 || computed(owner, token, packageOf, [...seen, name]);
  }
  return false;
}

function withoutParentheses(tokens: Tokens): Tokens {
  return tokens[0] === "(" && tokens.at(-1) === ")" ? withoutParentheses(tokens.slice(1, -1)) : tokens;
}
