import { formatReference, parseReference } from "../oci/index.ts";
import type { ResolvedImage } from "./resolved.ts";
import type { Stamps } from "./inspected.ts";
import type { BuildRequest } from "./types.ts";

const PREFIX = "org.opencontainers.image.";

/**
 * What is known of an image, in OCI's names (opencontainers/image-spec:annotations.md). Labels are part of the image's
 * configuration and of no step's key.
 */
export function standardLabels(
  title: string,
  license: string | undefined,
  stamps: Stamps,
  { epoch, revision = {} }: BuildRequest,
): Readonly<Record<string, string>> {
  const known = (variable: string): string | undefined => {
    const stamp = stamps.values[variable];
    return stamp?.known === true ? stamp.value : undefined;
  };
  const commit = known("git.commit");
  const isDirty =
    known("git.dirty") === "true" || (known("git.dirty") === undefined && revision.saidDirty === true);
  const labels = {
    licenses: license,
    created: epoch === undefined ? undefined : known("build.time"),
    revision: commit === undefined ? undefined : `${commit}${isDirty ? "-dirty" : ""}`,
    source: known("git.source"),
    title,
    version: known("git.tag") ?? known("git.describe"),
  };
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) =>
      value === undefined ? [] : [[`${PREFIX}${key}`, value]],
    ),
  );
}

/** What a base says of itself and is not true of what stands on it. */
const OF_THE_BASE = [
  "created",
  "description",
  "documentation",
  "ref.name",
  "revision",
  "source",
  "title",
  "url",
  "version",
];

/** A base's labels, without those that describe the base alone. */
export function inheritedLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
): Readonly<Record<string, string>> {
  const dropped = new Set([...OF_THE_BASE, "base.name", "base.digest"].map((key) => `${PREFIX}${key}`));
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !dropped.has(key)));
}

/** What an image stands on; nothing where a context of the client takes the base's place. */
export function baseLabels(base: ResolvedImage | undefined): Readonly<Record<string, string>> {
  if (base === undefined || base.replaced === true) return {};
  const parsed = parseReference(base.reference);
  if (!parsed.ok) return {};
  const { digest } = parsed.value;
  return {
    [`${PREFIX}base.name`]: formatReference({ ...parsed.value, digest: undefined }),
    ...(digest === undefined ? {} : { [`${PREFIX}base.digest`]: digest }),
  };
}
