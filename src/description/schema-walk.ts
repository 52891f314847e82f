import type * as z from "zod/mini";
import { keyDocs, type KeyDoc, writtenOf } from "./schema-keys.ts";
import { descriptionSchema } from "./schema.ts";
import type { Path } from "./position.ts";

type Schema = z.core.$ZodType;

/** The schema of what is written at a path of the description; undefined where no key can be. */
export function schemaAt(path: Path): z.core.$ZodTypes | undefined {
  const schema = writtenAt(path);
  return schema === undefined ? undefined : bare(schema);
}

/** As {@link schemaAt}, with the choice where there is one. */
function writtenAt(path: Path): z.core.$ZodTypes | undefined {
  let schema: Schema | undefined = descriptionSchema;
  for (const step of path) {
    schema = schema === undefined ? undefined : child(schema, step);
  }
  return schema === undefined ? undefined : required(schema);
}

/** The documentation of the key at a path, if it has its own. */
export function docAt(path: Path): KeyDoc | undefined {
  const schema = writtenAt(path);
  return schema === undefined ? undefined : keyDocs.get(schema);
}

/** Whether text can stand at a path. */
export function takesText(path: Path): boolean {
  const { def } = writtenAt(path)?._zod ?? {};
  return (
    def?.type === "string" ||
    (def?.type === "union" &&
      mapIn(def.options) !== undefined &&
      def.options.some((option) => bare(option)._zod.def.type === "string"))
  );
}

/** The keys that a map at this path may hold; empty where keys are free. */
export function keysAt(path: Path): readonly string[] {
  const schema = schemaAt(path);
  return schema?._zod.def.type === "object" ? Object.keys(schema._zod.def.shape) : [];
}

/** Every key with documentation of its own, as paths in the order of the schema; `*` stands for a free key. */
export function allKeys(): readonly (readonly string[])[] {
  const found: string[][] = [];
  const walk = (schema: Schema, path: readonly string[]): void => {
    const { def } = bare(schema)._zod;
    if (def.type === "object") {
      for (const [name, inner] of Object.entries(def.shape)) {
        found.push([...path, name]);
        walk(inner, [...path, name]);
      }
      if (def.catchall !== undefined && bare(def.catchall)._zod.def.type === "object") {
        found.push([...path, "*"]);
        walk(def.catchall, [...path, "*"]);
      }
    } else if (def.type === "record") {
      walk(def.valueType, [...path, "*"]);
    }
  };
  walk(descriptionSchema, []);
  return found;
}

function child(schema: Schema, step: string | number): Schema | undefined {
  const { def } = bare(schema)._zod;
  switch (def.type) {
    case "object":
      if (Object.hasOwn(def.shape, step)) return def.shape[step];
      return def.catchall !== undefined && bare(def.catchall)._zod.def.type !== "never"
        ? def.catchall
        : undefined;
    case "record":
      return def.valueType;
    case "array":
      return typeof step === "number" ? def.element : undefined;
    default:
      return undefined;
  }
}

function required(schema: Schema): z.core.$ZodTypes {
  const known = writtenOf(schema) as z.core.$ZodTypes;
  return known._zod.def.type === "optional" ? required(known._zod.def.innerType) : known;
}

function bare(schema: Schema): z.core.$ZodTypes {
  // Every schema made by zod is one of this union; zod's own types say so only of the classic API.
  const known = writtenOf(schema) as z.core.$ZodTypes;
  const { def } = known._zod;
  if (def.type === "optional") return bare(def.innerType);
  return def.type === "union" ? (mapIn(def.options) ?? listIn(def.options) ?? known) : known;
}

/** Of a choice between text and a list the list: only in it is more. */
function listIn(options: readonly Schema[]): z.core.$ZodTypes | undefined {
  return options.map(bare).find((option) => option._zod.def.type === "array");
}

/** Of a choice between a single value and a map the map: only in it are keys. */
function mapIn(options: readonly Schema[]): z.core.$ZodTypes | undefined {
  return options.map(bare).find((option) => option._zod.def.type === "object");
}

/** A key and its documentation; `*` in a path stands for a free key. */
export interface KeyEntry {
  readonly path: readonly string[];
  readonly doc: KeyDoc;
}

const allKeysAtTop = (): readonly string[] => keysAt([]);

/** The documentation of every key, in the order of the schema; what services repeat is left out. */
export function keyReference(): readonly KeyEntry[] {
  const isOwn = ([first, , key, ...rest]: readonly string[]): boolean =>
    first !== "services" || key === undefined || (rest.length === 0 && !allKeysAtTop().includes(key));
  return allKeys()
    .filter((path) => isOwn(path) && path.join() !== "services,*")
    .flatMap((path) => {
      const doc = docAt(path);
      return doc === undefined ? [] : [{ path, doc }];
    });
}
