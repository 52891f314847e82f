import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RigInstance } from "../../rig/index.ts";
import { bundleScript } from "./bundle.ts";

const src = join(import.meta.dirname, "..", "..", "src");

type Rig = Pick<RigInstance, "tools" | "env" | "registry">;

export interface BuildOptions {
  readonly opts?: Readonly<Record<string, string>>;
  readonly locals?: Readonly<Record<string, string>>;
  readonly output?: string;
  readonly extra?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface BuildRun {
  readonly code: number | null;
  readonly stderr: string;
  /** What the frontend returned under `frontend.report`, decoded. */
  readonly report: Record<string, unknown>;
  /** The exporter's answers, as buildctl's --metadata-file has them. */
  readonly metadata: Record<string, unknown>;
}

/**
 * Packs a frontend for the tests: this Node, the libraries it is linked with, and one bundle. Pushes
 * it to the rig's registry and returns the reference. The image that users get is made elsewhere.
 */
export async function pushTestFrontend(rig: Rig, entry: string, name: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "gateway-image-"));
  try {
    const root = join(directory, "root");
    const put = (from: string, to: string): void => {
      mkdirSync(dirname(join(root, to)), { recursive: true });
      copyFileSync(from, join(root, to));
    };
    mkdirSync(join(root, "tmp"), { recursive: true });
    put(process.execPath, "bin/node");
    const libraries = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
    for (const [path] of libraries.matchAll(/(?<=\s)\/\S+(?= \()/g)) put(path, path);
    await bundleScript(entry, join(directory, "frontend.mjs"), {
      // The packages by the names their users write, as package.json exports them.
      alias: {
        "go-frontend/gateway": join(src, "gateway/index.ts"),
        "go-frontend/llb": join(src, "llb/index.ts"),
      },
    });
    writeFileSync(
      join(directory, "Dockerfile"),
      [
        "FROM scratch",
        "COPY root/ /",
        "COPY frontend.mjs /",
        "LABEL moby.buildkit.frontend.network.none=true",
        "LABEL moby.buildkit.frontend.caps=moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests",
        'ENTRYPOINT ["/bin/node", "/frontend.mjs"]',
      ].join("\n"),
    );
    const reference = `${rig.registry}/test/${name}:latest`;
    const result = await buildctl(rig, [
      "--frontend",
      "dockerfile.v0",
      "--local",
      `context=${directory}`,
      "--local",
      `dockerfile=${directory}`,
      "--output",
      `type=image,name=${reference},push=true`,
    ]);
    if (result.code !== 0) throw new Error(`cannot make the test frontend: ${result.stderr}`);
    return reference;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** `buildctl build --frontend gateway.v0` with a frontend image. */
export async function runTestFrontend(
  rig: Rig,
  source: string,
  { opts = {}, locals = {}, output, extra = [], signal }: BuildOptions = {},
): Promise<BuildRun> {
  return buildctl(
    rig,
    [
      "--frontend",
      "gateway.v0",
      "--opt",
      `source=${source}`,
      ...Object.entries(opts).flatMap(([key, value]) => ["--opt", `${key}=${value}`]),
      ...Object.entries(locals).flatMap(([key, value]) => ["--local", `${key}=${value}`]),
      ...(output === undefined ? [] : ["--output", output]),
      ...extra,
    ],
    signal,
  );
}

async function buildctl(rig: Rig, args: readonly string[], signal?: AbortSignal): Promise<BuildRun> {
  const directory = mkdtempSync(join(tmpdir(), "buildctl-"));
  const file = join(directory, "metadata.json");
  try {
    const child = spawn(rig.tools.buildctl, ["build", "--progress=plain", "--metadata-file", file, ...args], {
      env: { ...process.env, ...rig.env },
      stdio: ["ignore", "ignore", "pipe"],
      ...(signal === undefined ? {} : { signal, killSignal: "SIGKILL" as const }),
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("close", resolve);
      child.on("error", (error) => (signal?.aborted === true ? undefined : reject(error)));
    });
    const metadata = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>)
      : {};
    const report = metadata["frontend.report"];
    return { code, stderr, metadata, report: toObject(report) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** buildctl shows a value that is JSON as JSON, and anything else as text. */
function toObject(value: unknown): Record<string, unknown> {
  const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
}
