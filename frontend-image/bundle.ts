import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { build, transform, type BuildOptions, type Metafile } from "esbuild";
import { repository } from "./files.ts";
import { thirdPartyNotices } from "./notices.ts";
import { withoutReferenceTexts } from "./reference-texts.ts";

/** The frontend as files of one folder; `frontend.cjs` is the one to run. */
export interface Bundle {
  readonly files: readonly Readonly<{ name: string; text: string }>[];
  /** The licences of all packages in it. */
  readonly notices: string;
  /** Source files that went in, relative to the repository. */
  readonly inputs: readonly string[];
}

/** What every bundle of this repository has in common. */
export const bundleOptions = {
  bundle: true,
  platform: "node",
  target: "node22.18",
  charset: "utf8",
  absWorkingDir: repository,
  logLevel: "silent",
  metafile: true,
  write: false,
  legalComments: "none",
  // yaml's own ES modules: its CommonJS build, which Node would take, can be neither split nor shaken.
  alias: { yaml: join(repository, "node_modules", "yaml", "browser", "dist", "index.js") },
} as const satisfies BuildOptions;

/** What speaks gRPC in the frontend: our own client, or grpc-js as a fall-back. */
export const transports = ["own", "grpc-js"] as const;
export type TransportName = (typeof transports)[number];

const entries: Readonly<Record<TransportName, string>> = { own: "entry.ts", "grpc-js": "entry-grpc-js.ts" };

/**
 * Bundles the frontend in two steps: esbuild splits ES modules where the entry says `await import()`, so that what
 * Ping needs is a file of its own; every file then becomes CommonJS, because Node starts that 11 ms sooner (median
 * to the first call: 26 ms, 37 ms as ES modules, 33 ms in one file; with compile cache). The same sources give the
 * same bytes.
 *
 * @throws Error with esbuild's messages
 */
export async function bundleFrontend(transport: TransportName = "own"): Promise<Bundle> {
  const entry = join(repository, "src", "frontend", entries[transport]);
  const target = { target: "node26", minify: true } as const;
  const modules = await build({
    ...bundleOptions,
    ...target,
    entryPoints: { frontend: entry },
    format: "esm",
    splitting: true,
    outdir: "out",
    chunkNames: "[name]-[hash]",
    outExtension: { ".js": ".mjs" },
    plugins: [withoutReferenceTexts],
  });
  const outputs = reachable(modules.metafile, "out/frontend.mjs");
  const files = await Promise.all(
    modules.outputFiles
      .filter(({ path }) => outputs.has(relative(repository, path)))
      .map(async ({ path, text }) => {
        const { code } = await transform(text, {
          ...target,
          format: "cjs",
          platform: "node",
          charset: "utf8",
          supported: { "dynamic-import": false },
        });
        return { name: commonName(basename(path)), text: renamed(code, outputs) };
      }),
  );
  const inputs = [...outputs].flatMap((path) => Object.keys(modules.metafile.outputs[path]?.inputs ?? {}));
  const sorted = [...new Set(inputs)].toSorted();
  return {
    files: files.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    notices: thirdPartyNotices(sorted),
    inputs: sorted,
  };
}

/** esbuild also writes what only dead code would import. */
function reachable({ outputs }: Metafile, path: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const { path: next, external } of outputs[path]?.imports ?? []) {
    if (external !== true) reachable({ inputs: {}, outputs }, next, found);
  }
  return found;
}

const commonName = (name: string): string => name.replace(/\.mjs$/, ".cjs");

/** The files name each other; no other text in them ends like an output's name. */
const renamed = (code: string, outputs: ReadonlySet<string>): string =>
  [...outputs].reduce((text, path) => {
    const name = basename(path);
    return text.replaceAll(`"./${name}"`, `"./${commonName(name)}"`);
  }, code);

/** Writes a bundle below `root` as it stands in the image. */
export function writeBundle(bundle: Bundle, root: string, folder: string, notices: string): void {
  for (const { name, text } of bundle.files) write(join(root, folder, name), text);
  write(join(root, notices, "LICENSE"), readFileSync(join(repository, "LICENSE"), "utf8"));
  write(join(root, notices, "THIRD_PARTY_NOTICES"), bundle.notices);
}

function write(path: string, text: string): void {
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, text, { mode: 0o644 });
}
