/**
 * The lines of a description that say something: neither empty nor a comment. The `# syntax=` line counts, since a build
 * needs it.
 */
export const sayingLines = (text: string): readonly string[] =>
  text.split("\n").filter((line, index) => {
    const trimmed = line.trim();
    return trimmed !== "" && (!trimmed.startsWith("#") || (index === 0 && /^#\s*syntax=/.test(trimmed)));
  });
