// What an image holds beside its binaries: asked of tar entries, of the image's configuration and of a container that
// runs as the image's user.
import { chmodSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { runContainer, unpackImage } from "./support/container.ts";
import { type Entry, type Image, readImages } from "./support/oci.ts";
import { project } from "./support/project.ts";
import { run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
let clients: Clients;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

interface Built {
  readonly reference: string;
  readonly image: Image;
  readonly said: string;
}

let count = 0;

/** Builds into the registry and into a layout at once. */
async function build(dir: string, ...args: readonly string[]): Promise<Built> {
  const name = `content-${++count}`;
  const reference = `${rig.registry}/e2e/${name}:latest`;
  const layout = join(work.path, `${name}.tar`);
  const { stderr } = await succeeded(
    clients.buildx([
      "build",
      "--progress=plain",
      "--provenance=false",
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
  const [image] = readImages(layout);
  return { reference, image: image ?? expect.fail("no image"), said: stderr };
}

const described = (image: string): string =>
  project(work.path, { "service.yaml": `${syntax}\nimage:\n${image}` });

/** As `ls` would show it; of several layers that have it, the last. */
function shown(image: Image, path: string): string {
  const entry = image.entries.findLast((found) => found.path === path) ?? expect.fail(`no ${path}`);
  return line(entry);
}

const line = ({ path, type, mode, uid, gid, mtime }: Entry): string =>
  `${path} ${type} ${(mode & 0o7777).toString(8)} ${uid}:${gid} ${mtime}`;

/** What lies in the last layer: the tar entries that a second build without content has not. */
function added(image: Image, without: Image): readonly string[] {
  return image.entries.slice(without.entries.length).map(line);
}

test("examples/image-content: the service writes to its directory, as its user, and is found by its link", async () => {
  const dir = join(work.path, "example");
  cpSync(fileURLToPath(new URL("../../examples/image-content/", import.meta.url)), dir, { recursive: true });
  const file = join(dir, "service.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("# syntax=org/go-frontend", syntax));
  const { image, reference } = await build(dir);
  expect(image.config.config).toMatchObject({
    Entrypoint: ["note"],
    Env: ["PATH=/opt/notes:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    Volumes: { "/var/lib/notes": {} },
    StopSignal: "SIGINT",
  });
  expect(image.layers).toHaveLength(image.config.history.length);
  expect(shown(image, "var/lib/notes")).toBe("var/lib/notes directory 755 65532:65532 0");
  expect(shown(image, "var/cache/notes")).toBe("var/cache/notes directory 775 65532:0 0");
  expect(shown(image, "var/lib")).toBe("var/lib directory 755 0:0 0");
  expect(shown(image, "opt/notes/note")).toBe("opt/notes/note symlink 777 0:0 0");
  const container = await unpackImage(clients.crane, reference, work.path, {
    args: ["buy milk"],
    writable: true,
  });
  const ran = await runContainer(container);
  expect(ran.stderr).toBe("");
  expect(ran.stdout).toBe("title = My notes\nGo 1.26\nfirst.txt: buy milk\n");
  expect(shown(image, "etc/notes/notes.conf")).toBe("etc/notes/notes.conf file 644 0:0 0");
  expect(shown(image, "usr/share/notes/backup.sh")).toBe("usr/share/notes/backup.sh file 755 0:0 0");
  expect(shown(image, "usr/share/notes/help/usage.txt")).toBe(
    "usr/share/notes/help/usage.txt file 644 0:0 0",
  );
  expect((await build(dir, "--no-cache-filter=image")).image.digest).toBe(image.digest);
});

const CONTENT = `  dirs:
    - { path: /tmp, mode: 0700 }
    - { path: /scratch, mode: 1777, owner: root }
    - { path: /a/b/c, mode: 2770, owner: 1000:0 }
    - { path: /a/b/c/d, owner: nobody }
  volumes: [/a/v, /home/nonroot]
  links: { /a/l: b/c, /etc/nowhere: /nowhere }
  user: 1234:5678
`;

test("on static: every permission, what the base has too, and directories above belong to root", async () => {
  const bare = await build(described("  user: 1234:5678\n"));
  const { image } = await build(described(CONTENT));
  expect(added(image, bare.image)).toEqual([
    "a directory 755 0:0 0",
    "a/b directory 755 0:0 0",
    "a/b/c directory 2770 1000:0 0",
    "a/b/c/d directory 755 65534:65534 0",
    "a/l symlink 777 0:0 0",
    "a/v directory 755 1234:5678 0",
    "etc directory 755 0:0 0",
    "etc/nowhere symlink 777 0:0 0",
    "scratch directory 1777 0:0 0",
    "tmp directory 700 1234:5678 0",
  ]);
});

test("on scratch there is nothing else, and all has the time that the client asks for", async () => {
  const epoch = ["--build-arg", "SOURCE_DATE_EPOCH=1700000000"];
  const content = `  base: scratch\n${CONTENT.replace("nobody", "65534")}`;
  const { image } = await build(described(content), ...epoch);
  expect(image.layers).toHaveLength(2);
  expect(new Set(image.entries.map(({ mtime }) => mtime))).toEqual(new Set([1_700_000_000]));
  expect(shown(image, "tmp")).toBe("tmp directory 700 1234:5678 1700000000");
});

test("on an image: links of the base are followed, its user is the owner, a link takes the place of a file", async () => {
  const files = project(work.path, {
    "main.go": undefined,
    "go.mod": undefined,
    "etc/passwd": "app:x:1001:1002::/:/bin/sh\n",
    "etc/group": "app:x:1002:\n",
    "usr/bin/tool": "tool",
    "srv/here/file": "file",
    Dockerfile: "FROM scratch\nCOPY --chown=7:8 --chmod=750 . /\nUSER app\n",
    ".dockerignore": "Dockerfile\n.dockerignore\n",
  });
  const base = `${rig.registry}/e2e/content-base:latest`;
  await succeeded(run("ln", ["-s", "usr/bin", join(files, "bin")]));
  await succeeded(clients.buildx(["build", "--provenance=false", "-o", `type=registry,name=${base}`, files]));
  const on = `  base: "${base}"\n`;
  const bare = await build(described(on));
  const { image } = await build(
    described(`${on}  dirs: [/data, /bin/inner]
  volumes: [/srv/here, /srv/there]
  links: { /bin/tool: /nowhere }
`),
  );
  expect(image.config.config.User).toBe("app");
  const found = added(image, bare.image);
  expect(found.map((entry) => entry.replace(/ \d+$/, ""))).toEqual([
    "data directory 755 1001:1002",
    "srv directory 750 7:8",
    "srv/there directory 755 1001:1002",
    "usr directory 750 7:8",
    "usr/bin directory 750 7:8",
    "usr/bin/inner directory 755 1001:1002",
    "usr/bin/tool symlink 777 0:0",
  ]);
  // What nothing was put into keeps the base's time, and a volume that the base has is left alone.
  expect(found.filter((entry) => !entry.endsWith(" 0")).map((entry) => entry.split(" ")[0])).toEqual(["usr"]);
});

/** Titles of steps that ran, without those that are ours alone and images, which are asked for whatever is cached. */
function ran(said: string): readonly string[] {
  const titles = new Map(
    [...said.matchAll(/^(#\d+) (\[[^\n]*)$/gm)].map(([, id, title = ""]) => [id, title.trimEnd()]),
  );
  const cached = new Set([...said.matchAll(/^(#\d+) CACHED$/gm)].map(([, id]) => id));
  return [...titles]
    .filter(([id, title]) => !cached.has(id) && !/^\[(?:internal|toolchain)\]/.test(title))
    .map(([, title]) => title)
    .toSorted();
}

test("an edit of a file makes its layer anew, and neither compiles nor links", async () => {
  // A builder may still have what an earlier run made.
  const anew = `${process.pid} ${Date.now()}`;
  const dir = project(work.path, {
    "main.go": `package main\n\nfunc main() { println("${anew}") }\n`,
    "etc/a.conf": `a = 1 ${anew}\n`,
    "web/index.html": "<p>\n",
    "service.yaml": `${syntax}
image:
  dirs: [{ path: /etc/app, owner: 1:2 }]
  files:
    - { from: etc/a.conf, to: /etc/app/ }
    - { from: web, to: /srv/www, owner: 33 }
    - { text: "built for \${target.arch}", to: /etc/app/arch }
`,
  });
  const first = await build(dir, "--platform=linux/amd64");
  writeFileSync(join(dir, "etc/a.conf"), `a = 2 ${anew}\n`);
  const second = await build(dir, "--platform=linux/amd64");
  expect(ran(second.said)).toEqual([
    "[hello linux/amd64] etc/a.conf",
    "[hello linux/amd64] etc/a.conf alone",
    "[hello linux/amd64] image",
  ]);
  const digests = ({ image }: Built): readonly string[] => image.layers.map(({ digest }) => digest);
  expect(digests(first)).toHaveLength(6);
  expect(digests(second).filter((digest) => !digests(first).includes(digest))).toHaveLength(1);
  expect(shown(second.image, "etc/app")).toBe("etc/app directory 755 1:2 0");
  expect(shown(second.image, "srv/www")).toBe("srv/www directory 755 33:33 0");
  expect(shown(second.image, "srv/www/index.html")).toBe("srv/www/index.html file 644 33:33 0");
  const arch = second.image.entries.find(({ path }) => path === "etc/app/arch");
  expect(arch?.content.toString()).toBe("built for amd64");
});

test("whatever the times and the umask of the machine: the same image; nothing else is sent", async () => {
  const files = {
    "web/index.html": "<p>\n",
    "web/run.sh": "#!/bin/sh\n",
    "web/.secret": "secret",
    "web/large.bin": "x".repeat(3_000_000),
    ".dockerignore": "web/.secret\n",
    "service.yaml": `${syntax}\nimage: { files: [{ from: "web/*.*", to: /www }, { from: web/run.sh, to: /start }] }\n`,
  };
  const images = await Promise.all(
    [0o600, 0o666].map(async (mode) => {
      const dir = project(work.path, { ...files, "web/large.bin": undefined });
      chmodSync(join(dir, "web/index.html"), mode);
      chmodSync(join(dir, "web/run.sh"), mode | 0o111);
      return (await build(dir)).image;
    }),
  );
  expect(new Set(images.map(({ digest }) => digest)).size).toBe(1);
  const [image] = images;
  if (image === undefined) return expect.fail("no image");
  expect(shown(image, "www/index.html")).toBe("www/index.html file 644 0:0 0");
  expect(shown(image, "start")).toBe("start file 755 0:0 0");
  expect(image.entries.filter(({ path }) => path.includes(".secret"))).toEqual([]);

  const large = project(work.path, {
    ...files,
    "service.yaml": `${syntax}\nimage: { files: [{ from: web/run.sh, to: /start }] }\n`,
  });
  const { said } = await build(large);
  const sizes = [...said.matchAll(/transferring [^:]+: ([\d.]+)(k?B|MB)/g)];
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.filter(([, , unit]) => unit === "MB")).toEqual([]);
});

test("outputs of steps are files of the image, and the tree's links stay in it", async () => {
  const dir = project(work.path, {
    "page.txt": "page\n",
    "service.yaml": `${syntax}
steps:
  page:
    image: golang:1.26-alpine
    inputs: [page.txt]
    run: [[mkdir, -p, dist/deep], [cp, page.txt, dist/deep/page], [ln, -s, deep/page, dist/latest]]
    outputs: [dist]
image: { files: [{ from: dist, to: /srv }] }
`,
  });
  const { image, said } = await build(dir);
  expect(said).not.toContain("GF057");
  expect(shown(image, "srv/deep/page")).toBe("srv/deep/page file 644 0:0 0");
  expect(shown(image, "srv/latest")).toBe("srv/latest symlink 777 0:0 0");
  expect(shown(image, "srv/deep")).toBe("srv/deep directory 755 0:0 0");
});
