import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../rig/index.ts";
import { runBuild } from "../demo/build.ts";
import { readImage } from "../demo/image.ts";
import { imagesOf, planOf } from "../demo/plan.ts";
import type { Source } from "../demo/source.ts";
import type { ServicesBuilder } from "./builder.ts";
import { askHealth, askVersion, type Runner } from "./checks.ts";
import { coldTime } from "./cold.ts";
import { keepColdTime } from "./cold-times.ts";
import { readExample } from "./example.ts";
import type { Row, Told } from "./record.ts";
import type { Service } from "./service.ts";
import { layTree } from "./tree.ts";

/**
 * Builds a service and asks what it made: its programs for their versions, and the service for its health.
 *
 * @returns its row; without a cold time where the builder had built it before
 * @throws Error that says what failed
 */
export async function tryService(service: Service, builder: ServicesBuilder, log: Log): Promise<Row> {
  const folder = await layTree(service, log);
  const source: Source = { folder, file: join(folder, "service.yaml") };
  const plan = await planOf(source, [], undefined);
  await builder.provide(imagesOf(plan).flatMap(({ references }) => references));
  const build = {
    source,
    reference: `${builder.registry}/services/${service.name}:latest`,
    platforms: [],
    target: undefined,
    syntax: builder.frontend,
    caBundle: builder.caBundle,
    git: [],
  };
  const [before = 0] = loadavg();
  const start = performance.now();
  const { steps } = await runBuild(build, builder, log);
  const seconds = (performance.now() - start) / 1000;
  const [after = 0] = loadavg();
  const modules = service.modules.map(({ path, version }) => `${path}@${version}`);
  const cold = keepColdTime(modules, coldTime(steps, seconds, [before, after]));

  const work = mkdtempSync(join(tmpdir(), "go-frontend-services-"));
  const ends: (() => Promise<void>)[] = [];
  const runner: Runner = { runc: builder.runc, onStart: (end) => ends.push(end), log };
  try {
    const image = await readImage(builder.crane, build.reference, work);
    const [native] = image.platforms;
    if (native === undefined) throw new Error(`${build.reference} has no platform`);
    const told: Told[] = [];
    for (const version of service.versions) told.push(await askVersion(runner, native, version));
    const { serving } = service;
    return {
      day: new Date().toISOString().slice(0, 10),
      modules,
      example: readExample(service.name).digest,
      goVersion: plan.toolchain.goVersion,
      image: {
        compressed: native.compressed,
        unpacked: native.unpacked,
        layers: native.layers,
        user: native.config.User ?? "",
      },
      told,
      health: typeof serving === "string" ? undefined : await askHealth(runner, native, serving),
      cold,
    };
  } finally {
    for (const end of ends) await end();
    rmSync(work, { recursive: true, force: true });
  }
}
