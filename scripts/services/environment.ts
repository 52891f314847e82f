/**
 * An image's variables, of which some get another value, as `docker run --env` does it. Each name stands there once, since
 * Go's programs take the first of two.
 */
export function changedEnvironment(
  variables: readonly string[],
  changed: Readonly<Record<string, string>>,
): readonly string[] {
  const stays = variables.filter((variable) => !Object.hasOwn(changed, variable.split("=")[0] ?? ""));
  return [...stays, ...Object.entries(changed).map(([name, value]) => `${name}=${value}`)];
}
