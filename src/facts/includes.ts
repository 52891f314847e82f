/** What a C, assembly or header file says of others that it opens. */
export interface Includes {
  /** Targets of `#include "…"`, in order, unique. Conditional inclusion is ignored: too much is only slower. */
  readonly targets: readonly string[];
  /** Targets of `#include <…>`, which C looks for in the folders that `-I` names. */
  readonly system: readonly string[];
  /**
   * The word stands where no plain line explains it: in a macro, with an escape in the name. The assembler may then open
   * a file that is not among the targets.
   */
  readonly unclear: boolean;
}

/** As the assembler splits a file into words (golang/go:src/cmd/asm/internal/lex). */
export function readIncludes(text: string): Includes {
  if (!text.includes("include")) return { targets: [], system: [], unclear: false };
  const code = text.replaceAll(commentOrLiteral, (found) => (found.startsWith("/") ? " " : found));
  const isBroken = /["']/.test(text.replaceAll(commentOrLiteral, ""));
  return {
    // What stands in a comment counts for C alone, whose comments may end elsewhere.
    targets: [...new Set([...quotedIncludes(text), ...quotedIncludes(code)])],
    system: systemIncludes(text),
    unclear: isBroken || code.replaceAll(plainLine, "").includes("include"),
  };
}

/** Targets of `#include "…"` in C. */
export function quotedIncludes(text: string): readonly string[] {
  if (!text.includes("include")) return [];
  const out = new Set<string>();
  for (const match of text.matchAll(/^[ \t]*#[ \t]*(?:include|import)[ \t]*"([^"\n]+)"/gm)) {
    out.add(match[1] ?? "");
  }
  return [...out];
}

/** Targets of `#include <…>` in C. */
export function systemIncludes(text: string): readonly string[] {
  if (!text.includes("include")) return [];
  const found = text.matchAll(/^[ \t]*#[ \t]*(?:include|include_next|import)[ \t]*<([^>\n]+)>/gm);
  return [...new Set([...found].map(([, target = ""]) => target))];
}

const commentOrLiteral = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\[^\n]|[^"\\\n])*"|'(?:\\[^\n]|[^'\\\n])*'/g;

/** The assembler refuses `<…>`, whatever stands there. */
const plainLine = /^[ \t]*#[ \t]*include[ \t]*(?:"[^"\\\n]+"|<[^>\n]*>)[ \t\r]*$/gm;
