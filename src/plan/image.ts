import {
  diagnosticError,
  errorAt,
  expand,
  formatPlatform,
  type LocatedDescription,
  OWN_PATH,
  type Platform,
} from "../description/index.ts";
import { planContent } from "./content.ts";
import { NONROOT } from "./image-users.ts";
import type { InspectedProgram, InspectedService } from "./inspected.ts";
import { standardLabels } from "./oci-labels.ts";
import { UNKNOWN } from "./stamps.ts";
import type { BuildRequest, ImagePlan } from "./types.ts";

/**
 * Where a binary stands in the image unless the description says otherwise: on every base's PATH, shadowing nothing of
 * the system. It is linked there in any case, so that images with it at different places share the step.
 */
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
  located: LocatedDescription,
  request: BuildRequest,
): ImagePlan {
  const { image } = service.description;
  const [first] = service.programs;
  if (first === undefined) throw new Error("a service without a program");
  const fill = templateFiller(first, platform, located, request);
  const isOurs = image.base.kind !== "image";
  const base = isOurs
    ? { kind: image.base.kind }
    : {
        kind: "image" as const,
        reference: image.base.reference,
        at: { file: located.source.filename, range: service.description.rangeOf(["image", "base"]) },
      };
  const filled = (
    key: "env" | "labels",
    entries: Readonly<Record<string, string>>,
  ): readonly (readonly [string, string])[] =>
    withinKey(
      Object.entries(entries).map(([name, value]) => [name, fill(value, ["image", key, name])] as const),
      ["image", key],
      service,
      located,
    );
  const described = filled("env", image.env);
  const content = planContent(service, located, fill);
  const defaults = isOurs ? [["PATH", OWN_PATH] as const] : [];
  return {
    base,
    user: image.user ?? (isOurs ? NONROOT : undefined),
    ports: image.ports,
    env: [...defaults.filter(([name]) => !described.some(([key]) => key === name)), ...described],
    entrypoint: image.entrypoint ?? [first.path],
    args: withinKey(
      image.args.map((value, index) => fill(value, ["image", "args", index])),
      ["image", "args"],
      service,
      located,
    ),
    labels: sorted({
      ...standardLabels(service.name, service.license, first.stamps, request),
      ...Object.fromEntries(filled("labels", image.labels)),
      ...request.labels,
    }),
    workdir: image.workdir ?? (isOurs ? "/" : undefined),
    ...(image.path.length === 0 ? {} : { path: image.path }),
    ...(image.stopSignal === undefined ? {} : { stopSignal: image.stopSignal }),
    ...(image.volumes.length === 0 ? {} : { volumes: image.volumes }),
    ...(content === undefined ? {} : { content }),
  };
}

/** @param most characters that the value may have; absent: as many as one that stands in one line */
export type Filler = (template: string, path: readonly (string | number)[], most?: number) => string;

/** Of one value and of all values of a key, in characters: as the description has it for what is written in it. */
const LONGEST = 4096;
const LONGEST_KEY = 65_536;

/**
 * A function that puts values into `${…}`: build arguments (the client's, else the description's
 * default) and what is known of the build.
 *
 * @throws GF042 at the value when a name is not known, GF040 when it would be longer than a value may be
 */
export function templateFiller(
  { description, service, module, toolchain, stamps }: InspectedProgram,
  platform: Platform,
  located: LocatedDescription,
  request: BuildRequest,
): Filler {
  const known: Record<string, string | undefined> = {
    ...located.description.args,
    ...Object.fromEntries(
      // An argument may be called `constructor`: only what the client itself gave counts.
      Object.keys(located.description.args ?? {}).flatMap((name) =>
        Object.hasOwn(request.buildArgs, name) ? [[name, request.buildArgs[name]]] : [],
      ),
    ),
    ...Object.fromEntries(
      Object.entries(stamps.values).map(([name, stamp]) => [name, stamp.known ? stamp.value : UNKNOWN]),
    ),
    "target.platform": formatPlatform(platform),
    "target.os": platform.os,
    "target.arch": platform.architecture,
    "target.variant": platform.variant ?? "",
    "go.version": toolchain.goVersion,
    "module.path": module.path,
    "service.name": service,
  };
  const lookup = (name: string): string | undefined => (Object.hasOwn(known, name) ? known[name] : undefined);
  return (template, path, most = LONGEST) => {
    const long = longest(template, lookup, most);
    if (long !== undefined) {
      throw tooLong(located, description, path, `is longer than ${most} characters`, long);
    }
    const result = expand(template, lookup);
    if (result.ok) return result.value;
    throw diagnosticError(
      result.problems.map((problem) =>
        errorAt("GF042", problem.message, {
          file: located.source.filename,
          range: description.rangeOf(path),
          help: problem.help ?? "add the name to `args`",
        }),
      ),
    );
  };
}

/** What is put in most of, where the value would be too long with what is put in; it may be a secret, or megabytes. */
function longest(
  template: string,
  lookup: (name: string) => string | undefined,
  most: number,
): string | undefined {
  const lengths = new Map<string, number>();
  const rest = expand(template, (name) => {
    const found = lookup(name);
    if (found === undefined) return undefined;
    lengths.set(name, (lengths.get(name) ?? 0) + found.length);
    return "";
  });
  if (!rest.ok) return undefined;
  const sum = lengths.values().reduce((total, length) => total + length, rest.value.length);
  if (sum <= most) return undefined;
  const [name, length] = [...lengths].toSorted(([, a], [, b]) => b - a)[0] ?? ["", 0];
  return `\`\${${name}}\` stands for ${length} of ${sum} characters: give a shorter value, or write it less often`;
}

/**
 * Values of one key that are not too many together.
 *
 * @throws GF040 at the key
 */
export function withinKey<T extends readonly (string | readonly [string, string])[]>(
  values: T,
  path: readonly string[],
  { description }: Pick<InspectedService, "description">,
  located: LocatedDescription,
): T {
  const sum = values.flat().reduce((total, text) => total + text.length, 0);
  if (sum <= LONGEST_KEY) return values;
  const help = "give shorter values for the variables in it, or write them less often";
  throw tooLong(located, description, path, `holds ${sum} characters; ${LONGEST_KEY} is the most`, help);
}

function tooLong(
  located: LocatedDescription,
  description: InspectedService["description"],
  path: readonly (string | number)[],
  what: string,
  help: string,
): Error {
  const key = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  const message = `${key.slice(1)} ${what} once its variables are put in`;
  return diagnosticError([
    errorAt("GF040", message, {
      file: located.source.filename,
      range: description.rangeOf(path),
      help,
    }),
  ]);
}

function sorted(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
