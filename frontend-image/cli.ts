// `npm run frontend-image -- build|push|try|report`: the frontend image, without anything that uses it.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureTools, logToStderr as log, up } from "../rig/index.ts";
import { transports } from "./bundle.ts";
import { buildFrontendImage, type BuiltImage, gzipForm } from "./build.ts";
import { type Architecture, architectures } from "./layout.ts";
import type { CheckedPlatform } from "./oci.ts";
import { pushFrontendImage, pushTo } from "./push.ts";
import { reportFrontendImage } from "./report.ts";
import { tryFrontendImage } from "./try.ts";

const usage = `usage: npm run frontend-image -- build [OPTION…]             builds it, prints where the OCI layout is
       npm run frontend-image -- push [--gzip] [OPTION…]     pushes it to the rig's registry
       npm run frontend-image -- push --to REPOSITORY [--tag TAG]… [OPTION…]
                                                             pushes it anywhere, in both forms, and reads it back;
                                                             prints REPOSITORY@DIGEST, gzip's first
       npm run frontend-image -- try REPOSITORY@DIGEST       pulls it into an empty daemon and builds an example
       npm run frontend-image -- report                      sizes, start-up time and memory
  --platform ARCH   amd64 or arm64; may be repeated; default: both
  --emulate         fill the other architecture's compile cache in qemu (63 MB from Debian)
  --gzip            also as gzip, for builders that cannot read zstd: TAG-gzip, and gzip for latest
  --transport NAME  own or grpc-js: what speaks gRPC with BuildKit; default: own
  --into FOLDER     build: make all of it anew, there
  --rig NAME        push, report: whose registry gets it; default: default`;

const isArchitecture = (name: string): name is Architecture =>
  (architectures as readonly string[]).includes(name);

async function build(values: Options): Promise<BuiltImage> {
  const platforms = (values.platform ?? architectures).filter(isArchitecture);
  if (platforms.length !== (values.platform ?? architectures).length) throw new Error(usage);
  const transport = transports.find((name) => name === (values.transport ?? "own"));
  if (transport === undefined) throw new Error(usage);
  return buildFrontendImage({
    log,
    platforms,
    emulate: values.emulate === true,
    transport,
    ...(values.into === undefined ? {} : { into: resolve(values.into) }),
  });
}

function saySizes(what: string, platforms: readonly CheckedPlatform[]): void {
  for (const { architecture, compressed } of platforms) {
    log(`frontend image, ${what}: linux/${architecture} ${(compressed / 1e6).toFixed(1)} MB compressed`);
  }
}

interface Options {
  readonly platform?: string[];
  readonly emulate?: boolean;
  readonly transport?: string;
  readonly gzip?: boolean;
  readonly into?: string;
  readonly rig?: string;
  readonly to?: string;
  readonly tag?: string[];
}

/** The image, and its gzip form before it where that is asked for. */
async function forms(values: Options): Promise<readonly BuiltImage[]> {
  const image = await build(values);
  return values.gzip === true || values.to !== undefined ? [await gzipForm(image, log), image] : [image];
}

async function push(values: Options): Promise<void> {
  const images = await forms(values);
  if (values.to !== undefined) {
    const { crane } = await ensureTools(["crane"], log);
    for (const image of images) {
      const { reference, platforms } = await pushTo(image, values.to, values.tag ?? [], crane, log);
      saySizes(`pushed as ${image.form}`, platforms);
      console.log(reference);
    }
    return;
  }
  const rig = await upWith(values);
  try {
    for (const image of images) {
      const { reference, platforms } = await pushFrontendImage(image, rig, log);
      saySizes(`pushed as ${image.form}`, platforms);
      console.log(reference);
    }
  } finally {
    await rig.release();
  }
}

async function report(values: Options): Promise<void> {
  const image = await build(values);
  const rig = await upWith(values);
  try {
    console.log(await reportFrontendImage(image, rig, log));
  } finally {
    await rig.release();
  }
}

const upWith = ({ rig }: Options) =>
  up({ log, ephemeral: true, ...(rig === undefined ? {} : { name: rig }) });

async function main(argv: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      platform: { type: "string", multiple: true },
      emulate: { type: "boolean" },
      transport: { type: "string" },
      gzip: { type: "boolean" },
      into: { type: "string" },
      rig: { type: "string" },
      to: { type: "string" },
      tag: { type: "string", multiple: true },
    },
  });
  const [command, ...others] = positionals;
  const [reference] = others;
  if (others.length !== (command === "try" ? 1 : 0)) throw new Error(usage);
  switch (command) {
    case "build": {
      const image = await build(values);
      saySizes("built", image.platforms);
      console.log(`${image.layout}\n${image.digest}`);
      return;
    }
    case "push":
      return push(values);
    case "try":
      for (const line of await tryFrontendImage(reference ?? "", () => undefined)) console.log(line);
      return;
    case "report":
      return report(values);
    default:
      throw new Error(usage);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
