import { createHash } from "node:crypto";
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ensureFrontendImage } from "../../frontend-image/index.ts";
import { type RigInstance, runCommand, systemCaBundle, unreachableHosts, up } from "../../rig/index.ts";
import { detectModule, findMains, folderTree, type GoModule, openTree } from "../../src/facts/index.ts";
import { fetchModule } from "./check.ts";
import { run } from "./go.ts";

export interface BuildReport {
  readonly subject: string;
  readonly main: string;
  /** What differs, or why there is nothing to compare; undefined where the executables are equal. */
  readonly difference: string | undefined;
  readonly seconds: number;
}

/**
 * Builds public services with the packaged frontend and with `go build` by hand, of the same release, and compares the
 * executables byte for byte.
 *
 * @param subjects `MODULE@VERSION`; with `vendor:` before it after `go mod vendor`; with `work:` before it several,
 *   joined by `+`, in a workspace whose first module is the service
 */
export async function checkBuilds(
  subjects: readonly string[],
  options: { readonly mains: readonly string[] | undefined; readonly say: (line: string) => void },
): Promise<readonly BuildReport[]> {
  const { say } = options;
  const standIns = (await unreachableHosts(say)).length > 0;
  const rig = await up({ name: "facts-check", mirrors: "always", standIns, ephemeral: true, log: say });
  try {
    const frontend = await ensureFrontendImage({ rig, log: say });
    const reports: BuildReport[] = [];
    for (const subject of subjects) {
      const work = await mkdtemp(join(tmpdir(), "facts-check-"));
      try {
        const root = join(work, "src");
        const module = await layOut(subject, root);
        const tree = openTree(folderTree(root));
        const found = await findMains(tree, module, { platforms: [{ os: "linux", architecture: "amd64" }] });
        const mains = options.mains ?? found.all.map(({ dir }) => dir).slice(0, 1);
        if (mains.length === 0) throw new Error(`${subject} has no main package`);
        for (const main of mains) {
          const start = performance.now();
          const build = { rig, frontend: frontend.name, work, root, module, main };
          const difference = await compareBuild(build).catch(
            (error: unknown) => `FAILED ${lastLines(error)}`,
          );
          const seconds = (performance.now() - start) / 1000;
          say(`${subject} ${main}: ${difference ?? "the same executable"} (${seconds.toFixed(0)} s)`);
          reports.push({ subject, main, difference, seconds });
        }
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    }
    return reports;
  } finally {
    await rig.release();
  }
}

/** Lays the subject's source out as its repository would have it, and gives the module that the service is in. */
async function layOut(subject: string, root: string): Promise<GoModule> {
  const [, kind = "", list = ""] = /^(?:(vendor|work):)?(.*)$/.exec(subject) ?? [];
  const modules = list.split("+");
  if (kind === "work") {
    await mkdir(root, { recursive: true });
    const folders = modules.map((_module, index) => `m${index}`);
    for (const [index, module] of modules.entries()) await fetchModule(module, join(root, `m${index}`));
    await must("go", ["work", "init", ...folders.map((folder) => `./${folder}`)], root);
  } else {
    await fetchModule(list, root);
    if (kind === "vendor") await must("go", ["mod", "vendor"], root, { GOFLAGS: "-mod=mod" });
  }
  const folder = kind === "work" ? "m0" : ".";
  const detected = await detectModule(openTree(folderTree(root)), folder);
  if (!detected.ok) throw new Error(detected.diagnostics.map(({ message }) => message).join("; "));
  return detected.module;
}

interface Build {
  readonly rig: RigInstance;
  readonly frontend: string;
  readonly work: string;
  readonly root: string;
  readonly module: GoModule;
  readonly main: string;
}

async function compareBuild({ rig, frontend, work, root, module, main }: Build): Promise<string | undefined> {
  const inModule = module.dir === "." ? main : main === module.dir ? "." : main.slice(module.dir.length + 1);
  const description = [
    `# syntax=${frontend}`,
    `go: "1.26"`,
    ...(module.dir === "." ? [] : [`module: ${module.dir}`]),
    `main: ./${inModule === "." ? "" : inModule}`,
  ];
  const folder = join(work, "description");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "service.yaml"), `${description.join("\n")}\n`);
  const out = join(work, "out");
  await rm(out, { recursive: true, force: true });
  const bundle = systemCaBundle();
  await runCommand(rig.tools.buildctl, [
    "--addr",
    rig.buildkitHost,
    "build",
    "--progress=plain",
    "--frontend=gateway.v0",
    `--opt=source=${frontend}`,
    "--opt=filename=service.yaml",
    "--opt=target=binary",
    `--local=context=${root}`,
    `--local=dockerfile=${folder}`,
    ...(bundle === undefined ? [] : [`--secret=id=ca-certificates,src=${bundle}`]),
    `--output=type=local,dest=${out}`,
  ]);
  const [name = ""] = await readdir(out);
  const ours = join(out, name);
  const release = /go1\.\S+/.exec((await must("go", ["version", ours], work)).stdout)?.[0] ?? "";
  const hand = join(work, `by-hand-${basename(ours)}`);
  const byHand = await run(
    "go",
    ["build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", hand, `./${inModule}`],
    join(root, module.dir),
    { CGO_ENABLED: "0", GOTOOLCHAIN: release, GOFLAGS: "" },
  );
  if (byHand.code !== 0) return `go build by hand fails: ${byHand.stderr.trim().slice(-300)}`;
  const [first, second] = await Promise.all([digest(ours), digest(hand)]);
  return first === second ? undefined : `DIFFERENT ${first} by hand ${second}`;
}

async function must(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly stdout: string }> {
  const { code, stdout, stderr } = await run(program, args, cwd, env);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr.trim().slice(-500)}`);
  return { stdout };
}

const digest = async (file: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

const lastLines = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split("\n").slice(-12).join(" ");
