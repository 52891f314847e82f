import type { GatewayClient, Result } from "../gateway/index.ts";
import { scratch } from "../llb/index.ts";
import {
  type BuildRequest,
  BUSYBOX,
  cgoProblems,
  type GeneratorPlan,
  type ImageStep,
  inspect,
  type Inspected,
  type Listing,
  isImage,
  type Plan,
  planBuild,
  type ToolchainPlan,
  toolchainNames,
} from "../plan/index.ts";
import { type Diagnostic, diagnosticError, formatPlatform, parseDescription } from "../description/index.ts";
import { type Attempt, solvePlan } from "./attempt.ts";
import {
  generatedBy,
  resolveProfileImages,
  resolveStepImages,
  stateOfStepImage,
  type StepImages,
} from "./generate.ts";
import { basePlatformWarnings } from "./base-platform.ts";
import { checkBuilder } from "./builder.ts";
import { askForCredentials } from "./credentials.ts";
import { isAsChosen } from "./images/as-chosen.ts";
import type { FoundImage } from "./images/image-request.ts";
import { imageResolver, type ResolveImage } from "./images/images.ts";
import type { Opened } from "./open.ts";
import { checkOptions, unusedOptions } from "./options/option-checks.ts";
import { settingsOf } from "./settings.ts";
import { answerSubrequest } from "./subrequests.ts";
import { warn } from "./warnings.ts";

/**
 * One build, from its description to references that BuildKit exports.
 *
 * The references are lazy: BuildKit runs the steps after this process has ended, and prints what fails
 * at the description's lines. Only what the plan is made from is run from here, and what is begun beside it.
 */
export async function build(client: GatewayClient, opened: Opened): Promise<Result> {
  const { options, context, contexts, buildPlatform, solve } = opened;
  if (context.problems.length > 0) throw diagnosticError(context.problems);
  const parsed = parseDescription({ filename: options.filename, bytes: context.description });
  if (options.requestId !== undefined) {
    const { tree, findCommit } = context;
    const known = { findCommit, contexts };
    return answerSubrequest(options.requestId, { parsed, tree, options, builder: client, known });
  }
  if (!parsed.ok) throw diagnosticError(parsed.diagnostics);
  const { located } = parsed;

  const resolveImage = imageResolver(client, options);
  const resolveToolchain = ({ reference, at }: ToolchainPlan): Promise<FoundImage> =>
    resolveImage({ reference, platform: buildPlatform, use: "toolchain", at });
  // Begun early, awaited below; a failure is reported there, after those of the source tree.
  const resolveEarly = (chosen: ToolchainPlan): void => void resolveToolchain(chosen).catch(() => {});
  const generate = generatedBy(client, opened, located, resolveImage);
  const inspectFor = (request: BuildRequest, back: readonly string[] = []): Promise<Inspected> =>
    inspect(located, context.tree, request, {
      onToolchain: resolveEarly,
      importedBack: back,
      findCommit: context.findCommit,
      generate,
      contexts,
    });

  const asked = await inspectFor(options.request);
  const chosen = planBuild(located, asked, options.request);
  refuse([...checkBuilder(client, [chosen], located.source), ...checkOptions(options, [chosen])]);
  const [toolchain, bases, shells, stepImages, profileImages, allThere] = await Promise.all([
    resolveToolchain(chosen.toolchain),
    resolveBases(chosen, resolveImage),
    resolveShells(chosen, resolveImage),
    resolveStepImages(
      [...(chosen.service.generated?.generators ?? []), ...toolImages(chosen)],
      buildPlatform,
      resolveImage,
    ),
    resolveProfileImages(chosen, resolveImage),
    askForCredentials(client, chosen.modules[0]?.auth ?? [], located),
  ]);

  const isExpected = isAsChosen(chosen.toolchain, toolchain.config);
  const imageContexts = toolchainNames(chosen.toolchain.reference);
  const request = isExpected ? options.request : { ...options.request, imageContexts };
  const inspected = isExpected ? asked : await inspectFor(request);
  const plan = isExpected ? chosen : planBuild(located, inspected, request);
  const warnAbout = (warnings: readonly Diagnostic[]): Promise<void> =>
    warn(client, context, located, warnings);
  await warnAbout([
    ...parsed.warnings,
    ...inspected.warnings,
    ...basePlatformWarnings(plan, bases),
    ...unusedOptions(options),
  ]);

  const service = inspected.services.find(({ name }) => name === plan.service.name);
  const attempt: Attempt = {
    client,
    solve,
    located,
    options,
    allThere,
    resolved: {
      toolchain,
      bases,
      shells,
      stepImages,
      profileImages,
      context: context.rules,
      settings: settingsOf(client, options),
      description: located.source,
    },
    lookAt: async (steps) => {
      await Promise.all([
        context.lookAt(steps.filter(({ named }) => named === undefined)),
        contexts.lookAt(steps),
      ]);
    },
    inputs: {
      context: (step) => (step.named === undefined ? context : contexts).files(step),
      image: (step) =>
        replacement(
          step,
          toolchain,
          { base: bases, shell: shells },
          {
            step: stepImages,
            profile: profileImages,
          },
        ) ?? scratch(),
    },
    checkListing: async (listing: Listing) => {
      const found = service === undefined ? [] : cgoProblems(service, listing, options.filename);
      refuse(found.filter(({ severity }) => severity === "error"));
      await warnAbout(found);
    },
    planAgain: async (learned, back) => {
      const known = back.length === 0 ? inspected : await inspectFor(request, back);
      return planBuild(located, known, request, learned);
    },
  };
  return solvePlan(attempt, plan);
}

function refuse(errors: readonly Diagnostic[]): void {
  if (errors.length > 0) throw diagnosticError(errors);
}

/** The distribution that C tools are installed from. */
function toolImages({ service }: Plan): readonly Pick<GeneratorPlan, "image">[] {
  const tools = service.platforms.flatMap(({ links }) =>
    links.flatMap(({ variant }) => variant.cTools ?? []),
  );
  return tools.slice(0, 1).map(({ image, at }) => ({ image: { reference: image, at } }));
}

/** The images that those of the plan stand on, by platform. */
async function resolveBases(
  { output, service }: Plan,
  resolveImage: ResolveImage,
): Promise<Readonly<Record<string, FoundImage>>> {
  if (!isImage(output)) return {};
  const found = service.platforms.map(async ({ id, platform, image: { base } }) => {
    if (base.kind !== "image") return [];
    const { reference, at } = base;
    return [[id, await resolveImage({ reference, platform, use: "base", at })] as const];
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}

/** The images that the shell beside the debugger is taken from, by platform. */
async function resolveShells(
  { debugger: wanted, service }: Plan,
  resolveImage: ResolveImage,
): Promise<Readonly<Record<string, FoundImage>>> {
  if (wanted === undefined) return {};
  const found = service.platforms.map(async ({ id, platform }) => {
    const image = await resolveImage({ reference: BUSYBOX, platform, use: "shell", at: wanted.at });
    return [id, image] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** The tree that the client puts in the place of an image. */
function replacement(
  { use, platform, reference }: ImageStep,
  toolchain: FoundImage,
  ofPlatform: Readonly<Record<"base" | "shell", Readonly<Record<string, FoundImage>>>>,
  others: Readonly<Record<"step" | "profile", StepImages>>,
): FoundImage["state"] {
  switch (use) {
    case "toolchain":
      return toolchain.state;
    case "base":
    case "shell":
      return ofPlatform[use][formatPlatform(platform)]?.state;
    case "step":
    case "profile":
      return stateOfStepImage(others[use], reference);
  }
}
