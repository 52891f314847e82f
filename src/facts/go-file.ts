import { readConstraint, type Constraint } from "./constraint.ts";
import { embedPatterns } from "./embed-directive.ts";
import { unquote } from "./go-strings.ts";
import { trimSpace } from "./space.ts";
import { placesIn } from "./text-places.ts";
import type { Position } from "./types.ts";

/**
 * What the head of a Go file says: build constraint, package clause, imports, `//go:embed` patterns.
 * Rules: golang/go:src/go/build/read.go (readGoInfo), Go 1.26. The scanner is as lenient as Go's: it looks at the import
 * section only and leaves every real syntax error to the compiler.
 */
export interface GoFile {
  readonly constraint: Constraint;
  /** Where the constraint stands, or else the file begins. */
  readonly constraintAt: Position;
  /** Empty when there is no package clause. */
  readonly packageName: string;
  /** Where the name of the package stands, or else the file begins. */
  readonly packageAt: Position;
  /** Import paths in order, `C` included; empty after a syntax error, as in Go. */
  readonly imports: readonly string[];
  /** Where each path of `imports` stands first. */
  readonly importedAt: ReadonlyMap<string, Position>;
  readonly embeds: readonly string[];
  /** Where each pattern of `embeds` stands first. */
  readonly embeddedAt: ReadonlyMap<string, Position>;
  /** The `//go:generate` lines, as far as the file was read. */
  readonly generates: readonly GenerateLine[];
  /** The comments that stand in the import section of a file with `import "C"`: cgo's preamble and directives. */
  readonly cgoText: string;
  /** Go's go/build refuses the file (NUL byte in the header, bad import path, syntax error). */
  readonly malformed: boolean;
}

export interface GenerateLine {
  /** What stands after `//go:generate`. */
  readonly command: string;
  /** The Go files that the command names, without tests: most likely what it writes. */
  readonly files: readonly string[];
  readonly at: Position;
}

/** `more`: the text ends before the import section does, or its directives need the whole file. */
export type GoFileScan = { readonly done: true; readonly file: GoFile } | { readonly done: false };

/** Scans a file's text; `whole` says that the text is the whole file. */
export function scanGoFile(source: string, whole: boolean): GoFileScan {
  const text = source.startsWith("\ufeff") ? source.slice(1) : source;
  const header = scanHeader(text);
  if (!whole && (header.truncated || header.imports.includes("embed"))) return { done: false };
  const constraint: Constraint =
    header.problem === "nul" ? { kind: "invalid", reason: "unexpected NUL in input" } : readConstraint(text);
  const embeds = header.imports.includes("embed") ? embedPatterns(text) : noPlaces;
  return {
    done: true,
    file: {
      constraint,
      constraintAt: constraintAt(text),
      packageName: header.packageName,
      packageAt: header.packageAt,
      imports: header.imports,
      importedAt: header.importedAt,
      embeds: [...embeds.keys()].sort(),
      embeddedAt: embeds,
      generates: generateLines(text),
      cgoText: header.imports.includes("C") ? text.slice(0, header.end) : "",
      malformed: header.problem !== undefined,
    },
  };
}

const noPlaces: ReadonlyMap<string, Position> = new Map();

function constraintAt(text: string): Position {
  const line = /^[ \t]*\/\/(?:go:build|[ \t]*\+build)/m.exec(text);
  return placesIn(text)(line?.index ?? 0);
}

