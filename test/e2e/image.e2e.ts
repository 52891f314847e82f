// What is in the images, asked of tools that had no part in making them: crane, readelf, go, runc.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { mirrorReference } from "../../rig/index.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { runContainer, unpackImage, withServer } from "./support/container.ts";
import { type Descriptor, type Entry, type Image, readImages } from "./support/oci.ts";
import { type Files, project, SERVER } from "./support/project.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const native = process.arch === "arm64" ? "arm64" : "amd64";
const both = ["--platform", "linux/amd64,linux/arm64"];
const work = scratchDir();
let clients: Clients;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

interface Built {
  /** In the rig's registry. */
  readonly reference: string;
  readonly images: readonly Image[];
}

/** Builds into the registry and into a layout at once. */
async function build(
  name: string,
  description: string,
  { files = {}, args = [] }: { readonly files?: Files; readonly args?: readonly string[] } = {},
): Promise<Built> {
  const dir = project(work.path, { "service.yaml": `${syntax}\n${description}`, ...files });
  const reference = `${rig.registry}/e2e/image-${name}:latest`;
  const layout = join(work.path, `${name}.tar`);
  await succeeded(
    clients.buildx([
      "build",
      "--progress=plain",
      "-f",
      join(dir, "service.yaml"),
      "-o",
      `type=registry,name=${reference}`,
      "-o",
      `type=oci,dest=${layout}`,
      ...args,
      dir,
    ]),
  );
  return { reference, images: readImages(layout) };
}

function only({ images }: Built): Image {
  const [image] = images;
  if (image === undefined || images.length > 1) throw new Error(`${images.length} images instead of one`);
  return image;
}

function find(image: Image, path: string): Entry {
  const entry = image.entries.find((each) => each.path === path);
  if (entry === undefined) throw new Error(`the image has no ${path}`);
  return entry;
}

/** A file of an image, for tools that read files. */
function extract(image: Image, path: string): string {
  const dir = join(work.path, "extracted", image.digest.slice(7, 19));
  mkdirSync(dir, { recursive: true });
  const file = join(dir, path.slice(path.lastIndexOf("/") + 1));
  writeFileSync(file, find(image, path).content, { mode: 0o755 });
  return file;
}

