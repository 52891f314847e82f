import { join } from "node:path";
import { runCommand } from "../../rig/index.ts";
import type { Bench } from "../bench.ts";
import { buildOnce, slugOf, type BuildkitDesign } from "../designs/buildkit.ts";
import { chefBinary } from "../images.ts";
import { blobBytes } from "../registry-client.ts";
import { workFolder } from "../subjects/index.ts";
import { frontendBefore, ourFrontend } from "../frontend.ts";
import type { EditName, Measurement, Subject } from "../types.ts";
import { replaceIn } from "../workspace.ts";

/** The designs in the tables' order; the external Dockerfile frontend only where frontends are compared. */
export const designs: readonly BuildkitDesign[] = ["D0", "D1", "D2", "D3", "ours"];

/** With D1 on the smaller toolchain image that ours chooses: how much of a difference is that choice alone. */
export const withSmallImage: readonly BuildkitDesign[] = [...designs, "D1 alpine"];

/** Designs as a run measures them: with `--before`, the frontend of the other checkout wherever ours is. */
export const comparedIn = (
  { options }: Pick<Bench, "options">,
  wanted: readonly BuildkitDesign[],
): readonly BuildkitDesign[] =>
  options.before === undefined || !wanted.includes("ours") ? wanted : [...wanted, "ours before"];

/** The source folder as a design needs it: D3 has its stub generated beside it, outside the measured time. */
export async function sourceFor(
  subject: Subject,
  design: BuildkitDesign,
  edit?: EditName,
  salt?: string,
): Promise<string> {
  const folder = workFolder(subject, slugOf(design), edit, salt);
  if (design === "ours before") replaceIn(join(folder, "service.yaml"), ourFrontend, frontendBefore);
  if (design === "D3") await runCommand(await chef(), [".stub"], { cwd: folder });
  return folder;
}

let chefPath: Promise<string> | undefined;
const chef = async (): Promise<string> => (chefPath ??= chefBinary());

export interface FreshOptions {
  readonly edit?: EditName;
  readonly salt?: string;
  readonly importCache?: string;
  readonly exportCache?: string;
  readonly platforms?: readonly string[];
}

/** One build on a daemon that has just been started with an empty state folder, and that is removed after it. */
export async function freshBuild(
  bench: Bench,
  subject: Subject,
  design: BuildkitDesign,
  options: FreshOptions = {},
): Promise<Measurement> {
  const { edit, salt, ...rest } = options;
  const context = await sourceFor(subject, design, edit, salt);
  // The page cache holds what will be pulled, for every design alike: it was read just now.
  if (options.importCache !== undefined) await blobBytes(bench.directRegistry, options.importCache, true);
  const daemon = await bench.daemon("fresh");
  try {
    return await buildOnce(bench, { subject, design, address: daemon.address, context, ...rest });
  } finally {
    await daemon.release();
  }
}

const caches = new Map<string, Promise<string>>();

/** Names the registry cache of an unchanged subject, built for this when no earlier scenario has left one. */
export async function ensureCache(
  bench: Bench,
  subject: Subject,
  design: BuildkitDesign,
  platforms?: readonly string[],
): Promise<string> {
  const key = JSON.stringify([subject.name, slugOf(design), platforms ?? []]);
  const existing = caches.get(key);
  if (existing !== undefined) return existing;
  const name = `bench/cache-${subject.name}-${slugOf(design)}${platforms === undefined ? "" : "-multi"}:base`;
  const made = freshBuild(bench, subject, design, {
    exportCache: name,
    ...(platforms === undefined ? {} : { platforms }),
  }).then((result) => {
    bench.log(`cache of ${subject.name} by ${design}: built and exported in ${result.seconds.toFixed(1)} s`);
    return name;
  });
  caches.set(key, made);
  return made;
}

/** Makes a cache that a measured cold build has exported the one that later scenarios import. */
export function adoptCache(subject: Subject, design: BuildkitDesign, name: string): void {
  caches.set(JSON.stringify([subject.name, slugOf(design), []]), Promise.resolve(name));
}

/** The caches of several designs, one after another; designs that fail are reported and left out. */
export async function cachesFor(
  bench: Bench,
  scenario: string,
  subject: Subject,
  wanted: readonly BuildkitDesign[],
  platforms?: readonly string[],
): Promise<ReadonlyMap<BuildkitDesign, string>> {
  const found = new Map<BuildkitDesign, string>();
  for (const design of wanted) {
    if (bench.options.only?.includes(design) === false || !bench.timeLeft()) continue;
    try {
      found.set(design, await ensureCache(bench, subject, design, platforms));
    } catch (error) {
      bench.fail(scenario, { variant: "preparation", subject: subject.name, design }, error);
    }
  }
  return found;
}
