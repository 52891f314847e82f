/** A git repository as build context: its URL, and `ref[:subdir]` as BuildKit's git source takes it. */
export interface GitContext {
  readonly url: string;
  readonly fragment: string;
}

/**
 * Tells whether a context is a git repository (moby/buildkit:frontend/dockerfile/dfgitutil/git_ref.go):
 * `git@host:path`, `git://`, `ssh://`, `github.com/…`, and http(s) URLs whose path ends in `.git`.
 */
export function parseGitContext(context: string): GitContext | undefined {
  if (context.startsWith("./") || context.startsWith("../")) return undefined;
  const hash = context.indexOf("#");
  const [base, fragment] = hash < 0 ? [context, ""] : [context.slice(0, hash), context.slice(hash + 1)];
  if (base.startsWith("github.com/")) return { url: `https://${base}`, fragment };
  if (/^(git|ssh):\/\//.test(base) || /^[A-Za-z0-9_.-]+@[^/:]+:[^/]/.test(base)) {
    return { url: base, fragment };
  }
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) return undefined;
  return new URL(base).pathname.endsWith(".git") ? { url: base, fragment } : undefined;
}
