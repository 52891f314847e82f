import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  attach,
  defaultTools,
  down,
  ensureBuildxBuilder,
  onInterrupt,
  quickTools,
  reset,
  rigNames,
  status,
  up,
} from "./index.ts";
import { rigPaths } from "./paths.ts";
import { shellExports } from "./shell-env.ts";
import { logToStderr, rigError } from "./text.ts";

const usage = `usage: npm run rig -- COMMAND [--name NAME]

  up       start buildkitd and a registry (fetches or builds the tools the first time)
  down     stop them; the build cache stays
  reset    stop them and remove the build cache
  status   what runs
  env      print shell exports: eval "$(npm run --silent rig -- env)"
  logs     print buildkitd's log

  --name NAME            a rig of its own, with its own daemon and build cache (default: default)
  --own-registry         up: with a registry of its own, which is removed by reset
  --mirrors auto|always|never
                         up: when the local registry answers for docker.io, gcr.io and ghcr.io
                         (auto: when they cannot be reached)
`;

const mirrorModes = ["auto", "always", "never"] as const;

const parse = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      name: { type: "string", default: "default" },
      "own-registry": { type: "boolean", default: false },
      mirrors: { type: "string", default: "auto" },
      help: { type: "boolean", short: "h", default: false },
    },
  });

async function printStatus(names: readonly string[]): Promise<void> {
  if (names.length === 0) console.log("no rig has been started yet: npm run rig -- up");
  for (const name of names) {
    const { running, pid, buildkitHost, registry, mirrored = [] } = await status(name);
    if (!running) {
      console.log(`${name}: stopped`);
      continue;
    }
    const standIns = mirrored.length === 0 ? "" : `, stand-ins for ${mirrored.join(", ")}`;
    console.log(
      `${name}: running (pid ${pid ?? "?"}) at ${buildkitHost ?? "?"}, registry ${registry ?? "?"}${standIns}`,
    );
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parse();
  const { name } = values;
  const [command] = positionals;
  const mirrors = mirrorModes.find((mode) => mode === values.mirrors);
  if (mirrors === undefined) throw rigError(`--mirrors takes one of ${mirrorModes.join(", ")}`);
  switch (values.help ? "help" : command) {
    case "up": {
      const { tools, runc } = (await quickTools(defaultTools, logToStderr)) ?? {};
      const rig = await up({
        name,
        mirrors,
        ...(values["own-registry"] ? { registry: "own" } : {}),
        ...(tools === undefined ? {} : { tools }),
        ...(runc === undefined ? {} : { runc }),
      });
      logToStderr(
        `rig ${name} ${rig.started ? "started" : "was running"}: BUILDKIT_HOST=${rig.buildkitHost}`,
      );
      return;
    }
    case "down":
      await down(name);
      logToStderr(`rig ${name} is down`);
      return;
    case "reset":
      await reset(name);
      logToStderr(`rig ${name} is removed`);
      return;
    case "status":
      return printStatus(process.argv.includes("--name") ? [name] : rigNames());
    case "env": {
      const rig = await attach(name);
      if (rig === undefined) throw rigError(`rig ${name} does not run`, `npm run rig -- up --name ${name}`);
      process.stdout.write(shellExports((await ensureBuildxBuilder(rig)).env));
      return;
    }
    case "logs": {
      const { log } = rigPaths(name);
      process.stdout.write(existsSync(log) ? readFileSync(log) : "");
      return;
    }
    case "help":
      process.stdout.write(usage);
      return;
    default:
      process.stderr.write(usage);
      process.exitCode = 2;
  }
}

onInterrupt();
try {
  await main();
} catch (error) {
  logToStderr(
    error instanceof Error
      ? error.name === "RigError"
        ? error.message
        : String(error.stack)
      : String(error),
  );
  process.exitCode = 1;
}
