// Started by preparation.ts as a process of its own: makes what the end-to-end tests need, while tests that need no
// daemon run. Ends with its parent, who holds the other end of stdin.
import { ensureFrontendImage } from "../../frontend-image/index.ts";
import { ensureBuildkitd, logToStderr as log, oldestBuildkitd, onInterrupt } from "../../rig/index.ts";
import { upTestRig } from "../../test/e2e/test-rig.ts";

onInterrupt();
process.stdin.on("end", () => process.kill(process.pid, "SIGTERM")).resume();
const { release, ...rig } = await upTestRig({ keep: false, log });
try {
  await ensureFrontendImage({ rig, log });
  await ensureBuildkitd(oldestBuildkitd, log);
} finally {
  await release();
}
process.exit(0);
