import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** What is built: a folder with a description, or a public module. */
export type Subject =
  | Readonly<{ kind: "folder"; folder: string; file?: string }>
  | Readonly<{ kind: "module"; module: string; version: string; main?: string; file?: string }>;

export interface DemoOptions {
  readonly subject: Subject;
  /** As `--platform` of docker buildx; empty: what the description says, or the builder's own. */
  readonly platforms: readonly string[];
  /** As `--target` of docker buildx: which of several services. */
  readonly target?: string;
  /** As `rig/external.ts` takes it, or `auto`; undefined: what the user has, or else one of the demo's own. */
  readonly builder?: string;
  /** The rig to build with. */
  readonly rig?: string;
  /** Arguments to run the image with instead of its own, until it ends. */
  readonly run?: readonly string[];
  /** The path that is asked for when the service listens. */
  readonly call: string;
}

export const usage = `usage: npm run demo                                  builds and runs examples/orders
       npm run demo -- PATH [-f FILE]               any folder with a description
       npm run demo -- MODULE@VERSION [--main PKG]  a public module, fetched through the Go module proxy
                                                    (-f FILE: with this description)

  --platform P[,P]    target platforms, such as linux/amd64,linux/arm64
  --target NAME       which of several services that the description has
  --builder NAME      an address (unix://…, tcp://…), a builder of docker buildx, or \`rig\` for a buildkitd of
                      the demo's own (default: BUILDKIT_HOST, or else the Docker Engine that runs, or else
                      one of the demo's own)
  --rig NAME          a buildkitd of the demo's own with this name, which has its own build cache
  --call PATH         what to ask for when the service listens (default: /)
  --run ARG…          run the image with these arguments, until it ends; everything after --run is the image's
`;

const repository = resolve(fileURLToPath(import.meta.url), "..", "..", "..");

/** The folder of the example that the demo builds when nothing else is named. */
export const ordersExample = join(repository, "examples", "orders");

/** A mistake in the command line. */
export const usageError = (message: string): Error =>
  Object.assign(new Error(message), { name: "UsageError" });

function subjectOf(
  word: string | undefined,
  values: Readonly<{ main: string | undefined; file: string | undefined }>,
  caller: string,
): Subject {
  const folder = word === undefined ? ordersExample : resolve(caller, word);
  if (existsSync(folder)) {
    if (values.main !== undefined) {
      throw usageError("--main is for MODULE@VERSION; a folder's description says `main:`");
    }
    return { kind: "folder", folder, ...(values.file === undefined ? {} : { file: values.file }) };
  }
  const [module = "", version, more] = (word ?? "").split("@");
  if (version === undefined || version === "" || more !== undefined || module.startsWith(".")) {
    throw usageError(
      `${String(word)} is neither a folder nor MODULE@VERSION (for the newest version: MODULE@latest)`,
    );
  }
  if (values.main !== undefined && values.file !== undefined) throw usageError("--main or --file, not both");
  return {
    kind: "module",
    module,
    version,
    ...(values.main === undefined ? {} : { main: values.main }),
    ...(values.file === undefined ? {} : { file: resolve(caller, values.file) }),
  };
}

/**
 * Reads the command line.
 *
 * @param caller the folder relative paths start from
 * @returns undefined when help was asked for
 * @throws UsageError
 */
export function readOptions(argv: readonly string[], caller: string): DemoOptions | undefined {
  const at = argv.indexOf("--run");
  const { values, positionals } = parse(at < 0 ? argv : argv.slice(0, at));
  if (values.help) return undefined;
  if (values.builder !== undefined && values.builder !== "rig" && values.rig !== undefined) {
    throw usageError("--rig names a buildkitd of the demo's own: not beside --builder");
  }
  if (positionals.length > 1) throw usageError(`one thing at a time: ${positionals.join(" ")}`);
  return {
    subject: subjectOf(positionals[0], { main: values.main, file: values.file }, caller),
    platforms: values.platform.flatMap((text) => text.split(",")).filter((text) => text !== ""),
    ...(values.rig === undefined ? {} : { rig: values.rig }),
    call: values.call,
    ...(values.target === undefined ? {} : { target: values.target }),
    ...(values.builder === undefined ? {} : { builder: values.builder }),
    ...(at < 0 ? {} : { run: argv.slice(at + 1) }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        main: { type: "string" },
        file: { type: "string", short: "f" },
        platform: { type: "string", multiple: true, default: [] },
        target: { type: "string" },
        builder: { type: "string" },
        rig: { type: "string" },
        call: { type: "string", default: "/" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw usageError((error as Error).message);
  }
}
