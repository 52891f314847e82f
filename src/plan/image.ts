import {
  diagnosticError,
  errorAt,
  expand,
  formatPlatform,
  type LocatedSpec,
  OWN_PATH,
  type Platform,
} from "../spec/index.ts";
import type { InspectedService } from "./inspect.ts";
import type { BuildRequest, ImagePlan } from "./types.ts";

/** Where the binary stands in the image: on every base's PATH, shadowing nothing of the system. */
export function binaryPath(name: string): string {
  return `/usr/local/bin/${name}`;
}

/**
 * The bare executable's name, as `go build` gives it (golang/go:src/cmd/go/internal/cfg/cfg.go, ExeSuffix): Windows runs
 * what ends in `.exe`.
 */
export function executableName(name: string, { os }: Platform): string {
  return os === "windows" && !name.toLowerCase().endsWith(".exe") ? `${name}.exe` : name;
}

/** The image of one service for one platform: what goes into its config, and what it stands on. */
export function planImage(
  service: InspectedService,
  platform: Platform,
  located: LocatedSpec,
  request: BuildRequest,
): ImagePlan {
  const { image } = service.spec;
  const fill = templateFiller(service, platform, located, request);
  const own = image.base.kind !== "image";
  const base = own
    ? { kind: image.base.kind }
    : {
        kind: "image" as const,
        reference: image.base.reference,
        at: { file: located.source.filename, range: service.spec.rangeOf(["image", "base"]) },
      };
  const described = Object.entries(image.env).map(
    ([name, value]) => [name, fill(value, ["image", "env", name])] as const,
  );
  const defaults = own ? [["PATH", OWN_PATH] as const] : [];
  return {
    base,
    user: image.user ?? (own ? "65532:65532" : undefined),
    ports: image.ports,
    env: [...defaults.filter(([name]) => !described.some(([each]) => each === name)), ...described],
    entrypoint: image.entrypoint ?? [binaryPath(service.name)],
    args: image.args.map((value, index) => fill(value, ["image", "args", index])),
    labels: sorted({
      ...(request.revision === undefined ? {} : { "org.opencontainers.image.revision": request.revision }),
      ...(request.origin === undefined ? {} : { "org.opencontainers.image.source": request.origin }),
      ...Object.fromEntries(
        Object.entries(image.labels).map(([name, value]) => [name, fill(value, ["image", "labels", name])]),
      ),
      ...request.labels,
    }),
    workdir: image.workdir ?? (own ? "/" : undefined),
  };
}

/** Value of git facts in a build whose client sent none, such as buildctl: the same file builds everywhere. */
const UNKNOWN = "unknown";

export type Filler = (template: string, path: readonly (string | number)[]) => string;

/**
 * A function that puts values into `${…}`: build arguments (the client's, else the description's
 * default) and what is known of the build.
 *
 * @throws GF042 at the value when a name is not known
 */
export function templateFiller(
  service: InspectedService,
  platform: Platform,
  located: LocatedSpec,
  request: BuildRequest,
): Filler {
  const known: Record<string, string | undefined> = {
    ...located.spec.args,
    ...Object.fromEntries(
      // An argument may be called `constructor`: only what the client itself gave counts.
      Object.keys(located.spec.args ?? {}).flatMap((name) =>
        Object.hasOwn(request.buildArgs, name) ? [[name, request.buildArgs[name]]] : [],
      ),
    ),
    "git.commit": request.revision ?? UNKNOWN,
    "git.source": request.origin ?? UNKNOWN,
    "target.platform": formatPlatform(platform),
    "target.os": platform.os,
    "target.arch": platform.architecture,
    "target.variant": platform.variant ?? "",
    "go.version": service.toolchain.goVersion,
    "module.path": service.module.path,
    "service.name": service.name,
  };
  return (template, path) => {
    const result = expand(template, (name) => (Object.hasOwn(known, name) ? known[name] : undefined));
    if (result.ok) return result.value;
    throw diagnosticError(
      result.problems.map((problem) =>
        errorAt("GF042", problem.message, {
          file: located.source.filename,
          range: service.spec.rangeOf(path),
          help: problem.help ?? "add the name to `args`",
        }),
      ),
    );
  };
}

function sorted(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
