import type { GatewayClient } from "../gateway/index.ts";
import { missingCapabilities } from "../graph/index.ts";
import { knownCaps, type MissingCap } from "../llb/index.ts";
import type { Plan } from "../plan/index.ts";
import { type Diagnostic, errorAt, type Source } from "../description/index.ts";

/** What a builder says of itself. */
export type Builder = Pick<GatewayClient, "llbCaps" | "buildOpts">;

/** What the plans need and the builder lacks, known before anything runs. */
export function checkBuilder(
  builder: Builder,
  plans: readonly Plan[],
  description: Source,
): readonly Diagnostic[] {
  const { llbCaps } = builder;
  if ([...knownCaps.keys()].every((cap) => llbCaps.has(cap))) return [];
  const missing = plans.flatMap((plan) => missingCapabilities(plan, new Set(llbCaps.ids), description));
  return missing.length === 0 ? [] : [lacking(builder, missing, description)];
}

/**
 * Whether the builder stores images of one platform only: Docker Engine with its classic image store. It says that it
 * cannot merge, or is too old to know of merges; every other builder that is supported can.
 */
export const hasClassicStore = ({ llbCaps }: Builder): boolean => !llbCaps.has("mergeop");

/** The error of a builder that lacks something: with the builder's reason, and with what its user can do. */
export function lacking(
  builder: Builder,
  missing: readonly MissingCap[],
  description: Source | undefined,
): Diagnostic {
  const version = buildkitVersion(builder);
  const lacks = missing.map((capability) => ({
    ...capability,
    reason: reasonOf(builder, capability, version),
  }));
  const named = lacks.map(({ feature, reason }) => `${withoutName(feature)} (${wordsOf(reason)})`);
  return errorAt("GF080", `the builder lacks what this build needs: ${[...new Set(named)].join("; ")}`, {
    file: description?.filename,
    option: "--builder",
    help: helpFor(
      builder,
      lacks.map(({ reason }) => reason),
      version,
    ),
  });
}

/** Why a capability is missing. A release that the builder has already is no reason. */
type Reason =
  | { readonly kind: "disabled"; readonly words: string }
  | { readonly kind: "release"; readonly version: string }
  | { readonly kind: "unknown" };

function reasonOf(builder: Builder, { cap, since }: MissingCap, version: string | undefined): Reason {
  const entry = builder.llbCaps.get(cap);
  if (entry !== undefined) {
    const words = entry.disabledReasonMessage || entry.disabledReason || "disabled on this builder";
    return { kind: "disabled", words };
  }
  return since === undefined || (version !== undefined && compareReleases(version, since) >= 0)
    ? { kind: "unknown" }
    : { kind: "release", version: since };
}

function wordsOf(reason: Reason): string {
  switch (reason.kind) {
    case "disabled":
      return reason.words;
    case "release":
      return `BuildKit ${reason.version}`;
    case "unknown":
      return "not on this builder";
  }
}

const ANOTHER = "docker buildx create --use";

/** Turns on the store that holds images of several platforms, and in which BuildKit can merge. */
const CONTAINERD_STORE =
  'turn on Docker\'s containerd image store: `{ "features": { "containerd-snapshotter": true } }` in /etc/docker/daemon.json';

function helpFor(builder: Builder, reasons: readonly Reason[], version: string | undefined): string {
  const isStore = reasons.some(
    (reason) => reason.kind === "disabled" && reason.words.includes("containerd image store"),
  );
  if (isStore) return `${CONTAINERD_STORE}, or use another builder: ${ANOTHER}`;
  const needed = reasons
    .flatMap((reason) => (reason.kind === "release" ? [reason.version] : []))
    .toSorted(compareReleases)
    .at(-1);
  if (needed === undefined) return `use another builder: ${ANOTHER}`;
  const has = version === undefined ? "" : `; this one has ${version}`;
  return isDocker(builder)
    ? `update Docker Engine to one with BuildKit ${needed} or newer${has}; or use another builder: ${ANOTHER}`
    : `update the builder to BuildKit ${needed} or newer${has}`;
}

/** Docker names itself in the version of its BuildKit, as in `v0.25.2-moby`, and those of old say nothing. */
const isDocker = ({ buildOpts }: Builder): boolean =>
  buildOpts.product === "docker" ||
  buildOpts.workers.some(({ buildkitVersion: its }) => its?.version.endsWith("-moby") === true);

/** The BuildKit release that the builder says it is; undefined where it was compiled without a version. */
function buildkitVersion({ buildOpts }: Builder): string | undefined {
  const version = buildOpts.workers[0]?.buildkitVersion?.version ?? "";
  const release = /^v?(\d+\.\d+(?:\.\d+)?)/.exec(version)?.[1];
  return release === undefined || release === "0.0.0" ? undefined : `v${release}`;
}

const compareReleases = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

/** The feature without the name that it has in our library, which means nothing to who writes a description. */
const withoutName = (feature: string): string => feature.replace(/ \([^)]*\)$/, "");
