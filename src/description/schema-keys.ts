// zod/mini: the same engine and types as zod; bundled 21 KB instead of 95, and 5 to 10 ms sooner.
import * as z from "zod/mini";
import { parsed, refused } from "../oci/index.ts";
import { plainText, type Problem, type Rule } from "./rule.ts";

/** What the reference, the editor's hover help and the messages say of a key. */
export interface KeyDoc {
  /** Documentation: complete sentences, Markdown. */
  readonly description: string;
  /** Ends the sentence "… must be": what a value is. */
  readonly words: string;
  /** The key with a value, as YAML on one line. */
  readonly example: string;
  /** What holds when the key is not there. */
  readonly fallback: string;
}

/** Ends the description of a key whose values may hold variables. */
export const INTERPOLATED =
  "Values may hold `${name}`: a key of `args:` or a built-in name; `$$` is a dollar sign.";

export const keyDocs = z.registry<KeyDoc>();

type Schema = z.core.$ZodType;

/** An optional key and its documentation. */
export function key<S extends Schema>(schema: S, doc: KeyDoc): z.ZodMiniOptional<S> {
  document(schema, doc);
  return z.optional(schema);
}

/** Documents a schema, and what is written where it reads that. */
export function document(schema: Schema, doc: KeyDoc): void {
  keyDocs.add(schema, doc);
  const written = writtenOf(schema);
  if (written !== schema) keyDocs.add(written, doc);
}

/** The schema of what is written, where a schema reads it as something else. */
export function writtenOf(schema: Schema): Schema {
  // Every schema made by zod is one of this union; zod's own types say so only of the classic API.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === "pipe" ? writtenOf(def.in) : schema;
}

/** What a rule makes of a value that is written so; its problem becomes a message where the key's place is known. */
export function read<S extends Schema, Value>(
  written: S,
  rule: Rule<z.core.output<S>, Value>,
): z.ZodMiniPipe<S, z.ZodMiniTransform<Value, z.core.output<S>>> {
  return z.pipe(
    written,
    z.transform((value: z.core.output<S>, payload) => {
      const result = rule(value);
      if (result.ok) return result.value;
      payload.issues.push(issueOf(value, result.problem));
      return z.NEVER;
    }),
  );
}

/** Hands what a rule has against a value to zod. The value stays as it is: for keys, and for what holds several. */
export function obey<T>(rule: Rule<T, unknown>): z.core.$ZodCheck<T> {
  return z.check<T>((payload) => {
    const result = rule(payload.value);
    if (!result.ok) payload.issues.push(issueOf(payload.value, result.problem));
  });
}

function issueOf(input: unknown, problem: Problem): z.core.$ZodRawIssue<z.core.$ZodIssueCustom> {
  return { code: "custom", input, message: problem.message, params: { problem }, continue: true };
}

export const text = <Value>(rule: Rule<string, Value>) => read(z.string(), rule);
export const list = <S extends Schema>(item: S, most: number, least = 0) =>
  z.array(item).check(obey(sized<S>(least, most)));
/** A map from names to text, without a prototype: its names are anyone's. */
export const map = (name: Rule<string>) =>
  read(
    z.record(z.string().check(obey(name)), z.string().check(obey(plainText))).check(obey(atMostKeys)),
    (entries) => parsed(Object.assign(Object.create(null) as Record<string, string>, entries)),
  );

function sized<S extends Schema>(least: number, most: number): Rule<readonly z.core.output<S>[]> {
  return (items) => {
    if (items.length > most) {
      return refused({ message: `has ${items.length} entries; ${most} is the most`, help: "list fewer" });
    }
    return items.length < least
      ? refused({ message: "is empty", help: "leave the key out for the default" })
      : parsed(items);
  };
}

/** A rule for maps of at most so many entries. */
export function fewEnough(most: number, what: string, help: string): Rule<object> {
  return (entries) => {
    const count = Object.keys(entries).length;
    return count <= most
      ? parsed(entries)
      : refused({ message: `holds ${count} ${what}; ${most} is the most`, help });
  };
}

const atMostKeys: Rule<Readonly<Record<string, string>>> = (entries) => {
  const size = Object.entries(entries).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return size <= 65_536
    ? parsed(entries)
    : refused({ message: `holds ${size} characters; 65536 is the most`, help: "put long texts into files" });
};
