import { runCli } from "./cli.ts";
import { tooOld } from "./node-version.ts";

const refusal = tooOld(process.versions.node);
// Whoever reads may have seen enough, as `head` has.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
if (refusal === undefined) {
  process.exitCode = await runCli(process.argv.slice(2), {
    out: (bytes) => void process.stdout.write(bytes),
    err: (text) => void process.stderr.write(text),
    isTerminal: process.stdout.isTTY === true,
    // npm runs a script in the folder of its package.
    cwd: process.env["GO_FRONTEND_CALLER_DIR"] ?? process.cwd(),
  });
} else {
  process.stderr.write(refusal);
  process.exitCode = 2;
}
