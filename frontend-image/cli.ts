// `npm run frontend-image -- build|push|report`: the frontend image, without anything that uses it.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { logToStderr as log, up } from "../rig/index.ts";
import { buildFrontendImage, type BuiltImage } from "./build.ts";
import { type Architecture, architectures } from "./layout.ts";
import { pushFrontendImage, pushTo } from "./push.ts";
import { reportFrontendImage } from "./report.ts";

const usage = `usage: npm run frontend-image -- build [OPTION…]             builds it, prints where the OCI layout is
       npm run frontend-image -- push [OPTION…]              pushes it to the rig's registry
       npm run frontend-image -- push --to REPOSITORY [--tag TAG]… [OPTION…]
                                                             pushes it anywhere, prints REPOSITORY@DIGEST
       npm run frontend-image -- report                      sizes, start-up time and memory
  --platform ARCH   amd64 or arm64; may be repeated; default: both
  --emulate         fill the other architecture's compile cache in qemu (63 MB from Debian)
  --into FOLDER     build: make the layout there, even if the same sources were built before
  --rig NAME        the rig to build with; default: default`;

const isArchitecture = (name: string): name is Architecture =>
  (architectures as readonly string[]).includes(name);

const build = async (values: Options): Promise<{ readonly image: BuiltImage; readonly rig: Rig }> => {
  const platforms = (values.platform ?? architectures).filter(isArchitecture);
  if (platforms.length !== (values.platform ?? architectures).length) throw new Error(usage);
  const rig = await up({ log, ephemeral: true, ...(values.rig === undefined ? {} : { name: values.rig }) });
  const image = await buildFrontendImage({
    builder: rig,
    log,
    platforms,
    emulate: values.emulate === true,
    ...(values.into === undefined ? {} : { into: resolve(values.into) }),
  });
  for (const { architecture, compressed } of image.sizes) {
    log(`frontend image: linux/${architecture} ${(compressed / 1e6).toFixed(1)} MB compressed`);
  }
  return { image, rig };
};

type Rig = Awaited<ReturnType<typeof up>>;
type Options = Readonly<{
  platform?: string[];
  emulate?: boolean;
  into?: string;
  rig?: string;
  to?: string;
  tag?: string[];
}>;

const main = async (argv: string[]): Promise<void> => {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      platform: { type: "string", multiple: true },
      emulate: { type: "boolean" },
      into: { type: "string" },
      rig: { type: "string" },
      to: { type: "string" },
      tag: { type: "string", multiple: true },
    },
  });
  const [command, ...others] = positionals;
  if (others.length > 0 || !["build", "push", "report"].includes(command ?? "")) throw new Error(usage);
  const { image, rig } = await build(values);
  try {
    if (command === "build") console.log(`${image.layout}\n${image.digest}`);
    if (command === "report") console.log(await reportFrontendImage(image, rig, log));
    if (command === "push") {
      const pushed =
        values.to === undefined
          ? await pushFrontendImage(image, rig, log)
          : await pushTo(image, values.to, values.tag ?? [], rig.tools.crane, log);
      console.log(pushed);
    }
  } finally {
    await rig.release();
  }
};

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
