import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadsFolder, type Log, mirrorReference, type RigInstance, runCommand } from "../../rig/index.ts";

/** What stands in for `node:24`, by exact versions of npm packages. */
const NODE = { image: "node:24", node: "24.22.3", npm: "11.19.1" } as const;

type Place = Pick<RigInstance, "registry"> & Readonly<{ tools: Readonly<{ crane: string }> }>;

/**
 * Puts a stand-in for `node:24` into the registry: Debian's stand-in, and Node and npm as npm's registry has them.
 *
 * @param caBundle CA roots that its programs trust, where TLS is re-signed on the way
 */
export async function provideNode(
  { registry, tools }: Place,
  caBundle: string | undefined,
  log: Log,
): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "go-frontend-node-"));
  try {
    const root = join(work, "root");
    const lib = join(root, "usr", "local", "lib", "node_modules", "npm");
    const bin = join(root, "usr", "local", "bin");
    for (const folder of [lib, bin]) mkdirSync(folder, { recursive: true });
    const node = await packed(`node-linux-${process.arch === "arm64" ? "arm64" : "x64"}`, NODE.node);
    await runCommand("tar", ["-xzf", node, "-C", bin, "--strip-components=2", "package/bin/node"]);
    await runCommand("tar", ["-xzf", await packed("npm", NODE.npm), "-C", lib, "--strip-components=1"]);
    symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(bin, "npm"));
    const variables = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
    if (caBundle !== undefined) {
      const place = "/usr/local/share/ca-bundle.crt";
      mkdirSync(join(root, "usr", "local", "share"), { recursive: true });
      cpSync(caBundle, join(root, place));
      variables.push(`NODE_EXTRA_CA_CERTS=${place}`, `npm_config_cafile=${place}`);
    }
    const layer = join(work, "layer.tar");
    const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
    await runCommand("tar", ["-c", "-f", layer, ...same, "-C", root, "."]);
    const target = mirrorReference(registry, NODE.image);
    const base = mirrorReference(registry, "debian:bookworm-slim");
    const platform = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;
    const image = ["--base", base, "--new_layer", layer, "--new_tag", target];
    await runCommand(tools.crane, ["append", "--insecure", "--platform", platform, ...image]);
    const env = variables.flatMap((variable) => ["--env", variable]);
    await runCommand(tools.crane, ["mutate", "--insecure", ...env, "--tag", target, target]);
    log(`stand-in for ${NODE.image}: Node ${NODE.node} and npm ${NODE.npm} of npm's registry on Debian's`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** An npm package's archive, fetched by npm, which checks its hash. */
async function packed(name: string, version: string): Promise<string> {
  const folder = join(downloadsFolder(), "npm");
  const archive = join(folder, `${name}-${version}.tgz`);
  if (existsSync(archive)) return archive;
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(folder, "download-"));
  try {
    writeFileSync(join(temporary, "package.json"), "{}");
    await runCommand("npm", ["pack", `${name}@${version}`, "--pack-destination", temporary], {
      cwd: temporary,
    });
    cpSync(join(temporary, `${name}-${version}.tgz`), archive);
    return archive;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
