import { preloadClient, runFrontend } from "../gateway/index.ts";

// Everything else is loaded while the first call travels: BuildKit waits ten seconds for a frontend
// to speak, counted from before its container is made.
const load = () => import("./main.ts").then(({ mainWithinLimits }) => mainWithinLimits);

if (process.env["GO_FRONTEND_WARM"] === "1") {
  // Fills V8's compile cache while the image is built; no builder is there to talk to.
  void Promise.all([load(), preloadClient()]).then(() => process.exit(0));
} else {
  void runFrontend({ load });
}
