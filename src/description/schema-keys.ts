// zod/mini: the same engine and types as zod; bundled 21 KB instead of 95, and 5 to 10 ms sooner.
import * as z from "zod/mini";
import * as rules from "./values.ts";

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

export const keyDocs = z.registry<KeyDoc>();

type Schema = z.core.$ZodType;

/** An optional key and its documentation. */
export function key<S extends Schema>(schema: S, doc: KeyDoc): z.ZodMiniOptional<S> {
  keyDocs.add(schema, doc);
  return z.optional(schema);
}

/** Hands what a rule finds to zod; messages are made later, where the key's place is known. */
export function obey<T>(rule: rules.Rule<T>): z.core.$ZodCheck<T> {
  return z.check<T>((payload) => {
    const problem = rule(payload.value);
    if (problem !== undefined) {
      payload.issues.push({
        code: "custom",
        input: payload.value,
        message: problem.message,
        params: { problem },
        continue: true,
      });
    }
  });
}

export const text = (rule: rules.Rule<string>) => z.string().check(obey(rule));
export const list = <S extends Schema>(item: S, most: number, least = 0) =>
  z.array(item).check(obey(sized<S>(least, most)));
export const map = (name: rules.Rule<string>) =>
  z.record(z.string().check(obey(name)), z.string().check(obey(rules.plainText))).check(obey(atMostKeys));

function sized<S extends Schema>(least: number, most: number): rules.Rule<readonly z.core.output<S>[]> {
  return (items) => {
    if (items.length > most) {
      return { message: `has ${items.length} entries; ${most} is the most`, help: "list fewer" };
    }
    return items.length < least
      ? { message: "is empty", help: "leave the key out for the default" }
      : undefined;
  };
}

const atMostKeys: rules.Rule<Readonly<Record<string, string>>> = (entries) => {
  const size = Object.entries(entries).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return size <= 65_536
    ? undefined
    : { message: `holds ${size} characters; 65536 is the most`, help: "put long texts into files" };
};
