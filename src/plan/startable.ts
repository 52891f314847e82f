import { posix } from "node:path";
import {
  type Diagnostic,
  errorAt,
  type LocatedDescription,
  OWN_PATH,
  quote,
  type ServiceDescription,
  suggest,
  warningAt,
} from "../description/index.ts";
import type { ImageFiles } from "./image-file.ts";
import { followLinks } from "./image-links.ts";
import { staticId, STATIC_USERS } from "./image-users.ts";

/** What is put into the image. */
interface Executable {
  readonly name: string;
  readonly path: string;
}

/**
 * What an image would start with and does not hold: its user, its program. `static` and `scratch` are made here, so
 * all that is in them is known. Of another base only the place of the service's binary is known: a path that seems to
 * mean it and misses it is a warning.
 */
export function startProblems(
  description: ServiceDescription,
  programs: readonly Executable[],
  files: readonly ImageFiles[],
  located: LocatedDescription,
): readonly Diagnostic[] {
  const user = userProblem(description.image);
  const others = files.flatMap((entry) => entry.files.map(({ path }) => path));
  const program = programProblem(description.image, programs, others);
  const at = (...path: readonly (string | number)[]) => ({
    file: located.source.filename,
    range: description.rangeOf(["image", ...path]),
  });
  const place = startedBy(description.image).at;
  const report = description.image.base.kind === "image" ? warningAt : errorAt;
  return [
    ...(user === undefined ? [] : [errorAt("GF045", user.message, { ...at("user"), help: user.help })]),
    ...(program === undefined
      ? []
      : [report("GF045", program.message, { ...at(...place), help: program.help })]),
  ];
}

type Image = ServiceDescription["image"];

/** The program that a description names, and where in `image` it does. */
export function startedBy({ entrypoint, args }: Image): {
  readonly program: string | undefined;
  readonly at: readonly (string | number)[];
} {
  if (entrypoint === undefined || entrypoint.length > 0) {
    return { program: entrypoint?.[0], at: ["entrypoint", 0] };
  }
  return args.length > 0 ? { program: args[0], at: ["args", 0] } : { program: undefined, at: ["entrypoint"] };
}

interface Words {
  readonly message: string;
  readonly help: string;
}

const isId = (text: string): boolean => /^[0-9]+$/.test(text);

/** Names are looked up in the image's own files when a container starts; ids are not (opencontainers/image-spec:config.md). */
function userProblem({ base, user }: Image): Words | undefined {
  if (base.kind === "image" || user === undefined) return undefined;
  const parts = user.split(":");
  const [id = ""] = parts;
  // The service's id gets the name nonroot, unless it has one of the other two.
  const names = Object.keys(STATIC_USERS).filter(
    (name) => name !== "nonroot" || !["0", "65534"].includes(id),
  );
  const present = base.kind === "scratch" ? [] : names;
  const unknown = parts.find((part) => !isId(part) && !present.includes(part));
  if (unknown === undefined) return undefined;

  const [what, file] = unknown === id ? ["user", "/etc/passwd"] : ["group", "/etc/group"];
  const ids = parts.map((part) => (isId(part) ? part : (staticId(part) ?? STATIC_USERS.nonroot))).join(":");
  const near = suggest(unknown, present);
  const corrected = parts.map((part) => (part === unknown ? (near ?? part) : part)).join(":");
  return base.kind === "scratch"
    ? {
        message: `scratch has no ${file}, so the ${what} ${quote(unknown)} cannot be found`,
        help: `write \`user: ${ids}\``,
      }
    : {
        message: `the ${what} ${quote(unknown)} is not in the ${file} of static`,
        help: `write \`user: ${near === undefined ? ids : corrected}\`; the names in it are ${present.join(", ")}, and every id can be used`,
      };
}

/** @param others files that are put into the image, one of which may be a program */
function programProblem(
  image: Image,
  programs: readonly Executable[],
  others: readonly string[],
): Words | undefined {
  const { program, at } = startedBy(image);
  const [first] = programs;
  const isFilled = at[0] === "args" && program?.includes("${") === true;
  if (first === undefined || isFilled) return undefined;
  if (program === undefined) {
    return image.entrypoint === undefined
      ? undefined
      : {
          message: "the image has neither an entrypoint nor arguments, so it starts nothing",
          help: `write \`args: [${first.path}]\` beside it, or leave \`entrypoint\` out`,
        };
  }
  const paths = new Set([...programs.map(({ path }) => path), ...others]);
  const leadsToProgram = (path: string): boolean => paths.has(followLinks(path, image.links) ?? "");
  const named = program.includes("/")
    ? [posix.resolve(image.workdir ?? "/", program)]
    : [...paths, ...Object.keys(image.links)].filter(
        (path) => program === posix.basename(path) && isOnPath(image, posix.dirname(path)),
      );
  if (named.some(leadsToProgram)) return undefined;
  const meant = programs.find(({ name, path }) =>
    [name, posix.basename(path)].includes(posix.basename(program)),
  );
  const binary = (meant ?? first).path;
  if (image.base.kind !== "image") {
    const all = programs.map(({ path }) => path).join(", ");
    return {
      message: `${quote(program)} is not in the image: all that ${image.base.kind} can run is the service's ${programs.length > 1 ? "binaries" : "binary"}, ${all}`,
      help: `write \`${binary}\`, or choose a base that has the program, like \`base: debian:bookworm-slim\``,
    };
  }
  if (!program.startsWith("/") || meant === undefined) return undefined;
  return {
    message: `the service's binary is ${binary}, not ${quote(program)}`,
    help: `write \`${binary}\``,
  };
}

/** Whether a program of that folder is found by its name; a PATH with a variable in it is taken to name the folder. */
function isOnPath({ env, path: before }: Image, folder: string): boolean {
  const path = [...before, env["PATH"] ?? OWN_PATH].join(":");
  return path.includes("${") || path.split(":").includes(folder);
}
