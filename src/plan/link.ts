import { diagnosticError, errorAt, formatPlatform, type Platform } from "../description/index.ts";
import { commandByHand, isQuotable, linkCommand } from "./flags.ts";
import { binaryPath, templateFiller, withinKey } from "./image.ts";
import type { InspectedService } from "./inspect.ts";
import { PATHS } from "./paths.ts";
import { compiledAlike, onceFor } from "./peers.ts";
import type { Planning } from "./planning.ts";
import { isPlain, onPlatform } from "./scanned.ts";
import { cutOwnPackages, isReusable, type OwnPackages } from "./strata.ts";
import type { LinkPlan, OwnPlan } from "./types.ts";
import { planVariant } from "./variant.ts";

/**
 * How the service's own packages are compiled and linked for one platform.
 *
 * @throws GF040 for a value that the linker cannot be told, GF042 for a template without a value
 */
export function planLink(of: Planning, platform: Platform): LinkPlan {
  const { located, service, request } = of;
  const { build } = service.description;
  const variant = planVariant(of, platform);
  const fill = templateFiller(service, platform, located, request);
  const filled = Object.entries(build.vars).map(
    ([name, template]) => [name, fill(template, ["build", "vars", name])] as const,
  );
  const vars = withinKey(filled, ["build", "vars"], service, located).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  for (const [name, value] of vars) {
    if (isQuotable(value)) continue;
    const range = service.description.rangeOf(["build", "vars", name]);
    throw diagnosticError([
      errorAt("GF040", `the value of ${name} holds both kinds of quotes, which the linker's -X cannot take`, {
        file: located.source.filename,
        range,
        help: "leave out one kind of quotes",
      }),
    ]);
  }
  const { module } = service;
  const main = relativeTo(module.dir, service.main.dir);
  const found = onPlatform(service, platform);
  const own = planOwn(of, platform);
  return {
    variant,
    ...(own === undefined ? {} : { own }),
    reusable: service.facts.complete && found !== undefined && isReusable(found.packages),
    argv: linkCommand(main, {
      tags: build.tags,
      profile: variant.profile === undefined ? undefined : PATHS.profile,
      strip: build.strip,
      vars,
      output: `${PATHS.output}${binaryPath(service.name)}`,
    }),
    dir: module.dir,
    modules: module.local.map((each) => each.path).toSorted(),
    packages: found?.packages.length ?? 0,
    failure: `GF090 go build failed for ${formatPlatform(platform)} (${main})\nhelp: mend what the lines above name; on your machine \`${commandByHand({ dir: module.dir, platform, tags: build.tags, main })}\` shows the same`,
  };
}

/**
 * The own packages in strata, where that pays and the source tree alone tells how: packages that other
 * modules import, symbolic links and what the scan did not find are left to the go command.
 */
function planOwn({ inspected, service }: Planning, platform: Platform): OwnPlan | undefined {
  if (!isPlain(service, [platform])) return undefined;
  const own = ownPackages(service, platform);
  const peers = compiledAlike(inspected.services, service);
  const others = packagesOfAll(peers, formatPlatform(platform), () =>
    peers.flatMap((each) => ownPackages(each, platform) ?? []),
  );
  const strata = own === undefined ? [] : cutOwnPackages(own, others);
  return strata.length === 0 ? undefined : { modFiles: service.module.modFiles, strata };
}

const packagesOfAll = onceFor<readonly OwnPackages[]>();

function ownPackages(service: InspectedService, platform: Platform): OwnPackages | undefined {
  const packages = onPlatform(service, platform)?.packages;
  return packages === undefined ? undefined : { main: service.main.importPath, packages };
}

function relativeTo(dir: string, path: string): string {
  if (dir === ".") return path === "." ? "." : `./${path}`;
  if (path === dir) return ".";
  return `./${path.slice(dir.length + 1)}`;
}
