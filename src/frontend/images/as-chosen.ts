import type { ImageConfig, ToolchainPlan } from "../../plan/index.ts";
import { goMinor } from "../../description/index.ts";

/**
 * Whether an image is the one that a plan chose, by what it says of itself: a policy of the builder can put another in
 * its place. An image that the client or the description names may be any.
 */
export function isAsChosen({ goVersion, atLeast }: ToolchainPlan, { config }: ImageConfig): boolean {
  if (atLeast !== undefined) return true;
  const env = config?.Env ?? [];
  const release = env.find((entry) => entry.startsWith("GOLANG_VERSION="))?.replace(/^.*=/, "");
  return (
    release !== undefined &&
    goMinor(release) === goMinor(goVersion) &&
    !env.some((entry) => decidesTags.test(entry))
  );
}

/** Variables that set build tags (golang/go:src/internal/buildcfg/cfg.go). */
const decidesTags =
  /^(?:GOEXPERIMENT|GO386|GOAMD64|GOARM|GOARM64|GOMIPS|GOMIPS64|GOPPC64|GORISCV64|GOWASM)=./;
