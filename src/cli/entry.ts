import { runCli } from "./cli.ts";

process.exitCode = await runCli(process.argv.slice(2), {
  out: (bytes) => void process.stdout.write(bytes),
  err: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true,
  // npm runs a script in the folder of its package.
  cwd: process.env["GO_FRONTEND_CALLER_DIR"] ?? process.cwd(),
});
