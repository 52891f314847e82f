// The one door of every npm script. Runs on whatever Node the machine has (18 or newer),
// installs the pinned dependencies when they are missing or stale, generates the protobuf
// codecs and the build helper's text when their sources changed, and then runs the named TypeScript file on the pinned
// Node from the lockfile.
//
//   node scripts/run.mjs FILE.ts [ARG…]
//   node scripts/run.mjs --bin TOOL [ARG…]
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const pinnedNode = join(modules, ".bin", "node");

/** Installs node_modules from the lockfile unless a stamp says this very lockfile is installed. */
function installDependencies() {
  const lock = readFileSync(join(root, "package-lock.json"));
  const want = createHash("sha256").update(lock).digest("hex");
  const stamp = join(modules, ".go-frontend-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === want && existsSync(pinnedNode)) return;
  console.error("setup: installing npm dependencies from package-lock.json (about 30 s the first time)");
  // --ignore-scripts: no dependency of ours needs an install script, so none may run.
  const run = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (run.status !== 0) {
    console.error("setup: npm ci failed; it needs the npm registry or a filled npm cache");
    process.exit(run.status ?? 1);
  }
  if (!existsSync(pinnedNode)) {
    console.error(
      `setup: no pinned Node for ${process.platform}/${process.arch}; supported: linux/x64, linux/arm64, darwin/arm64`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, want);
}

/**
 * Runs a generator when it or one of its sources changed since its last run; `out` is its folder below `src`.
 *
 * @param {string} script below scripts/
 * @param {string} sources folder
 * @param {RegExp} kind names of the files in it that count
 * @param {string} out
 * @param {string} what
 */
function generate(script, sources, kind, out, what) {
  const generator = join(root, "scripts", script);
  const hash = createHash("sha256").update(readFileSync(generator));
  for (const file of readdirSync(join(root, sources), { recursive: true }).map(String).sort()) {
    if (kind.test(file)) hash.update(file).update(readFileSync(join(root, sources, file)));
  }
  const want = hash.digest("hex");
  const stamp = join(root, "src", out, ".stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === want) return;
  console.error(`setup: generating ${what}`);
  rmSync(stamp, { force: true });
  mkdirSync(join(root, "src", out), { recursive: true });
  const run = spawnSync(pinnedNode, [generator], { cwd: root, stdio: ["ignore", 2, 2] });
  if (run.status !== 0) process.exit(run.status ?? 1);
  writeFileSync(stamp, want);
}

installDependencies();
let [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node scripts/run.mjs FILE.ts [ARG…]");
  process.exit(2);
}
if (!file.endsWith("gen-proto.ts")) {
  generate("gen-proto.ts", "proto", /\.proto$/, join("proto", "generated"), "the protobuf codecs");
  const helper = join("src", "plan", "helper");
  generate(
    "gen-helper.ts",
    helper,
    /\.(?:go|mod|sum)$/,
    join("plan", "generated"),
    "the build helper's text",
  );
}

const env = { ...process.env, PATH: `${join(modules, ".bin")}:${process.env.PATH ?? ""}` };
if (file === "--bin") {
  const tool = args.shift() ?? "";
  file = join(modules, ".bin", tool);
}
// spawn, not exec: a Ctrl-C reaches the whole foreground group, and the child decides how to end.
const child = spawn(
  pinnedNode,
  file.includes("node_modules") ? [file, ...args] : ["--disable-warning=ExperimentalWarning", file, ...args],
  {
    cwd: root,
    env: { ...env, GO_FRONTEND_CALLER_DIR: process.env.INIT_CWD ?? process.cwd() },
    stdio: "inherit",
  },
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    // The terminal has already told the child about SIGINT; the others are passed on.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
