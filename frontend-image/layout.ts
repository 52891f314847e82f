import { FRONTEND_CAPS } from "../src/frontend/caps.ts";
import { nodeFlags } from "../src/frontend/limits.ts";

/** The architectures the frontend image is made for, by Go's and OCI's names. */
export const architectures = ["amd64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** Where things stand in the image. */
export const paths = {
  node: "/usr/bin/node",
  /** Bundle and compile cache: the layer that changes with every release. */
  app: "/usr/lib/go-frontend",
  entry: "/usr/lib/go-frontend/frontend.cjs",
  compileCache: "/usr/lib/go-frontend/cache",
  licences: "/usr/share/doc",
} as const;

/**
 * The environment of the process. The compile cache is read from where the build wrote it, so a hit does not depend
 * on the portable mode; BuildKit adds no PATH, and nothing here needs one.
 */
export const environment: readonly string[] = [`NODE_COMPILE_CACHE=${paths.compileCache}`];

/** BuildKit runs `Entrypoint` and ignores `Cmd` and `User` (moby/buildkit:frontend/gateway/gateway.go). */
export const entrypoint: readonly string[] = [paths.node, "--no-warnings", ...nodeFlags, paths.entry];

/** An OCI image configuration, as `containerimage.config` takes it. */
export const imageConfig = (architecture: Architecture, version: string): object => ({
  architecture,
  os: "linux",
  created: "1970-01-01T00:00:00Z",
  config: {
    Entrypoint: entrypoint,
    Env: environment,
    WorkingDir: "/",
    Labels: {
      "moby.buildkit.frontend.network.none": "true",
      "moby.buildkit.frontend.caps": FRONTEND_CAPS.join(","),
      "org.opencontainers.image.title": "go-frontend",
      "org.opencontainers.image.description": "BuildKit frontend for Go services",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": "Apache-2.0",
    },
  },
});
