// Every way to the packaged frontend, and every form its result takes.
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ensureBuildxBuilder, ensureDockerCommand, logToStderr, mirrorReference } from "../../rig/index.ts";
import { buildFrontendImage } from "../../frontend-image/build.ts";
import { repository } from "../../frontend-image/files.ts";
import {
  caSecret,
  type Client,
  type Clients,
  clientsOf,
  frontendName,
  scratchDir,
} from "./support/clients.ts";
import { runContainer, unpackImage } from "./support/container.ts";
import { commitFolder, type GitServer, serveGit } from "./support/git.ts";
import { type Image, readImages, readTar } from "./support/oci.ts";
import { project } from "./support/project.ts";
import { type Run, run, type RunOptions, succeeded } from "./support/run.ts";

const rig = inject("rig");
const frontend = frontendName(rig, inject("frontend"));
const syntax = `# syntax=${frontend}`;
const native = process.arch === "arm64" ? "arm64" : "amd64";
const work = scratchDir();
let clients: Clients;
/** The smallest project, and the one image that every way makes of it. */
let hello: string;
let expected: Image;

beforeAll(async () => {
  clients = await clientsOf(rig);
  hello = project(work.path, { "service.yaml": `${syntax}\n` });
  expected = await oci((output) =>
    clients.buildx(["build", "-f", join(hello, "service.yaml"), ...output, hello]),
  );
});
afterAll(work.remove);

let layouts = 0;

/** The image that a build exports as an OCI layout. */
async function oci(build: (output: readonly string[]) => Promise<Run>): Promise<Image> {
  const path = join(work.path, `layout-${layouts++}.tar`);
  await succeeded(build(["--output", `type=oci,dest=${path}`]));
  const [image] = readImages(path);
  if (image === undefined) throw new Error("no image was exported");
  return image;
}

/** The command line interface, from its source on the pinned Node. */
const cli = (args: readonly string[], options: RunOptions = {}): Promise<Run> =>
  run(
    join(repository, "node_modules", ".bin", "node"),
    [join(repository, "src", "cli", "entry.ts"), ...args],
    options,
  );

const buildctlOptions = (dir: string): readonly string[] => [
  "--opt=filename=service.yaml",
  `--local=context=${dir}`,
  `--local=dockerfile=${dir}`,
];

test("the README's first example builds as it says, without a warning", async () => {
  const readme = readFileSync(join(repository, "README.md"), "utf8");
  const description = /```yaml\n([^`]+)```/.exec(readme)?.[1] ?? expect.fail("no description");
  const command = /```console\n\$ docker buildx ([^`]+)```/.exec(readme)?.[1] ?? expect.fail("no command");
  const dir = project(work.path, {
    "service.yaml": description.replace("# syntax=org/go-frontend", syntax),
    "main.go": `package main

import "fmt"

var version, commit string

func main() { fmt.Println(version, commit) }
`,
  });
  await commitFolder(dir);
  const words = command.replaceAll("\\\n", " ").trim().split(/\s+/);
  const args = words.map((word) => word.replace(/^registry\.example\.com/, rig.registry));
  const { stderr } = await succeeded(clients.buildx(args, { cwd: dir }));
  expect(stderr).toContain("linux/arm64] image");
  expect(stderr).not.toMatch(/warning/i);
});

