/** Targets of `#include "…"` (not `<…>`), in order, unique. Conditional inclusion is ignored: too much is only slower. */
export function quotedIncludes(text: string): readonly string[] {
  if (!text.includes("include")) return [];
  const out = new Set<string>();
  for (const match of text.matchAll(/^[ \t]*#[ \t]*(?:include|import)[ \t]*"([^"\n]+)"/gm)) {
    out.add(match[1] ?? "");
  }
  return [...out];
}
