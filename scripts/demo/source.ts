import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder, copyWritable, type Log, runWithProgress } from "../../rig/index.ts";
import { type Subject, usageError } from "./options.ts";

/** A folder to build, with its description. */
export interface Source {
  readonly folder: string;
  readonly file: string;
}

const names = ["service.yaml", "go-frontend.yaml", "service.yml", "Dockerfile"];

/**
 * The folder of a subject; for a module, a copy of its source as the module proxy has it, with the smallest
 * description that can work.
 *
 * @throws Error that says what the folder or the module lacks
 */
export async function sourceOf(subject: Subject, log: Log): Promise<Source> {
  if (subject.kind === "module") return moduleSource(subject, log);
  const { folder } = subject;
  if (!lstatSync(folder).isDirectory()) throw usageError(`${folder} is not a folder`);
  const file =
    subject.file === undefined
      ? names.map((name) => join(folder, name)).find((path) => existsSync(path))
      : resolve(folder, subject.file);
  if (file !== undefined && existsSync(file)) return { folder, file };
  throw usageError(
    file === undefined
      ? `${folder} has no description; the smallest is a file service.yaml with the line "# syntax=org/go-frontend"`
      : `${file} does not exist`,
  );
}

/** The text of the smallest description: its syntax line, and the main package where one was named. */
const description = (main: string | undefined): string =>
  ["# syntax=org/go-frontend", ...(main === undefined ? [] : [`main: ${JSON.stringify(main)}`]), ""].join(
    "\n",
  );

async function moduleSource(subject: Subject & { kind: "module" }, log: Log): Promise<Source> {
  const { version, dir } = await locate(subject, log);
  const label = `${subject.module}@${version}`;
  const folder = join(cacheFolder(), "demo", "modules", label.replaceAll("/", "_"));
  if (!existsSync(folder)) {
    if (dir === undefined) throw new Error(`${label}: the go command named no folder`);
    copyModule(dir, folder, label, log);
  }
  for (const [name, why] of [
    ["go.mod", "it is from before Go modules, and its version alone does not say what it is built from"],
    ["go.sum", "nothing says which content its modules must have; in a checkout, `go mod tidy` writes it"],
  ] as const) {
    if (existsSync(join(folder, name)) || (name === "go.sum" && !requires(folder))) continue;
    throw new Error(`${label}: its zip holds no ${name}: ${why}`);
  }
  const text = subject.file === undefined ? description(subject.main) : readFileSync(subject.file, "utf8");
  // Each description has a file of its own, so that runs side by side do not meet.
  const file = join(
    folder,
    `go-frontend-${createHash("sha256").update(text).digest("hex").slice(0, 8)}.yaml`,
  );
  writeFileSync(file, text);
  if (existsSync(join(folder, ".dockerignore"))) {
    // Often all but a program that was built before, as in coredns; a description's own file takes its place.
    log(`leaving aside the module's .dockerignore, which was written for its own Dockerfile`);
    writeFileSync(`${file}.dockerignore`, "# nothing is left out\n");
  }
  log(`description: ${text.trim().replaceAll("\n", " ⏎ ")}`);
  return { folder, file };
}

const requires = (folder: string): boolean =>
  /^\s*require\b/m.test(readFileSync(join(folder, "go.mod"), "utf8"));

interface Located {
  readonly version: string;
  readonly dir: string | undefined;
}

/** Finds a module's version and source: in the demo's own copies, the module cache, or at the module proxy. */
async function locate({ module, version }: Subject & { kind: "module" }, log: Log): Promise<Located> {
  const copy = join(cacheFolder(), "demo", "modules", `${module}@${version}`.replaceAll("/", "_"));
  if (existsSync(copy)) {
    log(`${module}@${version}: fetched before`);
    return { version, dir: undefined };
  }
  log(`fetching ${module}@${version} through the Go module proxy`);
  const label = `${module}@${version}`;
  const found = await downloadModule(label, log).catch(async (error: unknown) => {
    // The go command here only fetches: that it may be older than the module's own is no reason not to.
    if (!/requires go >= .*GOTOOLCHAIN=/.test(String(error))) throw error;
    log(`${error instanceof Error ? error.message : String(error)}: letting it fetch a newer one of itself`);
    return downloadModule(label, log, { GOTOOLCHAIN: "auto" });
  });
  return { version: found.Version, dir: found.Dir };
}

/** `go mod download` of one module. */
async function downloadModule(
  label: string,
  log: Log,
  env: NodeJS.ProcessEnv = {},
): Promise<Readonly<{ Version: string; Dir: string }>> {
  try {
    const { stdout } = await runWithProgress("go", ["mod", "download", "-json", label], {
      cwd: "/",
      env: { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off", GO111MODULE: "on", ...env },
      label: `fetching ${label}`,
      log,
    });
    return JSON.parse(stdout) as { readonly Version: string; readonly Dir: string };
  } catch (error) {
    // With -json the reason stands in the output, as the field Error.
    const text = (error as Error).message;
    const reason = /"Error": "((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
    const words = reason === undefined ? text : String(JSON.parse(`"${reason}"`)).replaceAll(/\s+/g, " ");
    throw new Error(
      reason === undefined || words.includes("GOTOOLCHAIN=")
        ? words
        : `the Go module proxy does not give ${label}: ${words}`,
      { cause: error },
    );
  }
}

/** Copies a module out of the module cache, as one rename. */
function copyModule(from: string, to: string, label: string, log: Log): void {
  const temporary = `${to}.${process.pid}.tmp`;
  mkdirSync(join(to, ".."), { recursive: true });
  rmSync(temporary, { recursive: true, force: true });
  try {
    copyWritable(from, temporary);
    if (existsSync(join(temporary, "vendor"))) {
      // Zips leave out vendored packages; what stays of the folder would make go build look for them in it.
      log(`${label}: leaving out its vendor folder, which module zips hold no packages of`);
      rmSync(join(temporary, "vendor"), { recursive: true });
    }
    renameSync(temporary, to);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