describe("the same image, digest for digest,", () => {
  test("of docker buildx build with the syntax line", async () => {
    const docker = await ensureDockerCommand("28.5", () => undefined);
    const { env } = await ensureBuildxBuilder(rig);
    const image = await oci((output) =>
      run(docker, ["buildx", "build", "-f", "service.yaml", ...output, "."], { cwd: hello, env }),
    );
    expect(image.digest).toBe(expected.digest);
  });

  test("of buildctl build --frontend dockerfile.v0 with the syntax line", async () => {
    const image = await oci((output) =>
      clients.buildctl(["build", "--frontend=dockerfile.v0", ...buildctlOptions(hello), ...output]),
    );
    expect(image.digest).toBe(expected.digest);
  });

  test("of buildctl build --frontend gateway.v0 --opt source=org/go-frontend", async () => {
    const image = await oci((output) =>
      clients.buildctl([
        "build",
        "--frontend=gateway.v0",
        `--opt=source=${frontend}`,
        ...buildctlOptions(hello),
        ...output,
      ]),
    );
    expect(image.digest).toBe(expected.digest);
  });

  test("of the frontend image that speaks by grpc-js", async () => {
    const log = (line: string): void => logToStderr(`  ${line}`);
    const image = await buildFrontendImage({
      log,
      platforms: [native],
      effort: "quick",
      transport: "grpc-js",
    });
    const reference = `${rig.registry}/e2e/grpc-js@${image.digest}`;
    await succeeded(clients.crane(["push", "--insecure", image.layout, reference]));
    const made = await oci((output) =>
      clients.buildctl([
        "build",
        "--frontend=gateway.v0",
        `--opt=source=${reference}`,
        ...buildctlOptions(hello),
        ...output,
      ]),
    );
    expect(made.digest).toBe(expected.digest);
  });

  test("of BUILDKIT_SYNTAX, for a file that names no frontend", async () => {
    const dir = project(work.path, { "service.yaml": "name: hello\n" });
    const image = await oci((output) =>
      clients.buildx([
        "build",
        "-f",
        join(dir, "service.yaml"),
        "--build-arg",
        `BUILDKIT_SYNTAX=${frontend}`,
        ...output,
        dir,
      ]),
    );
    expect(image.digest).toBe(expected.digest);
  });

  test("of a description outside the context", async () => {
    const image = await oci((output) =>
      clients.buildx(["build", "-f", join(hello, "service.yaml"), ...output, project(work.path, {})]),
    );
    expect(image.digest).toBe(expected.digest);
  });

  test("of an archive on standard input", async () => {
    const { bytes } = await succeeded(run("tar", ["-c", "-C", hello, "."]));
    const image = await oci((output) =>
      clients.buildx(["build", "-f", "service.yaml", ...output, "-"], { input: bytes }),
    );
    expect(image.digest).toBe(expected.digest);
  });

  test("of a compressed archive on standard input", async () => {
    const { bytes } = await succeeded(run("tar", ["-c", "-z", "-C", hello, "."]));
    const image = await oci((output) =>
      clients.buildx(["build", "-f", "service.yaml", ...output, "-"], { input: bytes }),
    );
    expect(image.digest).toBe(expected.digest);
  });
});

describe("a git repository as context", () => {
  let server: GitServer;
  let commit: string;
  beforeAll(async () => {
    const root = project(work.path, {});
    cpSync(hello, join(root, "hello"), { recursive: true });
    commit = await commitFolder(join(root, "hello"));
    const mono = join(root, "mono");
    cpSync(hello, join(mono, "services", "hello"), { recursive: true });
    writeFileSync(join(mono, "README.md"), "two levels down\n");
    await commitFolder(mono);
    server = await serveGit(root);
  });
  afterAll(() => server.close());

  test("gives the image of the folder, whose labels tell the commit", async () => {
    const image = await oci((output) =>
      clients.buildx(["build", "-f", "service.yaml", ...output, `${server.url}/hello/.git#main`]),
    );
    expect(image.layers.map(({ digest }) => digest)).toEqual(expected.layers.map(({ digest }) => digest));
    expect(image.config.config.Labels).toEqual({
      "org.opencontainers.image.revision": commit,
      "org.opencontainers.image.source": `${server.url}/hello/.git`,
      "org.opencontainers.image.title": "hello",
    });
  });

  test("from a directory of it", async () => {
    const image = await oci((output) =>
      clients.buildx([
        "build",
        "-f",
        "service.yaml",
        ...output,
        `${server.url}/mono/.git#main:services/hello`,
      ]),
    );
    expect(image.layers.map(({ digest }) => digest)).toEqual(expected.layers.map(({ digest }) => digest));
  });
});

