import { type Log, type RigInstance, unreachableHosts, up } from "../../rig/index.ts";

/**
 * Brings up the tests' own rig, so that a developer's stays as it is.
 *
 * @param keep whether it stays after `release`
 */
export async function upTestRig({ keep, log }: Readonly<{ keep: boolean; log: Log }>): Promise<RigInstance> {
  // The loopback registry answers for docker.io even where that can be reached: `org/go-frontend` must be ours.
  // Stand-ins for what others publish are in it only where the others cannot be reached.
  const standIns = (await unreachableHosts(log)).length > 0;
  return up({ name: "test", mirrors: "always", standIns, ephemeral: !keep, log });
}
