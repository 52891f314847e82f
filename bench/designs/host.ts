import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { timedCommand } from "../command.ts";
import { countCompiled } from "../progress.ts";
import type { Measurement, Subject } from "../types.ts";
import { dataFolder } from "../workspace.ts";

export interface HostRequest {
  readonly subject: Subject;
  readonly context: string;
  /** Empty GOCACHE and GOMODCACHE, as a CI runner without restored caches has them. */
  readonly cold: boolean;
}

/** Removes a Go module cache too, whose folders are read-only. */
const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 2 });

function goCaches(subject: Subject, tool: string, cold: boolean): NodeJS.ProcessEnv {
  const folder = join(dataFolder(), "host", `${subject.name}-${tool}${cold ? "-cold" : ""}`);
  if (cold) remove(folder);
  mkdirSync(folder, { recursive: true });
  return { GOCACHE: join(folder, "gc"), GOMODCACHE: join(folder, "gm") };
}

const environment = (bench: Bench, caches: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...process.env,
  ...caches,
  GOPROXY: bench.proxy.url,
  SSL_CERT_FILE: bench.proxy.caFile,
  GOFLAGS: "-buildvcs=false -modcacherw",
  GOTOOLCHAIN: "local",
  GOWORK: "off",
  CGO_ENABLED: "0",
});

/** The floor: the go command on this machine, no image. */
export async function goBuildOnce(bench: Bench, request: HostRequest): Promise<Measurement> {
  const { subject, context, cold } = request;
  const env = environment(bench, goCaches(subject, "go", cold));
  const modulesBefore = bench.proxy.sent();
  const output = join(dataFolder(), "host", "out", subject.name);
  const flags = ["build", "-v", "-trimpath", "-ldflags", "-s -w", "-o", output, `./${subject.main}`];
  const { seconds, stderr } = await timedCommand("go", flags, { cwd: context, env, limit: 300 });
  return {
    seconds,
    vertices: [],
    compiled: countCompiled(stderr, subject.module),
    contextBytes: 0,
    pulledBytes: 0,
    pushedBytes: 0,
    moduleBytes: bench.proxy.sent() - modulesBefore,
  };
}

/** ko on this machine: the go command, and an image pushed to the registry, on the same base. */
export async function koOnce(bench: Bench, request: HostRequest): Promise<Measurement> {
  const { subject, context, cold } = request;
  const caches = goCaches(subject, "ko", cold);
  const env = {
    ...environment(bench, caches),
    KO_DOCKER_REPO: `${bench.registry}/bench/image-${subject.name}-ko`,
    KO_DEFAULTBASEIMAGE: `${bench.registry}/gcr.io/distroless/static-debian12:nonroot`,
    KO_CONFIG_PATH: koConfig(),
    // ko's own map from build id to layer: kept where its Go cache is kept.
    KOCACHE: join(caches["GOCACHE"] ?? "", "..", "ko"),
  };
  const before = { ...bench.link.passed(), modules: bench.proxy.sent() };
  const args = ["build", "--bare", "--sbom=none", "--platform=linux/amd64", `./${subject.main}`];
  const { seconds, stderr } = await timedCommand(bench.tools.ko, args, { cwd: context, env, limit: 300 });
  const after = bench.link.passed();
  return {
    seconds,
    vertices: [],
    compiled: countCompiled(stderr, subject.module),
    contextBytes: 0,
    pulledBytes: after.fromTarget - before.fromTarget,
    pushedBytes: after.toTarget - before.toTarget,
    moduleBytes: bench.proxy.sent() - before.modules,
  };
}

/** ko's flags: stripped like the others (-trimpath and CGO_ENABLED=0 are its defaults). */
const koConfig = (): string => join(import.meta.dirname, "ko");