describe("examples", () => {
  /** A copy of an example; its descriptions name the frontend where this builder finds it. */
  function example(name: string): string {
    const dir = join(work.path, `example-${name}`);
    cpSync(join(repository, "examples", name), dir, { recursive: true });
    for (const file of readdirSync(dir).filter((each) => /\.ya?ml$|^Dockerfile$/.test(each))) {
      const text = readFileSync(join(dir, file), "utf8");
      writeFileSync(join(dir, file), text.replace("# syntax=org/go-frontend", syntax));
    }
    return dir;
  }

  test("a description named Dockerfile needs no flag", async () => {
    const dir = example("dockerfile-name");
    const reference = `${rig.registry}/e2e/dockerfile-name:latest`;
    await succeeded(
      clients.buildx(["build", "--output", `type=registry,name=${reference}`, "."], { cwd: dir }),
    );
    const container = await unpackImage(clients.crane, reference, work.path, { args: ["--version"] });
    expect((await runContainer(container)).stdout).toBe("dockerfile-name 1\n");
  });

  test("docker buildx bake builds two targets for two platforms", async () => {
    const dir = example("bake");
    const repositoryName = `${rig.registry}/e2e/bake`;
    const bake = await succeeded(
      clients.buildx(["bake", "--progress=plain", "--push"], {
        cwd: dir,
        env: { REPOSITORY: repositoryName },
      }),
    );
    for (const name of ["api", "worker"]) {
      const reference = `${repositoryName}-${name}:latest`;
      await succeeded(clients.crane(["validate", "--remote", reference]));
      const manifest = await succeeded(clients.crane(["manifest", reference]));
      expect(manifest.stdout).toContain('"architecture": "arm64"');
      const container = await unpackImage(clients.crane, reference, work.path, { args: ["--version"] });
      expect((await runContainer(container)).stdout).toContain(name);
    }
    // What both targets need is one vertex, which both name.
    const helpers = [...bake.stderr.matchAll(/^#(\d+) \[(api|worker) helper\] go run/gm)];
    expect(new Set(helpers.map(([, vertex]) => vertex)).size).toBe(1);
  });

  test("services of one description are targets", async () => {
    const dir = example("two-services");
    for (const name of ["api", "worker"]) {
      const image = await oci((output) =>
        clients.buildx(["build", "-f", "service.yaml", "--target", name, ...caSecret(), ...output, "."], {
          cwd: dir,
        }),
      );
      expect(image.config.config.Entrypoint).toEqual([`/usr/local/bin/${name}`]);
    }
  });
});

describe("the result", () => {
  const build = (client: Client, ...args: readonly string[]): Promise<Run> =>
    succeeded(client(["build", "-f", "service.yaml", ...args, "."], { cwd: hello }));

  test("in a registry, under a tag", async () => {
    const reference = `${rig.registry}/e2e/pushed:1`;
    await build(clients.buildx, "--push", "--tag", reference);
    const { stdout } = await succeeded(clients.crane(["digest", "--platform", `linux/${native}`, reference]));
    expect(stdout.trim()).toBe(expected.digest);
  });

  test("type=oci, as a folder", async () => {
    const dest = join(work.path, "oci-folder");
    await build(clients.buildx, "--output", `type=oci,dest=${dest},tar=false`);
    expect(readImages(dest).map(({ digest }) => digest)).toEqual([expected.digest]);
    await succeeded(clients.crane(["validate", "--tarball", await dockerArchive()]));
  });

  async function dockerArchive(): Promise<string> {
    const dest = join(work.path, "docker.tar");
    await build(clients.buildx, "--tag", "example.com/hello:1", "--output", `type=docker,dest=${dest}`);
    return dest;
  }

  test("type=docker, as docker load takes it", async () => {
    const files = new Map(
      readTar(readFileSync(await dockerArchive())).map((entry) => [entry.path, entry.content]),
    );
    const [image] = JSON.parse(String(files.get("manifest.json"))) as readonly {
      readonly Config: string;
      readonly RepoTags: readonly string[];
    }[];
    expect(image?.RepoTags).toEqual(["example.com/hello:1"]);
    const config = JSON.parse(String(files.get(image?.Config ?? ""))) as Image["config"];
    expect(config.config).toEqual(expected.config.config);
    expect(config.rootfs).toEqual(expected.config.rootfs);
  });

  test("type=local, the files", async () => {
    const dest = join(work.path, "local");
    await build(clients.buildx, "--output", `type=local,dest=${dest}`);
    expect(statSync(join(dest, "usr/local/bin/hello")).mode & 0o111).toBe(0o111);
    expect(existsSync(join(dest, "etc/passwd"))).toBe(true);
  });

  test("type=local for two platforms, a folder each", async () => {
    const dest = join(work.path, "local-both");
    await build(
      clients.buildx,
      "--platform",
      "linux/amd64,linux/arm64",
      "--output",
      `type=local,dest=${dest}`,
    );
    expect(readdirSync(dest).toSorted()).toEqual(["linux_amd64", "linux_arm64"]);
  });

  test("type=tar, the files", async () => {
    const dest = join(work.path, "files.tar");
    await build(clients.buildx, "--output", `type=tar,dest=${dest}`);
    const paths = readTar(readFileSync(dest)).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["usr/local/bin/hello", "etc/passwd"]));
  });

  test("--target binary, the bare executable, ready to run", async () => {
    const dest = join(work.path, "binary");
    await build(clients.buildx, "--target", "binary", "--output", `type=local,dest=${dest}`);
    expect(readdirSync(dest).filter((name) => !name.endsWith(".json"))).toEqual(["hello"]);
    expect((await succeeded(run(join(dest, "hello"), ["there"]))).stdout).toMatch(/^hello unset .* there\n$/);
  });
});

