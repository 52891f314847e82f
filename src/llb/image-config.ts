import { LlbError } from "./errors.ts";
import type { Platform } from "./platform.ts";
import type { State } from "./state.ts";

/** The parts of an OCI image config that a state learns from. */
interface ImageConfig {
  readonly architecture?: unknown;
  readonly os?: unknown;
  readonly variant?: unknown;
  readonly "os.version"?: unknown;
  readonly "os.features"?: unknown;
  readonly config?: { readonly Env?: unknown; readonly WorkingDir?: unknown } | null;
}

/** Env, working directory and platform of an image config (moby/buildkit:client/llb/state.go, WithImageConfig). */
export function withImageConfig(state: State, json: Uint8Array | string): State {
  const text = typeof json === "string" ? json : new TextDecoder().decode(json);
  const image = parse(text);
  let result = state;
  for (const entry of strings(image.config?.Env, "config.Env")) {
    const equals = entry.indexOf("=");
    const key = equals < 0 ? entry : entry.slice(0, equals);
    if (key !== "") result = result.addEnv(key, equals < 0 ? "" : entry.slice(equals + 1));
  }
  result = result.dir(string(image.config?.WorkingDir, "config.WorkingDir"));
  const os = string(image.os, "os");
  const architecture = string(image.architecture, "architecture");
  if (os === "" || architecture === "") return result;
  const platform: Platform = {
    os,
    architecture,
    variant: string(image.variant, "variant"),
    osVersion: string(image["os.version"], "os.version"),
    osFeatures: strings(image["os.features"], "os.features"),
  };
  return result.platform(platform);
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
