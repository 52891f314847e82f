/** One command of a pinned Go module: how it is built and what it must say it is. */
export interface ToolRecipe {
  /** The folder below rig/tools whose go.mod pins the version. */
  readonly module: string;
  /** The command's import path. */
  readonly package: string;
  /** The module path and version that go.mod must hold. */
  readonly pin: readonly [path: string, version: string];
  /** The linker variable that the command prints as its version. */
  readonly stamp: string;
}

const recipe = (
  module: string,
  path: string,
  version: string,
  command: string,
  stamp: string,
): ToolRecipe => ({
  module,
  package: command === "" ? path : `${path}/${command}`,
  pin: [path, version],
  stamp: `${path}/${stamp}=${version}`,
});

const buildkit = "github.com/moby/buildkit";

/** Every tool the rig can build from the Go module proxy. */
export const toolRecipes = {
  buildkitd: recipe("buildkit", buildkit, "v0.34.2", "cmd/buildkitd", "version.Version"),
  buildctl: recipe("buildkit", buildkit, "v0.34.2", "cmd/buildctl", "version.Version"),
  buildx: recipe("buildx", "github.com/docker/buildx", "v0.36.1", "cmd/buildx", "version.Version"),
  registry: recipe(
    "registry",
    "github.com/distribution/distribution/v3",
    "v3.1.2",
    "cmd/registry",
    "version.version",
  ),
  crane: recipe(
    "crane",
    "github.com/google/go-containerregistry",
    "v0.22.1",
    "cmd/crane",
    "cmd/crane/cmd.Version",
  ),
  ko: recipe("ko", "github.com/google/ko", "v0.19.1", "", "pkg/commands.Version"),
} as const satisfies Record<string, ToolRecipe>;

export type ToolName = keyof typeof toolRecipes;

/** What `up` needs; `ko` is for benchmarks and built only when asked for. */
export const defaultTools = [
  "buildkitd",
  "buildctl",
  "buildx",
  "registry",
  "crane",
] as const satisfies readonly ToolName[];

export type DefaultTool = (typeof defaultTools)[number];

/** The image name the frontend is pushed as; `# syntax=org/go-frontend` names it. */
export const frontendImage = "docker.io/org/go-frontend:latest";
