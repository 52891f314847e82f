// What the packaged frontend is asked on each daemon, as its users would ask.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { repository } from "../../frontend-image/files.ts";
import { mirrorReference } from "../../rig/index.ts";
import { readTar } from "../e2e/support/oci.ts";
import { type Run, run } from "../e2e/support/run.ts";
import { type Daemon, reference, type RunningDaemon } from "./daemons.ts";

/** A daemon that runs, the frontend it is to pull, and what the pinned release made of the same. */
export interface Tried {
  readonly daemon: Daemon;
  readonly running: RunningDaemon;
  /** What the descriptions name in `# syntax=`. */
  readonly frontend: string;
  /** Image ids by service, from the reference daemon; empty while it is the one that is tried. */
  readonly ids: Map<string, string>;
}

export interface Check {
  readonly name: string;
  /** Whether it tells the ids of images, to which those of other daemons are held. */
  readonly givesIds: boolean;
  /** Whether `npm test` leaves it to `npm run compat`, since a new daemon takes long for it. */
  readonly long?: true;
  /** Whether it concerns a daemon at all. */
  readonly concerns: (daemon: Daemon) => boolean;
  /** Throws, with what was seen, when the daemon does not do it. */
  readonly try: (tried: Tried) => Promise<void>;
}

export const givesIds = (check: Check): boolean => check.givesIds;

const everyDaemon = (): boolean => true;

/** All checks, in the order in which they are tried: cheap ones first. */
export const checks: readonly Check[] = [
  {
    name: "errors",
    givesIds: false,
    concerns: everyDaemon,
    try: async ({ running, frontend }) =>
      withProject(
        "hello",
        frontend,
        (text) => `${text}nmae: hello\n`,
        async (folder) => {
          const { code, stderr } = await running.build(["-f", join(folder, "service.yaml"), folder]);
          must(code !== 0, "a wrong key was taken");
          must(/service\.yaml:2:1: GF021 unknown key "nmae"/.test(stderr), stderr);
          must(/did you mean `name`\?/.test(stderr), stderr);
        },
      ),
  },
  {
    name: "check, targets, outline",
    givesIds: false,
    concerns: ({ can }) => can.calls,
    try: async ({ running, frontend }) =>
      withProject(
        "two-services",
        frontend,
        (text) => text,
        async (folder) => {
          const call = (name: string): Promise<Run> =>
            running.build(["-f", join(folder, "service.yaml"), `--call=${name}`, folder]);
          const targets = await call("targets");
          must(
            /^api\b/m.test(targets.stdout) && /^worker\b/m.test(targets.stdout),
            targets.stdout + targets.stderr,
          );
          const outline = await call("outline");
          must(outline.code === 0 && outline.stdout.includes("version"), outline.stdout + outline.stderr);
          const check = await call("check");
          must(check.code === 0, check.stdout + check.stderr);
        },
      ),
  },
  {
    name: "an image",
    givesIds: true,
    concerns: everyDaemon,
    try: async (tried) =>
      withProject(
        "hello",
        tried.frontend,
        (text) => text,
        (folder) => image(tried, "hello", folder, []),
      ),
  },
  {
    name: "the executable alone",
    givesIds: false,
    concerns: everyDaemon,
    try: async ({ running, frontend }) =>
      withProject(
        "hello",
        frontend,
        (text) => text,
        async (folder) => {
          const out = join(folder, "out");
          await ok(
            running.build(["-f", join(folder, "service.yaml"), "--target=binary", `--output=${out}`, folder]),
          );
          const { code, stdout } = await run(join(out, "hello"), ["--version"]);
          must(code === 0 && stdout === "hello 1\n", stdout);
        },
      ),
  },
  {
    name: "two services",
    givesIds: true,
    concerns: everyDaemon,
    try: async (tried) =>
      withProject(
        "two-services",
        tried.frontend,
        (text) => text,
        async (folder) => {
          await image(tried, "api", folder, ["--target=api"]);
          await image(tried, "worker", folder, ["--target=worker"]);
        },
      ),
  },
  {
    name: "a base",
    givesIds: true,
    concerns: everyDaemon,
    try: async (tried) => {
      // An engine has mirrors for docker.io alone: the stand-in is named by where it lies.
      const published = "gcr.io/distroless/static-debian12:nonroot";
      const standIn = mirrorReference(tried.running.registry, published);
      const there = (await run(tried.running.crane, ["digest", "--insecure", standIn])).code === 0;
      const base = there ? standIn : published;
      const edit = (text: string): string => `${text}image: { base: ${JSON.stringify(base)} }\n`;
      await withProject("hello", tried.frontend, edit, (folder) =>
        image(tried, "hello on a base", folder, []),
      );
    },
  },
  {
    name: "many modules",
    givesIds: true,
    long: true,
    concerns: everyDaemon,
    try: async (tried) =>
      withProject(
        "orders",
        tried.frontend,
        (text) => text,
        (folder) => image(tried, "orders", folder, []),
      ),
  },
  {
    name: "two platforms",
    givesIds: false,
    concerns: ({ can }) => can.platforms,
    try: async (tried) => {
      const pushed = await push(tried, "platforms", "--platform=linux/amd64,linux/arm64");
      const index = JSON.parse(pushed) as {
        readonly manifests?: readonly { readonly platform?: { readonly architecture?: string } }[];
      };
      const found = (index.manifests ?? []).map(({ platform }) => platform?.architecture);
      must(
        ["amd64", "arm64"].every((architecture) => found.includes(architecture)),
        pushed,
      );
    },
  },
  {
    name: "attestations",
    givesIds: false,
    concerns: ({ can }) => can.attestations,
    try: async (tried) => {
      const pushed = await push(tried, "attested", "--platform=linux/amd64", "--provenance=mode=max");
      must(pushed.includes("attestation-manifest"), pushed);
    },
  },
];

