import { diagnosticError, errorAt, formatPlatform, type Platform } from "../description/index.ts";
import { commandByHand, flagsOf, isQuotable, linkCommand } from "./flags.ts";
import { fileWithGodebug } from "./godebug.ts";
import { hashOf } from "./hash.ts";
import { binaryPath, templateFiller, withinKey } from "./image.ts";
import type { InspectedProgram } from "./inspected.ts";
import { mainLabel, moduleLabel, profileLabel, relativeTo, stepName } from "./labels.ts";
import { PATHS } from "./paths.ts";
import { compileKey } from "./peers.ts";
import type { ProgramPlanning } from "./planning.ts";
import { isPlain, onPlatform } from "./scanned.ts";
import { cutterOf, isReusable, type OwnPackages } from "./strata.ts";
import type { LinkPlan, OwnPlan, ProgramPlan } from "./types.ts";
import { planVariant } from "./variant.ts";

/**
 * How a program's packages of the tree are compiled and linked for one platform.
 *
 * @throws GF040 for a value that the linker cannot be told, GF042 for a template without a value
 */
export function planLink(of: ProgramPlanning, plan: ProgramPlan, platform: Platform): LinkPlan {
  const { located, program, request } = of;
  const { build } = program.description;
  const variant = planVariant(of, platform);
  const fill = templateFiller(program, platform, located, request);
  const filled = Object.entries(build.vars).map(
    ([name, template]) => [name, fill(template, ["build", "vars", name])] as const,
  );
  const vars = withinKey(filled, ["build", "vars"], program, located).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  for (const [name, value] of vars) {
    if (isQuotable(value)) continue;
    const range = program.description.rangeOf(["build", "vars", name]);
    throw diagnosticError([
      errorAt("GF040", `the value of ${name} holds both kinds of quotes, which the linker's -X cannot take`, {
        file: located.source.filename,
        range,
        help: "leave out one kind of quotes",
      }),
    ]);
  }
  const { module } = program;
  const main = relativeTo(module.dir, program.main.dir);
  const found = onPlatform(program, platform);
  const godebug = fileWithGodebug(program);
  // Counts are written where the main package is among those that are counted, and nowhere else.
  const counted =
    variant.cover === undefined || variant.cover.length === 0
      ? variant.cover
      : [...variant.cover, program.main.importPath];
  const hasId = build.buildId && platform.os === "linux";
  const commandFor = (strip: boolean): readonly string[] =>
    linkCommand(main, {
      ...flagsOf(variant),
      cover: counted,
      ldflags: build.ldflags,
      buildId: hasId,
      strip,
      ...(build.cgo === undefined ? {} : { cgo: build.cgo.link }),
      vars,
      output: `${PATHS.output}${binaryPath(program.name)}`,
    });
  return {
    program: plan,
    variant,
    ownPackages: planOwn(of, platform),
    reusable: program.facts.complete && found !== undefined && isReusable(found.packages),
    argv: commandFor(build.strip),
    ...(hasId ? { buildIdOf: commandFor(of.ships.strip) } : {}),
    dir: module.dir,
    modules: module.local.map((local) => local.path).toSorted(),
    packages: found?.packages.length ?? 0,
    failure: `GF090 go build failed for ${formatPlatform(platform)} (${main})\nhelp: mend what the lines above name; on your machine \`${commandByHand({ dir: module.dir, env: variant.env, tags: build.tags, instrument: variant.instrument, main })}\` shows the same`,
    ...(program.stamps.vcs === undefined ? {} : { vcs: program.stamps.vcs }),
    ...(godebug === undefined ? {} : { godebug }),
    project: projectOf(request.cacheNamespace, module.path),
  };
}

/**
 * The own packages in strata, where that pays and the source tree alone tells how: packages that other
 * modules import, symbolic links and what the scan did not find are left to the go command.
 */
function planOwn({ peers, program }: ProgramPlanning, platform: Platform): OwnPlan | undefined {
  if (!isPlain(program, [platform])) return undefined;
  const { labels } = peers;
  const packages = ownPackages(program, platform);
  const cut = peers.shared.cutters(`${formatPlatform(platform)} ${compileKey(program)}`, () =>
    cutterOf(peers.compiledAlike(program).flatMap((alike) => ownPackages(alike, platform) ?? [])),
  );
  const strata = packages === undefined ? [] : cut(packages);
  if (strata.length === 0) return undefined;
  const label = [moduleLabel(labels, program), profileLabel(labels, program)];
  const named = strata.map(({ shared, ...stratum }) => {
    const whose = shared || !labels.programs ? label : [mainLabel(labels, program)];
    return { ...stratum, name: stepName("own", ...whose, formatPlatform(platform)) };
  });
  return { modFiles: program.module.modFiles, strata: named };
}

function ownPackages(program: InspectedProgram, platform: Platform): OwnPackages | undefined {
  const packages = onPlatform(program, platform)?.packages;
  return packages === undefined
    ? undefined
    : { main: program.main.importPath, service: program.service, packages };
}

/** A module within a client's namespace. */
export function projectOf(namespace: string, modulePath: string): string {
  return hashOf(namespace, modulePath);
}
