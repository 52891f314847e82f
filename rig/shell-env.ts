// POSIX sh: inside single quotes every byte stands for itself but the single quote.
const quote = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/** Shell lines that export an environment, for `eval "$(npm run --silent rig -- env)"`. */
export const shellExports = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([name, value]) => `export ${name}=${quote(value)}\n`)
    .join("");
