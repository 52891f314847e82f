import { preloadClient, runFrontend, type Transport } from "../gateway/index.ts";

/**
 * Runs this frontend: the first statement of its program.
 *
 * @param connect opens the connection to BuildKit; default: our own client over stdin and stdout
 */
export function start(connect?: () => Transport): void {
  if (process.env["GO_FRONTEND_WARM"] === "1") {
    // Fills V8's compile cache while the image is built; no builder is there to talk to.
    void Promise.all([load(), preloadClient()]).then(() => process.exit(0));
  } else {
    void runFrontend({ load }, { transport: connect?.() });
  }
}

// Everything else is loaded while the first call travels: BuildKit waits ten seconds for a frontend
// to speak, counted from before its container is made.
const load = () => import("./main.ts").then(({ mainWithinLimits }) => mainWithinLimits);
