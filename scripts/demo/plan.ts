import { openProject } from "../../src/cli/project.ts";
import type { Plan } from "../../src/plan/index.ts";
import { goPlatform, type Platform } from "../../src/description/index.ts";
import type { Source } from "./source.ts";

/**
 * What the frontend will plan for a folder, read by the same code without a builder.
 *
 * @throws DiagnosticError, as `go-frontend plan` does
 */
export async function planOf(
  source: Source,
  platforms: readonly string[],
  target: string | undefined,
): Promise<Plan> {
  const { plan } = await openProject(
    {
      positionals: [source.folder],
      file: source.file,
      target: target ?? "",
      platforms: platforms.map(platformOf),
      buildArgs: [],
    },
    { cwd: process.env["GO_FRONTEND_CALLER_DIR"] ?? process.cwd() },
  );
  return plan;
}

function platformOf(text: string): Platform {
  const parsed = goPlatform(text);
  if (parsed.ok) return parsed.value;
  throw new Error(`--platform: ${parsed.problem.message}`);
}

/** Images that a build pulls, and for which architectures. */
export interface NeededImages {
  readonly references: readonly string[];
  readonly architectures: readonly ("amd64" | "arm64")[];
}

/** The images that a build of this plan pulls: where its steps run, and what the image stands on. */
export function imagesOf(plan: Plan): readonly NeededImages[] {
  const known = (architecture: string) =>
    architecture === "amd64" || architecture === "arm64" ? ([architecture] as const) : [];
  const platforms = plan.service.platforms.flatMap(({ platform }) => known(platform.architecture));
  const bases = plan.service.platforms.flatMap(({ image: { base } }) =>
    base.kind === "image" ? [base.reference] : [],
  );
  const compilers = plan.service.platforms
    .flatMap(({ links }) => links.map(({ variant }) => variant.cTools))
    .flatMap((cTools) => (cTools === undefined ? [] : [cTools.image]));
  const described = (plan.service.generated?.generators ?? []).map(({ image }) => image.reference);
  return [
    {
      references: [...new Set([plan.toolchain.reference, ...compilers, ...described])],
      architectures: known(plan.buildPlatform.architecture),
    },
    { references: [...new Set(bases)], architectures: [...new Set(platforms)] },
  ];
}
