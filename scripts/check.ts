// `npm run check`: format, lint, types, unused code and Go's own vet over the whole repository.
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** One finished check; `output` holds what the tool printed and is worth showing only after a failure. */
export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

/**
 * Runs every check to its end, failures included, and tells `say` a line a check.
 * Go's checks run only when a `go` is on PATH or in /usr/local/go; their absence is said, not counted.
 */
export async function runChecks(say: (line: string) => void): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const stage of stages()) {
    if (stage.absent !== undefined) {
      say(`${stage.name.padEnd(8)} not run: ${stage.absent}`);
      continue;
    }
    const result = await runStage(stage);
    results.push(result);
    say(
      `${stage.name.padEnd(8)} ${result.passed ? "ok" : "FAILED"}  ${result.seconds.toFixed(1)} s  ${stage.what}`,
    );
    if (!result.passed) say(indent(result.output));
  }
  return results;
}

interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** gofmt -l reports by printing, not by its exit code. */
  readonly silent?: boolean;
}

interface Stage {
  readonly name: string;
  readonly what: string;
  readonly commands: readonly Command[];
  /** Why the stage cannot run on this machine. */
  readonly absent: string | undefined;
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const path = [join(root, "node_modules", ".bin"), process.env.PATH ?? "", "/usr/local/go/bin"].join(
  delimiter,
);

function stages(): readonly Stage[] {
  const npm = (name: string, what: string, ...argv: [string, ...string[]]): Stage => ({
    name,
    what,
    commands: [{ argv, cwd: root }],
    absent: undefined,
  });
  const quiet = ["--no-progress", "--no-config-hints"];
  const modules = goModules(root);
  // A package of it is written in the build.
  const complete = modules.filter((module) => module !== "examples/steps");
  const noGo = onPath("go") ? undefined : "no `go` on PATH or in /usr/local/go";
  const goStage = (name: string, what: string, commands: readonly Command[]): Stage => ({
    name,
    what,
    commands,
    absent: noGo,
  });
  return [
    npm("format", "oxfmt", "oxfmt", "--check", "."),
    npm("lint", "oxlint with types", "oxlint"),
    npm("types", "tsc", "tsc", "-p", "."),
    {
      name: "unused",
      what: "knip: files, exports, dependencies; what only tests use",
      commands: [
        { argv: ["knip", ...quiet], cwd: root },
        { argv: ["knip", ...quiet, "-c", "knip.product.json", "--include", "files,exports"], cwd: root },
      ],
      absent: undefined,
    },
    goStage("gofmt", "gofmt", [{ argv: ["gofmt", "-l", ...modules], cwd: root, silent: true }]),
    goStage(
      "vet",
      `go vet: ${complete.join(" ")}`,
      // Without cgo: what it would compile of C is others'.
      complete.map((module) => ({
        argv: ["env", "CGO_ENABLED=0", "go", "vet", "./..."],
        cwd: join(root, module),
      })),
    ),
  ];
}

async function runStage(stage: Stage): Promise<CheckResult> {
  const start = performance.now();
  let passed = true;
  let output = "";
  for (const command of stage.commands) {
    const { code, text } = await run(command);
    if (code === 0 && !(command.silent === true && text.trim() !== "")) continue;
    passed = false;
    output += `$ ${command.argv.slice(0, 4).join(" ")}${command.cwd === root ? "" : `  (in ${relative(root, command.cwd)})`}\n${text}`;
  }
  return { name: stage.name, passed, seconds: (performance.now() - start) / 1000, output };
}

function run({ argv: [file, ...args], cwd }: Command): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, PATH: path, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    const take = (chunk: Buffer) => {
      text += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => resolve({ code: 1, text: `${text}${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, text }));
  });
}

/** Folders of Go modules that hold at least one Go file; test data may be broken on purpose and is left out. */
function goModules(base: string): string[] {
  const skip = new Set(["node_modules", "dist", "testdata", "fixtures", "golden"]);
  const found: string[] = [];
  const walk = (folder: string): boolean => {
    const entries = readdirSync(folder, { withFileTypes: true });
    const hasGo = entries.some((entry) => entry.isFile() && entry.name.endsWith(".go"));
    const below = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !skip.has(entry.name))
      .map((entry) => walk(join(folder, entry.name)))
      .some(Boolean);
    const isModule = entries.some((entry) => entry.isFile() && entry.name === "go.mod");
    if (isModule && (hasGo || below)) found.push(relative(base, folder));
    return !isModule && (hasGo || below);
  };
  walk(base);
  return found.sort();
}

function onPath(tool: string): boolean {
  return path.split(delimiter).some((folder) => {
    return folder !== "" && statSync(join(folder, tool), { throwIfNoEntry: false })?.isFile() === true;
  });
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}

if (import.meta.main) {
  const results = await runChecks((line) => console.log(line));
  const failed = results.filter((result) => !result.passed).map((result) => result.name);
  console.log(failed.length === 0 ? "check: all is well" : `check: failed: ${failed.join(", ")}`);
  process.exit(failed.length === 0 ? 0 : 1);
}
