import { rigError } from "./text.ts";

const otherBuilder = "use a builder you have: BUILDKIT_HOST, or --builder NAME of docker buildx";

/**
 * Checks what a daemon of one's own needs, before minutes go into building it.
 *
 * @throws RigError that says how to get it
 */
export function requireRoot(): void {
  if (process.platform !== "linux") {
    throw rigError(`buildkitd runs on Linux, not on ${process.platform}`, otherBuilder);
  }
  if (process.getuid?.() === 0) return;
  throw rigError(
    "the rig's buildkitd makes mounts and containers and needs root",
    `run the same command with sudo -E, or ${otherBuilder}`,
  );
}
