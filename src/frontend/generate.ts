// What steps of the description write, read from the builder: planning follows imports and embedded files into it.
import type { Entry, SourceTree } from "../facts/index.ts";
import type { GatewayClient, Reference } from "../gateway/index.ts";
import { allowOpsOf, render } from "../graph/index.ts";
import { allowOps, platform as onPlatform, scratch, withCaps } from "../llb/index.ts";
import {
  type Generate,
  type GeneratorPlan,
  generatorSteps,
  type Plan,
  type Resolved,
} from "../plan/index.ts";
import { diagnosticError, errorAt, type LocatedDescription, quote } from "../description/index.ts";
import { askForCredentials, missingCredential } from "./credentials.ts";
import { readDir, remoteTree } from "./context/remote-tree.ts";
import type { FoundImage } from "./images/image-request.ts";
import type { ResolveImage } from "./images/images.ts";
import type { Opened } from "./open.ts";
import { settingsOf } from "./settings.ts";

/** Images of steps, by the reference that the description names. */
export type StepImages = Readonly<Record<string, FoundImage>>;

/** Looks up the images of steps, and of C tools, for the platform on which they run. */
export function resolveStepImages(
  generators: readonly Pick<GeneratorPlan, "image">[],
  platform: Plan["buildPlatform"],
  resolveImage: ResolveImage,
): Promise<StepImages> {
  const images = generators.map(({ image }) => image);
  return resolveNamed(images, "step", platform, resolveImage);
}

/** Looks up the images that profiles are in. */
export function resolveProfileImages(
  { service, buildPlatform }: Plan,
  resolveImage: ResolveImage,
): Promise<StepImages> {
  const profiles = service.platforms.flatMap(({ links }) =>
    links.flatMap(({ variant }) => variant.profiles ?? []),
  );
  const images = profiles.flatMap((profile) => (profile.kind === "image" ? [profile] : []));
  return resolveNamed(images, "profile", buildPlatform, resolveImage);
}

async function resolveNamed(
  images: readonly GeneratorPlan["image"][],
  use: "step" | "profile",
  platform: Plan["buildPlatform"],
  resolveImage: ResolveImage,
): Promise<StepImages> {
  const found = images.map(async ({ reference, at }) => {
    const image = await resolveImage({ reference, platform, use, at });
    return [reference, image] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** The tree that the client puts in the place of a step's image. */
export function stateOfStepImage(images: StepImages, reference: string): FoundImage["state"] {
  return Object.values(images).find((image) => image.reference === reference)?.state;
}

/**
 * Runs steps of the description where planning looks at what they write, and no others.
 *
 * @throws GF056 from the trees that it gives, for an output that is not there when its step has ended
 */
export function generatedBy(
  client: GatewayClient,
  { options, context, buildPlatform, solve }: Opened,
  located: LocatedDescription,
  resolveImage: ResolveImage,
): Generate {
  const begin = async (
    generators: readonly GeneratorPlan[],
  ): Promise<(name: string) => Promise<Reference>> => {
    const credentials = generators.flatMap((generator) => generator.credentials);
    const [stepImages, allThere] = await Promise.all([
      resolveStepImages(generators, buildPlatform, resolveImage),
      askForCredentials(client, credentials, located),
    ]);
    const resolved: Resolved = {
      toolchain: { reference: "", config: {} },
      bases: {},
      stepImages,
      context: context.rules,
      settings: settingsOf(client, options),
      description: located.source,
    };
    const build = generatorSteps(generators, { buildPlatform }, resolved);
    const state = render(build, {
      context: context.files,
      image: ({ reference }) => stateOfStepImage(stepImages, reference) ?? scratch(),
    });
    const checks = [withCaps(client.llbCaps.ids), allowOps(allowOpsOf(build.steps))];
    return async (name) => {
      const definition = state(build.written(name)).marshal(onPlatform(buildPlatform), ...checks);
      try {
        return await solve(definition, { cacheImports: options.cacheImports, evaluate: true });
      } catch (error) {
        const missing = allThere
          ? []
          : credentials.flatMap((credential) => missingCredential(error, credential, located) ?? []);
        throw missing.length > 0 ? diagnosticError(missing.slice(0, 1)) : error;
      }
    };
  };
  return (generators) => {
    let begun: ReturnType<typeof begin> | undefined;
    return generators.flatMap((generator) => {
      let written: Promise<SourceTree> | undefined;
      const run = async (): Promise<SourceTree> => {
        begun ??= begin(generators);
        const reference = await (await begun)(generator.name);
        await checkOutputs(reference, generator);
        return remoteTree(reference);
      };
      const from = lateTree(() => (written ??= run()));
      return generator.outputs.map(({ path }) => ({ path, from }));
    });
  };
}

/** A tree that is there when it is first looked into. */
function lateTree(open: () => Promise<SourceTree>): SourceTree {
  return {
    list: async (dirs) => (await open()).list(dirs),
    read: (ranges) =>
      ranges.map(async (range) => {
        const [bytes] = (await open()).read([range]);
        if (bytes === undefined) throw new Error(`${range.path} was not read`);
        return bytes;
      }),
  };
}

async function checkOutputs(reference: Reference, { name, outputs }: GeneratorPlan): Promise<void> {
  const found = outputs.map(async ({ path, at }) => {
    const slash = path.lastIndexOf("/");
    const entries = await readDir(reference, slash < 0 ? "." : path.slice(0, slash));
    if (entries?.some((entry: Entry) => entry.name === path.slice(slash + 1)) === true) return [];
    const message = `the step ${quote(name)} ended well and did not write ${path}`;
    return [
      errorAt("GF056", message, {
        ...at,
        help: "outputs are relative to the build context, wherever the step starts: correct the path, or have the program write there",
      }),
    ];
  });
  const missing = (await Promise.all(found)).flat();
  if (missing.length > 0) throw diagnosticError(missing);
}
