// `npm run build [-- DIR]`: dist/, or another folder, filled as package.json's `exports` and `bin` say.
//
//   llb.js, gateway.js, grpc-js.js   the libraries as ES modules that share their common code; npm dependencies stay imports
//   types/               their declarations
//   cli.js               the command in one file
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildResult } from "esbuild";
import { bundleOptions } from "../frontend-image/bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = resolve(root, process.argv[2] ?? "dist");
const generated = join("proto", "generated");

async function buildLibraries(): Promise<void> {
  write(
    await build({
      ...bundleOptions,
      alias: {},
      entryPoints: {
        llb: "src/llb/index.ts",
        gateway: "src/gateway/index.ts",
        "grpc-js": "src/grpc-js/index.ts",
      },
      packages: "external",
      format: "esm",
      splitting: true,
      outdir: dist,
      chunkNames: "[name]-[hash]",
    }),
  );
}

async function buildCli(): Promise<void> {
  write(
    await build({
      ...bundleOptions,
      entryPoints: { cli: "src/cli/entry.ts" },
      format: "esm",
      minify: true,
      outdir: dist,
      banner: { js: "#!/usr/bin/env node" },
    }),
  );
  chmodSync(join(dist, "cli.js"), 0o755);
}

/** Declarations of what the two doors reach; those of the codecs are generated already, and only copied. */
function emitTypes(): void {
  const types = join(dist, "types");
  // A file of its own in the repository's root, so that tsconfig.json's options and paths hold.
  const config = join(root, "node_modules", `.go-frontend-types-${process.pid}.json`);
  writeFileSync(
    config,
    JSON.stringify({
      extends: "../tsconfig.json",
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        stripInternal: true,
        rootDir: "../src",
        outDir: types,
        typeRoots: ["./@types"],
      },
      include: [],
      files: ["../src/llb/index.ts", "../src/gateway/index.ts", "../src/grpc-js/index.ts"],
    }),
  );
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const run = spawnSync(process.execPath, [tsc, "-p", config], { cwd: root, stdio: "inherit" });
  rmSync(config);
  if (run.status !== 0) throw new Error("the declarations cannot be made: see tsc's messages above");
  // tsc leaves the extensions of the sources in declarations; users' compilers look for ours beside `.js` names.
  for (const path of readdirSync(types, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".d.ts")) continue;
    const text = readFileSync(join(types, path), "utf8");
    writeFileSync(join(types, path), text.replace(/((?:from|import\() ?"\.[^"]*)\.ts"/g, '$1.js"'));
  }
  for (const name of ["index.d.ts", "schema.d.ts"]) {
    cpSync(join(root, "src", generated, name), join(types, generated, name));
  }
}

function write({ outputFiles = [] }: BuildResult): void {
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
}

rmSync(dist, { recursive: true, force: true });
await buildLibraries();
await buildCli();
emitTypes();
