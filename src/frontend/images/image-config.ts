import type { ContainerConfig, HistoryEntry, ImageConfig } from "../../plan/index.ts";

export type ReadConfig =
  | { readonly ok: true; readonly config: ImageConfig }
  /** What is wrong, as the end of a sentence that begins with the image. */
  | { readonly ok: false; readonly problem: string };

/** Bytes of the largest configuration that is read. Those of images with a hundred steps have a tenth of it. */
const MAX_CONFIG = 1 << 20;

/**
 * Reads an OCI image configuration (opencontainers/image-spec:config.md). Anyone may write one, so every field that a
 * build uses is looked at; those that are not there may also be null, as Go writes them. Variables without a name are
 * left out: they are seen in real images and mean nothing.
 */
export function readImageConfig(bytes: Uint8Array): ReadConfig {
  if (bytes.length > MAX_CONFIG) {
    return {
      ok: false,
      problem: `has a configuration of ${bytes.length} bytes; ${MAX_CONFIG} are read at most`,
    };
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return { ok: false, problem: "has a configuration that is not JSON" };
  }
  try {
    return { ok: true, config: image(json) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, problem: `has a configuration with ${error.message}` };
  }
}

/** A field of the wrong type. */
class Fault extends Error {
  constructor(field: string, wanted: string) {
    super(field === "" ? `no fields: it must be an object` : `${field} that is not ${wanted}`);
    this.name = "Fault";
  }
}

type Fields = Readonly<Record<string, unknown>>;

function image(json: unknown): ImageConfig {
  const from = fields(json, "") ?? {};
  const container = fields(from["config"], "config");
  const history = list(from["history"], "history", historyEntry);
  return {
    ...texts(from, "", ["created", "architecture", "os", "os.version", "variant", "author"]),
    ...present("os.features", list(from["os.features"], "os.features", text)),
    ...present("config", container === undefined ? undefined : containerConfig(container)),
    ...present("history", history),
  };
}

function containerConfig(from: Fields): ContainerConfig {
  const env = list(from["Env"], "config.Env", variable)?.filter((entry) => !/^(?:=|$)/.test(entry));
  return {
    ...texts(from, "config.", ["User", "WorkingDir", "StopSignal"]),
    ...present("ExposedPorts", names(from["ExposedPorts"], "config.ExposedPorts")),
    ...present("Env", env),
    ...present("Entrypoint", list(from["Entrypoint"], "config.Entrypoint", text)),
    ...present("Cmd", list(from["Cmd"], "config.Cmd", text)),
    ...present("Volumes", names(from["Volumes"], "config.Volumes")),
    ...present("Labels", labels(from["Labels"], "config.Labels")),
  };
}

function historyEntry(value: unknown, field: string): HistoryEntry {
  const from = fields(value, field) ?? {};
  const empty = from["empty_layer"] ?? undefined;
  if (empty !== undefined && typeof empty !== "boolean") {
    throw new Fault(`${field}.empty_layer`, "true or false");
  }
  return {
    ...texts(from, `${field}.`, ["created", "created_by", "author", "comment"]),
    ...present("empty_layer", empty),
  };
}

function fields(value: unknown, field: string): Fields | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) throw new Fault(field, "an object");
  return value as Fields;
}

function text(value: unknown, field: string): string {
  if (typeof value !== "string") throw new Fault(field, "text");
  return value;
}

/** What no process can be given. */
function variable(value: unknown, field: string): string {
  const entry = text(value, field);
  if (entry.includes("\0")) throw new Fault(field, "text without zero bytes");
  return entry;
}

function list<T>(
  value: unknown,
  field: string,
  item: (value: unknown, field: string) => T,
): readonly T[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new Fault(field, "a list");
  return value.map((entry: unknown, index) => item(entry, `${field}[${index}]`));
}

/** A set, as Go writes it: what its keys hold means nothing. */
function names(value: unknown, field: string): Readonly<Record<string, object>> | undefined {
  const from = fields(value, field);
  return from === undefined ? undefined : Object.fromEntries(Object.keys(from).map((name) => [name, {}]));
}

function labels(value: unknown, field: string): Readonly<Record<string, string>> | undefined {
  const from = fields(value, field);
  if (from === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(from).map(([name, label]) => [
      name,
      text(label, `${field}[${JSON.stringify(name.slice(0, 80))}]`),
    ]),
  );
}

function texts<K extends string>(
  from: Fields,
  prefix: string,
  keys: readonly K[],
): { readonly [P in K]?: string } {
  const found = keys.flatMap((key) => {
    const value = from[key] ?? undefined;
    return value === undefined ? [] : [[key, text(value, `${prefix}${key}`)] as const];
  });
  return Object.fromEntries(found) as { readonly [P in K]?: string };
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