/** Rules: golang/go:src/cmd/go/internal/generate/generate.go (isGoGenerate): at the line's start, then a space. */
function generateLines(text: string): readonly GenerateLine[] {
  if (!text.includes("//go:generate")) return [];
  const placeOf = placesIn(text);
  return [...text.matchAll(/^\/\/go:generate[ \t]([^\n]*)/gm)].map((match) => {
    const command = (match[1] ?? "").trim();
    const files = command
      .split(/[\s"'`]+/)
      .map((word) => word.replace(/^-{1,2}[A-Za-z_-]+=/, "").replace(/^>+/, ""))
      .filter((word) => /^[\w./-]+\.go$/.test(word) && !word.endsWith("_test.go"));
    return { command, files, at: placeOf(match.index) };
  });
}

interface HeaderScan {
  readonly packageName: string;
  readonly packageAt: Position;
  readonly imports: readonly string[];
  readonly importedAt: ReadonlyMap<string, Position>;
  readonly end: number;
  readonly problem: "syntax" | "nul" | undefined;
  /** The text ended inside the header. */
  readonly truncated: boolean;
}

function scanHeader(text: string): HeaderScan {
  const imports: string[] = [];
  const importedAt = new Map<string, Position>();
  const placeOf = placesIn(text);
  let at = 0;
  let truncated = false;
  /** Go's reader stops here: it sees no NUL byte behind. */
  let failed = false;
  /** Go's reader goes on behind a path that only its parser refuses. */
  let isPathRefused = false;

  const fail = (): void => {
    failed = true;
  };
  /** Skips spaces, semicolons and comments; returns the next character, empty at the end and after a failure. */
  const peek = (): string => {
    while (!failed) {
      const c = text[at];
      if (c === undefined) {
        truncated = true;
        return "";
      }
      if (c === " " || c === "\t" || c === "\n" || c === "\r" || c === ";" || c === "\f") {
        at++;
      } else if (c === "/" && text[at + 1] === "/") {
        const end = text.indexOf("\n", at);
        at = end < 0 ? text.length : end + 1;
      } else if (c === "/" && text[at + 1] === "*") {
        const end = text.indexOf("*/", at + 2);
        at = end < 0 ? text.length : end + 2;
        if (end < 0) {
          truncated = true;
          fail();
        }
      } else if (c === "/") {
        // Go's reader has read the next byte when it fails.
        at++;
        if (at >= text.length) truncated = true;
        fail();
      } else {
        return c;
      }
    }
    return "";
  };
  const keyword = (expected: string): void => {
    if (peek() === "") fail();
    for (let i = 0; i < expected.length && !failed; i++) {
      if (text[at] === expected[i]) at++;
      else fail();
    }
    if (at >= text.length) truncated = true;
    if (isIdentifier(text.charCodeAt(at))) fail();
  };
  const word = (): string => {
    peek();
    const start = at;
    while (!failed && isIdentifier(text.charCodeAt(at))) at++;
    if (at >= text.length) truncated = true;
    if (at === start) fail();
    return text.slice(start, at);
  };
  const literal = (): string => {
    const quote = peek();
    const start = at;
    if (quote !== '"' && quote !== "`") {
      fail();
      return "";
    }
    for (at++; at < text.length; at++) {
      const c = text[at];
      if (c === quote) {
        at++;
        return text.slice(start, at);
      }
      if (quote === '"' && c === "\n") break;
      if (quote === '"' && c === "\\") at++;
    }
    if (at >= text.length) truncated = true;
    fail();
    return "";
  };
  const importSpec = (): void => {
    const c = peek();
    if (c === ".") at++;
    else if (c !== "" && isIdentifier(c.charCodeAt(0))) word();
    const quoted = literal();
    const path = unquote(quoted);
    if (failed) return;
    if (path === undefined || !isImportPath(path)) {
      isPathRefused = true;
      return;
    }
    imports.push(path);
    if (!importedAt.has(path)) importedAt.set(path, placeOf(at - quoted.length));
  };

  keyword("package");
  peek();
  const packageAt = failed ? { line: 1, column: 1 } : placeOf(at);
  const packageName = failed ? "" : word();
  while (peek() === "i") {
    keyword("import");
    if (peek() === "(") {
      at++;
      while (!failed && peek() !== ")" && at < text.length) importSpec();
      if (at >= text.length) fail();
      if (!failed) at++;
    } else {
      importSpec();
    }
  }
  const nul = text.lastIndexOf("\0", at);
  const problem = nul >= 0 ? "nul" : failed || isPathRefused ? "syntax" : undefined;
  return {
    packageName: trimSpace(packageName),
    packageAt,
    imports: problem === undefined ? imports : [],
    importedAt,
    end: at,
    problem,
    truncated: truncated && nul < 0,
  };
}

function isIdentifier(c: number): boolean {
  return (
    (c >= 0x61 && c <= 0x7a) ||
    (c >= 0x41 && c <= 0x5a) ||
    (c >= 0x30 && c <= 0x39) ||
    c === 0x5f ||
    c >= 0x80
  );
}

const illegalInPath = /[!"#$%&'()*,:;<=>?[\\\]^{|}`\ufffd\p{C}\p{Z}]/u;

function isImportPath(path: string): boolean {
  return path !== "" && !illegalInPath.test(path);
}

/**
 * The constraint of a C, assembly or header file: it stands in the leading comments.
 * Rules: golang/go:src/go/build/read.go (readComments); a head that it cannot read is an error there too.
 *
 * @param whole the text is the whole file: an end within a comment is the file's, and an error
 */
export function scanOtherFile(source: string, whole: boolean): Constraint {
  const text = source.startsWith("\ufeff") ? source.slice(1) : source;
  let at = 0;
  let isBroken = false;
  while (!isBroken) {
    while (at < text.length && " \f\t\r\n;".includes(text.charAt(at))) at++;
    if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end + 1;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      isBroken = end < 0 && whole;
      at = end < 0 ? text.length : end + 2;
    } else {
      isBroken = text[at] === "/" && (whole || at + 1 < text.length);
      break;
    }
  }
  // The reader has seen the byte behind the comments, and the one after a slash.
  const nul = text.lastIndexOf("\0", isBroken ? at + 1 : at);
  if (nul >= 0) return { kind: "invalid", reason: "unexpected NUL in input" };
  if (isBroken) return { kind: "invalid", reason: "syntax error" };
  return readConstraint(text.slice(0, at));
}