describe("the command line", () => {
  test("llb: the graph of the local folder, built without a frontend container", async () => {
    const graph = await succeeded(cli(["llb", hello]));
    const path = join(work.path, "llb.tar");
    const { stderr } = await succeeded(
      clients.buildctl(
        ["build", "--progress=plain", `--local=context=${hello}`, "--output", `type=oci,dest=${path}`],
        { input: graph.bytes },
      ),
    );
    const [image] = readImages(path);
    expect(image?.layers.map(({ digest }) => digest)).toEqual(expected.layers.map(({ digest }) => digest));
    // What a frontend compiled serves this graph too.
    expect(stderr).toMatch(/^#(\d+) \[std [^\n]*\n(#\1 [^\n]*\n)*#\1 CACHED$/m);
  });

  test("llb: buildctl shows the line of the description when a step fails", async () => {
    const dir = project(work.path, {
      "service.yaml": `${syntax}\nmain: .\n`,
      "main.go": "package main\n\nfunc main() { x }\n",
    });
    const graph = await succeeded(cli(["llb", dir]));
    const { code, stderr } = await clients.buildctl(["build", "--progress=plain", `--local=context=${dir}`], {
      input: graph.bytes,
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain("./main.go:3:15: undefined: x");
    expect(stderr).toContain("2 | >>> main: .");
  });

  test("plan: everything a build will do, as JSON", async () => {
    const { stdout } = await succeeded(cli(["plan", hello, "--platform", "linux/arm64"]));
    const plan = JSON.parse(stdout) as {
      readonly steps: readonly {
        readonly id: string;
        readonly kind: string;
        readonly env?: readonly string[];
      }[];
      readonly contents: Readonly<Record<string, string>>;
    };
    expect(plan).toMatchObject({
      module: { path: "example.com/hello", dir: "." },
      output: "image",
      results: [{ id: "image hello linux/arm64", config: { architecture: "arm64" } }],
    });
    expect(Object.keys(plan.contents).toSorted()).toEqual(["go.mod", "main.go"]);
    expect(plan.steps).toContainEqual(
      expect.objectContaining({ kind: "image", reference: "golang:1.26-alpine" }),
    );
    expect(plan.steps).toContainEqual(
      expect.objectContaining({ kind: "context", paths: ["go.mod", "main.go"] }),
    );
    const link = plan.steps.find(({ id, kind }) => kind === "run" && id === "build . linux/arm64");
    expect(link?.env).toContain("GOARCH=arm64");
  });

  test("check: exit code 1 and the excerpt with a caret for a mistake", async () => {
    const dir = project(work.path, { "service.yaml": `${syntax}\nimage:\n  prots: [80]\n` });
    const { code, stderr } = await cli(["check", dir]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'service.yaml:3:3: GF021 unknown key "prots" in image\n3 |   prots: [80]\n  |   ^^^^^\nhelp: ',
    );
  });
});

describe("named contexts", () => {
  const toolchain = (): string =>
    rig.mirrored.length > 0
      ? mirrorReference(rig.registry, "golang:1.26-alpine")
      : "docker.io/library/golang:1.26-alpine";

  test.each(["golang:1.26-alpine", "golang"])(
    "--build-context %s=docker-image://… is the toolchain",
    async (name) => {
      const { stderr } = await succeeded(
        clients.buildx(
          [
            "build",
            "--progress=plain",
            "-f",
            "service.yaml",
            "--build-context",
            `${name}=docker-image://${toolchain()}`,
            "--output=type=cacheonly",
            ".",
          ],
          { cwd: hello },
        ),
      );
      expect(stderr).toContain(`[toolchain] ${toolchain()}@sha256:`);
    },
  );

  test("an OCI layout on disk is the base", async () => {
    const layout = join(work.path, "base-layout");
    const base = project(work.path, { Dockerfile: "FROM scratch\nENV FROM_BASE=yes\nCOPY go.mod /marker\n" });
    await succeeded(
      clients.buildx(["build", "--provenance=false", "--output", `type=oci,dest=${layout},tar=false`, base]),
    );
    const dir = project(work.path, { "service.yaml": `${syntax}\nimage: { base: company/base }\n` });
    const image = await oci((output) =>
      clients.buildx([
        "build",
        "-f",
        join(dir, "service.yaml"),
        "--build-context",
        `company/base=oci-layout://${layout}`,
        ...output,
        dir,
      ]),
    );
    expect(image.config.config.Env).toContain("FROM_BASE=yes");
    expect(image.entries.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["marker", "usr/local/bin/hello"]),
    );
  });

  test("a folder is the base", async () => {
    const folder = join(project(work.path, { "files/etc/motd": "from a folder\n" }), "files");
    const dir = project(work.path, { "service.yaml": `${syntax}\nimage: { base: company/base }\n` });
    const image = await oci((output) =>
      clients.buildx([
        "build",
        "-f",
        join(dir, "service.yaml"),
        "--build-context",
        `company/base=${folder}`,
        ...output,
        dir,
      ]),
    );
    expect(image.entries.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["etc/motd", "usr/local/bin/hello"]),
    );
  });

  test("another target of the bake file is the base", async () => {
    const dir = project(work.path, {
      "service.yaml": `${syntax}\nimage: { base: company/base }\n`,
      "base.Dockerfile": "FROM scratch\nENV FROM_BASE=linked\nCOPY go.mod /marker\n",
      "docker-bake.hcl": `
target "base" { dockerfile = "base.Dockerfile" }
target "service" {
  dockerfile = "service.yaml"
  contexts = { "company/base" = "target:base" }
}
`,
    });
    const path = join(work.path, "linked.tar");
    await succeeded(
      clients.buildx(["bake", "service", "--set", `service.output=type=oci,dest=${path}`, "--allow=fs=*"], {
        cwd: dir,
      }),
    );
    const [image] = readImages(path);
    expect(image?.config.config.Env).toContain("FROM_BASE=linked");
    expect(image?.entries.map(({ path: each }) => each)).toEqual(
      expect.arrayContaining(["marker", "usr/local/bin/hello"]),
    );
  });
});

describe("questions that build nothing", () => {
  const ask = (call: string, dir: string, ...args: readonly string[]): Promise<Run> =>
    clients.buildx(["build", "-f", "service.yaml", `--call=${call}`, ...args, "."], { cwd: dir });

  test("--call=targets", async () => {
    const json = await succeeded(ask("targets,format=json", hello));
    const { targets } = JSON.parse(json.stdout) as {
      targets: readonly { name: string; default?: boolean }[];
    };
    expect(targets.map(({ name }) => name)).toEqual(["image", "binary", "symbols", "debug"]);
    expect(targets.find((each) => each.default === true)?.name).toBe("image");
    expect((await succeeded(ask("targets", hello))).stdout).toMatch(/image \(default\)/);
  });

  test("--call=outline", async () => {
    const dir = project(work.path, {
      "service.yaml": `${syntax}
args: { version: dev }
modules:
  private: [git.example.com/*]
  auth: { git.example.com: { token: git-token } }
`,
    });
    const json = JSON.parse((await succeeded(ask("outline,format=json", dir))).stdout) as Record<
      string,
      unknown
    >;
    expect(json["args"]).toMatchObject([{ name: "version", value: "dev" }]);
    expect(json["secrets"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: "git-token", required: true })]),
    );
    const text = (await succeeded(ask("outline", dir))).stdout;
    expect(text).toContain("version");
    expect(text).toContain("git-token");
  });

  test("--check of a good description", async () => {
    expect((await succeeded(ask("check", hello))).stdout).toContain("Check complete, no warnings found.");
  });

  test("--check of a mistake shows it and fails", async () => {
    const dir = project(work.path, { "service.yaml": `${syntax}\nmain: ./cmd/nope\n` });
    const { code, stdout, stderr } = await ask("check", dir);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("GF002 no directory ./cmd/nope in the build context");
    expect(stdout + stderr).toContain(">>> main: ./cmd/nope");
  });

  test("--check of a mistake that is found before planning, with its excerpt", async () => {
    const dir = project(work.path, { "service.yaml": `${syntax}\nimgae: {}\n` });
    const { code, stdout, stderr } = await ask("check", dir);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('GF021 unknown key "imgae"');
    expect(stdout + stderr).toContain(">>> imgae: {}");
  });

  test("an unknown question is refused by name", async () => {
    const { code, stderr } = await ask("nonsense", hello);
    expect(code).not.toBe(0);
    expect(stderr).toContain("unsupported request frontend.nonsense");
  });
});
