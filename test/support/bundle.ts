import { build, type BuildOptions } from "esbuild";

/** Bundles a program into one file, as frontends are shipped: loading the sources one by one would take most of a test's time. */
export async function bundleScript(
  entry: string,
  outfile: string,
  more: Pick<BuildOptions, "alias" | "minify"> = {},
): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "error",
    ...more,
  });
}
