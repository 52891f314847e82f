/**
 * Whether BuildKit has lost the error of a step: v0.34 does of the second step that fails while a frontend waits, when
 * both had an input in common (moby/buildkit:frontend/gateway/gateway.go, registerResultIDsLocked). Of a result that
 * the frontend does not wait for it says what happened.
 */
export function isHidden(error: unknown): boolean {
  return error instanceof Error && error.message.includes("releasing already released reference");
}
