import type { Plan, Resolved } from "../plan/index.ts";
import { type Diagnostic, formatPlatform, type Platform, warningAt } from "../description/index.ts";

/**
 * Warns of bases that are for another platform than the image: a reference to one manifest is taken whatever it holds
 * (as InvalidBaseImagePlatform of moby/buildkit:frontend/dockerfile/linter/ruleset.go).
 */
export function basePlatformWarnings(plan: Plan, bases: Resolved["bases"]): readonly Diagnostic[] {
  return plan.service.platforms.flatMap(({ id, platform: target, image: { base } }) => {
    const { os = "", architecture = "", variant } = bases[id]?.config ?? {};
    // An image without a platform, such as a folder of the client, claims none.
    if (base.kind !== "image" || os === "" || architecture === "") return [];
    const actual: Platform = { os, architecture, variant };
    if (runsOn(actual, target)) return [];
    return [
      warningAt(
        "GF072",
        `base image ${base.reference} is for ${formatPlatform(actual)}, and the image for ${formatPlatform(target)}`,
        {
          ...base.at,
          help: "name a base that is made for it: a tag or an index, not the digest of one manifest",
        },
      ),
    ];
  });
}

/** Whether machines of the target run programs of the base: those of an older variant they do. */
function runsOn(base: Platform, target: Platform): boolean {
  if (base.os !== target.os || base.architecture !== target.architecture) return false;
  return level(base.variant) <= level(target.variant ?? usualVariants[target.architecture]);
}

/** What no variant means (containerd/platforms:database.go). */
const usualVariants: Readonly<Record<string, string>> = { amd64: "v1", arm: "v7", arm64: "v8" };

const level = (variant: string | undefined): number => Number(variant?.replace(/^v/, "") ?? 0) || 0;
