import { spawn } from "node:child_process";

export interface GoRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `go`, or another program, and waits; nothing of the user's Go environment but the caches and the proxy counts. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<GoRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...goEnvironment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    );
  });
}

const goEnvironment = { GOTOOLCHAIN: "local", GOENV: "off", GOTELEMETRY: "off", GOEXPERIMENT: "" };

/** Directory in the module cache of `module@version`, downloaded through the module proxy if it has to be. */
export async function downloadModule(
  moduleVersion: string,
  cwd: string,
): Promise<{ readonly dir: string; readonly version: string }> {
  const { code, stdout, stderr } = await run("go", ["mod", "download", "-json", moduleVersion], cwd, {
    GOFLAGS: "-mod=mod",
  });
  const answer = JSON.parse(stdout === "" ? "{}" : stdout) as {
    Dir?: string;
    Version?: string;
    Error?: string;
  };
  if (code !== 0 || answer.Dir === undefined) {
    throw new Error(`cannot download ${moduleVersion}: ${answer.Error ?? stderr}`);
  }
  return { dir: answer.Dir, version: answer.Version ?? "" };
}

/** Several JSON values, one after the other, as `go list -json` writes them. */
export function* jsonStream(text: string): Generator<unknown> {
  let start = 0;
  for (let end = text.indexOf("\n}\n", start); end >= 0; end = text.indexOf("\n}\n", start)) {
    yield JSON.parse(text.slice(start, end + 2));
    start = end + 3;
  }
}