describe("the image of the one-line file, for two platforms", () => {
  let built: Built;
  beforeAll(async () => {
    built = await build("default", "", { args: both });
  });
  const each = (check: (image: Image) => Promise<void> | void) => async () => {
    expect(built.images.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
    for (const image of built.images) await check(image);
  };

  test("is one valid index", async () => {
    const { code, stdout, stderr } = await clients.crane(["validate", "--remote", built.reference]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^PASS: /);
    expect(code).toBe(0);
  });

  test(
    "holds a static, stripped binary for the image's platform",
    each(async (image) => {
      const file = extract(image, "usr/local/bin/hello");
      const { stdout } = await succeeded(run("readelf", ["-h", "-l", "-d", "-S", "-W", file]));
      expect(stdout).toContain(image.config.architecture === "arm64" ? "AArch64" : "X86-64");
      expect(stdout).toContain("There is no dynamic section in this file.");
      expect(stdout).not.toMatch(/INTERP|\.interp|NEEDED|\.symtab|\.debug_|\.zdebug_|\.note\.go\.buildid/);
    }),
  );

  test(
    "says of itself how it was built",
    each(async (image) => {
      const { stdout } = await succeeded(run("go", ["version", "-m", extract(image, "usr/local/bin/hello")]));
      const settings = [...stdout.matchAll(/\tbuild\t(.*)/g)].map(([, setting]) => setting);
      expect(settings).toEqual(
        expect.arrayContaining([
          "-trimpath=true",
          "CGO_ENABLED=0",
          "GOOS=linux",
          `GOARCH=${image.config.architecture}`,
        ]),
      );
      expect(stdout).toContain("\tpath\texample.com/hello\n");
      expect(stdout).not.toContain("vcs.");
    }),
  );

  test(
    "holds no other program: no shell, no package manager",
    each((image) => {
      const programs = image.entries.filter(({ type, mode }) => type === "file" && (mode & 0o111) !== 0);
      expect(programs.map(({ path }) => path)).toEqual(["usr/local/bin/hello"]);
      expect(image.entries.filter(({ type }) => type === "symlink" || type === "other")).toEqual([]);
      expect(image.entries.filter(({ mode }) => (mode & 0o6000) !== 0)).toEqual([]);
    }),
  );

  test(
    "is run by a user that is no root and has a name",
    each((image) => {
      expect(image.config.config).toEqual({
        User: "65532:65532",
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        Entrypoint: ["/usr/local/bin/hello"],
        WorkingDir: "/",
        Labels: { "org.opencontainers.image.title": "hello" },
      });
      expect(find(image, "etc/passwd").content.toString()).toContain("nonroot:x:65532:65532:");
      expect(find(image, "etc/group").content.toString()).toContain("nonroot:x:65532:");
      expect(find(image, "home/nonroot")).toMatchObject({ type: "directory", uid: 65532, gid: 65532 });
      const writable = image.entries.filter(({ mode, path }) => (mode & 0o002) !== 0 && path !== "tmp");
      expect(writable).toEqual([]);
    }),
  );

  test(
    "holds the toolchain image's CA roots, and time zones",
    each((image) => {
      const roots = find(image, "etc/ssl/certs/ca-certificates.crt").content.toString();
      expect(roots.split("-----BEGIN CERTIFICATE-----").length).toBeGreaterThan(100);
      for (const zone of ["Europe/Lisbon", "Asia/Tokyo", "UTC"]) {
        expect(find(image, `usr/share/zoneinfo/${zone}`).content.subarray(0, 4).toString()).toBe("TZif");
      }
    }),
  );

  test(
    "tells no time of its making",
    each((image) => {
      expect(image.config.created).toBe("1970-01-01T00:00:00Z");
      expect(new Set(image.config.history.map(({ created }) => created))).toEqual(
        new Set(["1970-01-01T00:00:00Z"]),
      );
      expect(image.entries.filter(({ mtime }) => mtime !== 0)).toEqual([]);
    }),
  );

  test("runs, and finds its time zones", async () => {
    const ran = await runContainer(await unpackImage(clients.crane, built.reference, work.path));
    expect(ran.stderr).toBe("");
    expect(ran.stdout).toBe("hello unset 65532 65532 Europe/Lisbon <nil> \n");
  });
});

test("a server runs and answers", async () => {
  const { reference } = await build("server", "", { files: SERVER });
  const answer = await withServer(clients.crane, reference, work.path, async (url) =>
    (await fetch(url)).text(),
  );
  expect(answer).toBe("hello 65532\n");
});

test("SOURCE_DATE_EPOCH is the time of everything", async () => {
  const built = await build("epoch", "", { args: ["--build-arg", "SOURCE_DATE_EPOCH=1700000000"] });
  const image = only(built);
  expect(image.config.created).toBe("2023-11-14T22:13:20Z");
  expect(new Set(image.config.history.map(({ created }) => created))).toEqual(
    new Set(["2023-11-14T22:13:20Z"]),
  );
  expect(new Set(image.entries.map(({ mtime }) => mtime))).toEqual(new Set([1_700_000_000]));
});

test("every key of the description is in the image, and it runs so", async () => {
  const built = await build(
    "keys",
    `name: greeter
args: { version: dev }
build:
  vars: { main.version: "\${version} of '\${go.version}'" }
image:
  user: 1234:5678
  ports: [8080, 53/udp]
  env: { LOG_LEVEL: info, PRICE: "$$5", RELEASE: "\${version}" }
  args: ["--greeting", "good day, \${service.name}"]
  labels: { org.opencontainers.image.version: "\${version}", team: shop }
  workdir: /tmp
`,
    { args: ["--build-arg", "version=1.2.3", "--label", "team=orders", "--label", "tier=one"] },
  );
  const { config } = only(built).config;
  expect(config).toMatchObject({
    User: "1234:5678",
    ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
    Env: [expect.stringMatching(/^PATH=/), "LOG_LEVEL=info", "PRICE=$5", "RELEASE=1.2.3"],
    Entrypoint: ["/usr/local/bin/greeter"],
    Cmd: ["--greeting", "good day, greeter"],
    Labels: { "org.opencontainers.image.version": "1.2.3", team: "orders", tier: "one" },
    WorkingDir: "/tmp",
  });
  const ran = await runContainer(await unpackImage(clients.crane, built.reference, work.path));
  expect(ran.stdout).toBe(
    "hello 1.2.3 of '1.26' 1234 5678 Europe/Lisbon <nil> --greeting good day, greeter\n",
  );
});

describe("a user by name", () => {
  /** Runs the image's program as each user, as BuildKit's own Dockerfile frontend finds users. */
  async function runAs(reference: string, users: readonly string[]): Promise<Run> {
    const steps = users.map((user) => `USER ${user}\nRUN ["/usr/local/bin/hello"]\n`);
    const dir = project(work.path, { Dockerfile: `FROM ${reference}\n${steps.join("")}` });
    return clients.buildx(["build", "--progress=plain", "--no-cache", "-o", "type=cacheonly", dir]);
  }

  test("static knows the three that the documents name, and no other", async () => {
    const { reference, images } = await build("users", "image: { user: nobody, entrypoint: [hello] }\n");
    expect(images[0]?.config.config).toMatchObject({ User: "nobody", Entrypoint: ["hello"] });
    const ran = await runAs(reference, ["nobody", "nonroot", "root", "1000:nonroot"]);
    expect(ran.code, ran.stderr).toBe(0);
    expect([...ran.stderr.matchAll(/ hello \S+ (\d+ \d+) /g)].map(([, ids]) => ids)).toEqual([
      "65534 65534",
      "65532 65532",
      "0 0",
      "1000 65532",
    ]);
    expect((await runAs(reference, ["step"])).code).not.toBe(0);
  });

  test("scratch knows none", async () => {
    const { reference } = await build("no-users", "image: { base: scratch, user: 1000:1000 }\n");
    expect((await runAs(reference, ["1000:1000"])).code).toBe(0);
    // In a pair BuildKit itself takes root for 0, which engines that run images do not.
    for (const user of ["root", "nobody", "1000:nobody"]) {
      expect((await runAs(reference, [user])).code, user).not.toBe(0);
    }
  });
});

test("strip: false keeps the symbol table and DWARF", async () => {
  const built = await build("unstripped", "build: { strip: false }\n");
  const { stdout } = await succeeded(
    run("readelf", ["-S", "-W", extract(only(built), "usr/local/bin/hello")]),
  );
  expect(stdout).toContain(".symtab");
  expect(stdout).toMatch(/\.z?debug_info/);
});

test("build tags choose files", async () => {
  const files = { "extra.go": '//go:build extra\n\npackage main\n\nfunc init() { version = "extra" }\n' };
  const built = await build("tags", "build: { tags: [extra] }\n", { files });
  const ran = await runContainer(await unpackImage(clients.crane, built.reference, work.path));
  expect(ran.stdout).toMatch(/^hello extra /);
});

describe("bases", () => {
  /** The base's image for this platform, asked where the builder finds it. */
  async function baseImage(
    name: string,
  ): Promise<{ readonly layers: readonly Descriptor[]; readonly env: readonly string[] }> {
    const reference = rig.mirrored.length > 0 ? mirrorReference(rig.registry, name) : name;
    const platform = ["--platform", `linux/${native}`];
    const manifest = await succeeded(clients.crane(["manifest", ...platform, reference]));
    const config = await succeeded(clients.crane(["config", ...platform, reference]));
    return {
      layers: (JSON.parse(manifest.stdout) as { layers: readonly Descriptor[] }).layers,
      env: (JSON.parse(config.stdout) as Image["config"]).config.Env ?? [],
    };
  }

  test("scratch: the binary and nothing else", async () => {
    const image = only(await build("scratch", "image: { base: scratch }\n"));
    expect(image.entries.map(({ path }) => path)).toEqual([
      "usr",
      "usr/local",
      "usr/local/bin",
      "usr/local/bin/hello",
    ]);
    expect(image.entries.filter(({ mtime }) => mtime !== 0)).toEqual([]);
    expect(image.config.config.User).toBe("65532:65532");
  });

  test.each([
    "gcr.io/distroless/static-debian12",
    "gcr.io/distroless/static-debian12:nonroot",
    "debian:bookworm-slim",
  ])("%s: its layers as they are, its environment, one layer more, no root", async (name) => {
    const base = await baseImage(name);
    const built = await build("based", `image: { base: "${name}" }\n`);
    const image = only(built);
    const digests = (layers: readonly Descriptor[]): readonly string[] => layers.map(({ digest }) => digest);
    expect(digests(image.layers).slice(0, -1)).toEqual(digests(base.layers));
    expect(image.config.config.Env).toEqual(base.env);
    expect(image.config.config.User).toMatch(/^(65532(:65532)?|nonroot(:nonroot)?)$/);
    expect(image.config.config.Cmd).toBeUndefined();
    expect(image.config.created).toBe("1970-01-01T00:00:00Z");
    const ran = await runContainer(await unpackImage(clients.crane, built.reference, work.path));
    expect(ran.stdout).toMatch(/^hello unset 65532 65532 /);
  });

  test("both platforms, each on its own base", async () => {
    const built = await build("based-both", "image: { base: gcr.io/distroless/static-debian12 }\n", {
      args: both,
    });
    expect(built.images.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
    const { code } = await clients.crane(["validate", "--remote", built.reference]);
    expect(code).toBe(0);
  });
});
