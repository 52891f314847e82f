const OLDEST = { major: 22, minor: 18 } as const;

/**
 * Why a Node cannot run the command, which uses what older ones lack; `engines` of package.json names the same release.
 *
 * @param version as `process.versions.node` has it: `22.18.0`
 * @returns a line for people; undefined where it can
 */
export function tooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
  return isOld
    ? `go-frontend: needs Node ${OLDEST.major}.${OLDEST.minor} or newer; this is Node ${version}\n`
    : undefined;
}
