// POSIX sh: inside single quotes every byte stands for itself but the single quote.
const quote = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/**
 * Shell lines that export an environment, for `eval "$(npm run --silent rig -- env)"`.
 *
 * @param path the PATH of this process, to which npm has added folders: where PATH ends with it, the shell's own stands there
 */
export function shellExports(
  env: Readonly<Record<string, string>>,
  path = process.env["PATH"] ?? "",
): string {
  const lines = Object.entries(env).map(([name, value]) =>
    name === "PATH" && path !== "" && value.endsWith(`:${path}`)
      ? `export PATH=${quote(value.slice(0, -path.length))}"$PATH"\n`
      : `export ${name}=${quote(value)}\n`,
  );
  return lines.join("");
}