/** What a daemon is told that cannot do something. No columns of the table, which says what works. */
export const refusals: readonly Check[] = [
  {
    // Of several platforms on its own command line docker buildx tells by itself, before a frontend runs.
    name: "GF031: a description's platforms, where the store holds one",
    givesIds: false,
    concerns: ({ can }) => !can.platforms,
    try: async (tried) =>
      withProject(
        "hello",
        tried.frontend,
        (text) => `${text}platforms: [linux/amd64, linux/arm64]\n`,
        async (folder) => {
          const { running, daemon } = tried;
          const file = join(folder, "service.yaml");
          const build = (...args: readonly string[]): Promise<Run> =>
            running.build(["-f", file, ...args, folder]);
          const line =
            readFileSync(file, "utf8")
              .split("\n")
              .findIndex((text) => text.startsWith("platforms:")) + 1;
          const told =
            `service.yaml:${line}:12: GF031 the classic image store of this Docker Engine holds images of one platform, ` +
            "and this is for linux/amd64, linux/arm64";
          const help =
            "help: build for one, --platform linux/amd64; or for all with the containerd image store or on another builder: docker buildx create --use";
          const { code, stderr } = await build();
          must(code !== 0, "several platforms were built into a store that holds one");
          must(stderr.includes(told) && stderr.includes(help), stderr);
          must(!/go-frontend (?:build|std|helper|own)/.test(stderr), stderr);
          if (daemon.can.calls) {
            const check = await build("--call=check");
            must(
              check.code !== 0 && (check.stdout + check.stderr).includes(told),
              check.stdout + check.stderr,
            );
          }
          // Both ways out that the texts name for this engine.
          await ok(build("--platform=linux/amd64"));
          const out = join(folder, "out");
          await ok(build("--target=binary", `--output=${out}`));
          for (const platform of ["linux_amd64", "linux_arm64"]) {
            must(existsSync(join(out, platform, "hello")), `no executable for ${platform}`);
          }
        },
      ),
  },
];

/** Builds `hello` with some options and pushes it; gives what the registry has under its name. */
async function push(
  { daemon, running, frontend }: Tried,
  repositoryName: string,
  ...options: readonly string[]
): Promise<string> {
  const name = `${running.registry}/compat/${repositoryName}:${daemon.name}`;
  const unchanged = (text: string): string => text;
  await withProject("hello", frontend, unchanged, async (folder) => {
    const args = ["-f", join(folder, "service.yaml"), ...options, `--tag=${name}`, "--push", folder];
    await ok(running.build(args));
  });
  return crane(running, ["manifest", name]);
}

