/**
 * What this frontend can do beyond a plain build, as the image label `moby.buildkit.frontend.caps` says it. Clients
 * refuse to ask for what is not named here, so a name stands here only when it works.
 *
 * Source: moby/buildkit:frontend/gateway/gateway.go, moby/buildkit:frontend/dockerfile/cmd/dockerfile-frontend/Dockerfile.
 */
export const FRONTEND_CAPS = [
  "moby.buildkit.frontend.inputs",
  "moby.buildkit.frontend.subrequests",
  "moby.buildkit.frontend.contexts",
  "moby.buildkit.frontend.gitquerystring",
] as const;
