import { LlbError } from "../names/errors.ts";
import type { Platform } from "../../oci/index.ts";

/** The parts of an OCI image config that a state learns from. */
interface ImageConfig {
  readonly architecture?: unknown;
  readonly os?: unknown;
  readonly variant?: unknown;
  readonly "os.version"?: unknown;
  readonly "os.features"?: unknown;
  readonly config?: { readonly Env?: unknown; readonly WorkingDir?: unknown } | null | undefined;
}

/** What a state takes of an image config. */
export interface ImageSettings {
  readonly env: readonly (readonly [key: string, value: string])[];
  readonly workingDir: string;
  /** Undefined where the config names no operating system or no architecture. */
  readonly platform: Platform | undefined;
}

/**
 * Reads an image config (moby/buildkit:client/llb/state.go, WithImageConfig).
 *
 * @throws LlbError when it is no JSON object of that shape
 */
export function readImageConfig(json: Uint8Array | string): ImageSettings {
  const image = parse(typeof json === "string" ? json : new TextDecoder().decode(json));
  const env = strings(image.config?.Env, "config.Env").flatMap((entry) => {
    const equals = entry.indexOf("=");
    const key = equals < 0 ? entry : entry.slice(0, equals);
    return key === "" ? [] : [[key, equals < 0 ? "" : entry.slice(equals + 1)] as const];
  });
  const workingDir = string(image.config?.WorkingDir, "config.WorkingDir");
  const os = string(image.os, "os");
  const architecture = string(image.architecture, "architecture");
  if (os === "" || architecture === "") return { env, workingDir, platform: undefined };
  const platform: Platform = {
    os,
    architecture,
    variant: string(image.variant, "variant"),
    osVersion: string(image["os.version"], "os.version"),
    osFeatures: strings(image["os.features"], "os.features"),
  };
  return { env, workingDir, platform };
}

function parse(text: string): ImageConfig {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below, with the same words as any other text that is no config.
  }
  throw new LlbError("", "withImageConfig", "the image config is not a JSON object");
}

function string(value: unknown, where: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw new LlbError("", "withImageConfig", `${where} of the image config is not a string`);
}

function strings(value: unknown, where: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((item) => string(item, where));
  throw new LlbError("", "withImageConfig", `${where} of the image config is not a list`);
}