/** Builds an image, pushes it, and compares its id with the one that the reference daemon made. */
async function image(
  { daemon, running, ids }: Tried,
  service: string,
  folder: string,
  options: readonly string[],
): Promise<void> {
  const name = `${running.registry}/compat/${service.replaceAll(" ", "-")}:${daemon.name}`;
  const args = ["-f", join(folder, "service.yaml"), "--platform=linux/amd64", `--tag=${name}`, ...options];
  // An engine's build ends in its own store; from there it is pushed as users push.
  await ok(running.build([...args, ...(running.push === undefined ? ["--push"] : []), folder]));
  if (running.push !== undefined) await ok(running.push(name));
  const manifest = JSON.parse(await crane(running, ["manifest", name])) as {
    readonly config: { readonly digest: string };
  };
  const id = manifest.config.digest;
  if (daemon === reference) ids.set(service, id);
  const known = ids.get(service) ?? "not known: the reference failed";
  if (daemon.can.sameHeaders) must(id === known, `the id of ${service} is ${id}, elsewhere it is ${known}`);
  else await sameContent(running, name, name.replace(daemon.name, reference.name));
  if (running.imageId === undefined) {
    const archive = join(folder, "image.tar");
    await ok(running.build([...args, `--output=type=docker,dest=${archive}`, folder]));
    must(archivedId(archive) === id, `the archive holds ${archivedId(archive)}, pushed is ${id}`);
    return;
  }
  // The classic store names an image by its config, containerd's by its manifest.
  const loaded = await running.imageId(name);
  const named = daemon.can.platforms ? await crane(running, ["digest", name]) : id;
  must(loaded.trim() === named.trim(), `loaded as ${loaded}, pushed as ${named}`);
}

/** Fails unless two images hold the same configuration and, layer by layer, the same files. */
async function sameContent(running: RunningDaemon, first: string, other: string): Promise<void> {
  const [ours, theirs] = [await contentOf(running, first), await contentOf(running, other)];
  const wrong = ours.find((line, at) => line !== theirs[at]);
  must(
    ours.length > 1 && ours.length === theirs.length && wrong === undefined,
    `${first}: ${wrong ?? "missing"}`,
  );
}

/** An image's configuration without its layers' digests, and what each layer has. */
async function contentOf(running: RunningDaemon, image: string): Promise<readonly string[]> {
  const { layers } = JSON.parse(await crane(running, ["manifest", image])) as {
    readonly layers: readonly { readonly digest: string }[];
  };
  const config = JSON.parse(await crane(running, ["config", image])) as Readonly<Record<string, unknown>>;
  const lines = [JSON.stringify({ ...config, rootfs: layers.length })];
  for (const { digest } of layers) {
    const blob = `${image.slice(0, image.lastIndexOf(":"))}@${digest}`;
    const { bytes } = await ok(run(running.crane, ["blob", "--insecure", blob]));
    for (const { content, mode, ...entry } of readTar(gunzipSync(bytes))) {
      const hash = createHash("sha256").update(content).digest("hex");
      lines.push(JSON.stringify({ ...entry, mode: mode & 0o7777, hash }));
    }
  }
  return lines;
}

/** The id of the image in an archive for `docker load` (moby/moby:image/tarexport). */
function archivedId(archive: string): string {
  const manifest = readTar(readFileSync(archive)).find(({ path }) => path === "manifest.json");
  const [image] = JSON.parse(manifest?.content.toString() ?? "[]") as readonly { readonly Config: string }[];
  return `sha256:${image?.Config.replace(/^.*\//, "").replace(/\.json$/, "") ?? ""}`;
}

/** A copy of an example whose description names the packaged frontend. */
async function withProject(
  example: string,
  frontend: string,
  edit: (description: string) => string,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "go-frontend-compat-"));
  try {
    cpSync(join(repository, "examples", example), folder, { recursive: true });
    const file = join(folder, "service.yaml");
    mkdirSync(folder, { recursive: true });
    const text = readFileSync(file, "utf8").replace(/^# syntax=.*$/m, `# syntax=${frontend}`);
    writeFileSync(file, edit(text));
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function crane({ crane: program }: RunningDaemon, args: readonly string[]): Promise<string> {
  const [command = "", ...rest] = args;
  return (await ok(run(program, [command, "--insecure", ...rest]))).stdout;
}

async function ok(running: Promise<Run>): Promise<Run> {
  const done = await running;
  must(done.code === 0, `exit code ${done.code ?? "none"}\n${done.stderr}`);
  return done;
}

/** Fails with the end of what was seen. */
function must(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new Error(seen.trim().split("\n").slice(-25).join("\n"));
}
