import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Log } from "../rig/index.ts";
import { debianPackages } from "./debian-packages.ts";
import { fetchPackage, libraryPackages, unpackPackage } from "./debian.ts";
import { withoutSections } from "./elf.ts";
import { hashOf, plainModes, sources } from "./files.ts";
import { withSmallIcu } from "./icu.ts";
import { paths, type Architecture } from "./layout.ts";
import { nodeFolder, nodePackage } from "./node-binary.ts";

/** What the root filesystem of an architecture is made of, and by what, as one hash. */
export const rootfsKey = (architecture: Architecture): string =>
  hashOf(
    ...sources(["elf.ts", "icu.ts", "rootfs.ts"]),
    JSON.stringify([nodePackage(architecture), libraryPackages(architecture), paths]),
  ).slice(0, 16);

/**
 * Makes the root filesystem without the bundle: Node, the shared libraries it links to, `/tmp`, the passwd and group
 * of root, and the licences of all of that. Everything the kernel or Node looks for stands under its own name: no
 * links, no loader cache.
 *
 * @param root an empty folder; owners and times are set when it is copied into the image
 */
export async function makeRootfs(root: string, architecture: Architecture, log: Log): Promise<void> {
  const unpacked = mkdtempSync(join(tmpdir(), "go-frontend-image-"));
  try {
    await addNode(root, unpacked, architecture, log);
    await addLibraries(root, unpacked, architecture, log);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
  text(root, "etc/passwd", "root:x:0:0:root:/:/sbin/nologin\n");
  text(root, "etc/group", "root:x:0:\n");
  mkdirSync(join(root, "tmp"));
  plainModes(root);
  chmodSync(join(root, "tmp"), 0o1777);
}

async function addNode(root: string, unpacked: string, architecture: Architecture, log: Log): Promise<void> {
  const folder = await nodeFolder(architecture, unpacked, log);
  const binary = withSmallIcu(withoutSections(readFileSync(join(folder, "bin", "node"))));
  file(root, paths.node, binary, 0o755);
  file(root, join(paths.licences, "nodejs", "LICENSE"), readFileSync(join(folder, "LICENSE")), 0o644);
}

const triplets: Readonly<Record<Architecture, string>> = {
  amd64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
};

/** The loader stands where the binary's PT_INTERP says, the libraries where the loader looks first. */
function libraries(architecture: Architecture): readonly (readonly [from: string, to: string])[] {
  const folder = `lib/${triplets[architecture]}`;
  const glibc = ["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0"].map(
    (name) => `${folder}/${name}`,
  );
  const gcc = ["libstdc++.so.6", "libatomic.so.1"].map((name) => `usr/${folder}/${name}`);
  const loader = {
    amd64: [`${folder}/ld-linux-x86-64.so.2`, "lib64/ld-linux-x86-64.so.2"],
    arm64: [`${folder}/ld-linux-aarch64.so.1`, "lib/ld-linux-aarch64.so.1"],
  } as const;
  return [
    ...[...glibc, `${folder}/libgcc_s.so.1`, ...gcc].map(
      (from) => [from, from.replace(/^usr\//, "")] as const,
    ),
    loader[architecture],
  ];
}

async function addLibraries(
  root: string,
  unpacked: string,
  architecture: Architecture,
  log: Log,
): Promise<void> {
  const packages = libraryPackages(architecture);
  for (const wanted of packages) {
    const archive = await fetchPackage(wanted, log);
    const files = join(unpacked, wanted.name);
    const control = await unpackPackage(archive, files);
    for (const [from, to] of libraries(architecture)) {
      if (!existsSync(join(files, from))) continue;
      file(root, to, withoutSections(readFileSync(join(files, from))), 0o755);
    }
    // Where scanners look for the packages of an image that has no dpkg database, as distroless images have it.
    text(root, `var/lib/dpkg/status.d/${wanted.name}`, control);
    const notice = join("usr/share/doc", wanted.name, "copyright");
    if (existsSync(join(files, notice))) text(root, notice, readFileSync(join(files, notice), "utf8"));
  }
  for (const [, to] of libraries(architecture)) {
    if (!existsSync(join(root, to))) throw new Error(`no package of ${debianPackages.length} has ${to}`);
  }
}

function file(root: string, path: string, content: Uint8Array, mode: number): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  writeFileSync(target, content);
  chmodSync(target, mode);
}

const text = (root: string, path: string, content: string): void =>
  file(root, path, Buffer.from(content), 0o644);
