import { ensureGoStandIn, type Log, mirrorReference, runCommand } from "../../rig/index.ts";
import { openProject } from "../../src/cli/project.ts";
import type { Plan } from "../../src/plan/index.ts";
import type { Builder } from "./builder.ts";
import type { Source } from "./source.ts";

/**
 * What the frontend will plan for a folder, read by the same code without a builder.
 *
 * @throws DiagnosticError, as `go-frontend plan` does
 */
export const planOf = async (source: Source, platforms: readonly string[]): Promise<Plan> => {
  const { plan } = await openProject({
    positionals: [source.folder],
    file: source.file,
    target: "",
    platforms,
    buildArgs: [],
    format: undefined,
    output: undefined,
    dump: false,
  });
  return plan;
};

/**
 * Makes the toolchain image there where Docker Hub is not: the stand-ins at hand are those of the newest Go
 * releases, and a plan may name another.
 */
export const ensureToolchain = async (plan: Plan, builder: Builder, log: Log): Promise<void> => {
  const { reference } = plan.toolchain;
  const tag = /^golang:(\d+\.\d+(?:\.\d+)?(?:rc\d+)?)(?:-bookworm)?$/.exec(reference)?.[1];
  if (tag === undefined || !builder.mirrored.includes("docker.io")) return;
  const { crane } = builder.tools;
  const there = async (): Promise<boolean> =>
    runCommand(crane, ["digest", mirrorReference(builder.registry, reference)]).then(
      () => true,
      () => false,
    );
  if (await there()) return;
  const version = /^\d+\.\d+$/.test(tag) ? await newestPatch(tag) : tag;
  log(`docker.io cannot be reached: making a stand-in for ${reference} from the toolchain go${version}`);
  await ensureGoStandIn(version, builder, log);
  if (version === tag) return;
  const made = mirrorReference(builder.registry, `golang:${version}-bookworm`);
  await runCommand(crane, ["tag", made, reference.slice("golang:".length)]);
};

/** The newest release of a minor version that the Go module proxy has a toolchain of. */
const newestPatch = async (minor: string): Promise<string> => {
  const { stdout } = await runCommand("go", ["list", "-m", "-versions", "golang.org/toolchain"], {
    cwd: "/",
    env: { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off" },
  });
  const patches = [...stdout.matchAll(/-go(\d+\.\d+)\.(\d+)\.linux-amd64/g)]
    .filter(([, of]) => of === minor)
    .map(([, , patch]) => Number(patch));
  if (patches.length === 0) throw new Error(`the Go module proxy has no toolchain of Go ${minor}`);
  return `${minor}.${Math.max(...patches)}`;
};
