// Values that were read as JSON, and are looked at before they are used: each guard says what its type says, so the
// compiler finds a field that one of them has and the other has not. zod would do the same; on a listing of 1,000 packages,
// which every larger build reads once, its first look takes 8 ms and theirs 2.

export type Guard<T> = (value: unknown) => value is T;

/** A guard of each field; of one that may be absent, a guard that takes `undefined`. */
export type Shape<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? Guard<T[K] | undefined> : Guard<T[K]>;
};

export const text: Guard<string> = (value) => typeof value === "string";

export const number: Guard<number> = (value) => typeof value === "number";

export const truth: Guard<boolean> = (value) => typeof value === "boolean";

/** One of these values. */
export function word<T extends string | true | false>(...words: readonly T[]): Guard<T> {
  return (value): value is T => words.some((allowed) => allowed === value);
}

/** A value of the guard, or none. */
export function optional<T>(guard: Guard<T>): Guard<T | undefined> {
  return (value): value is T | undefined => value === undefined || guard(value);
}

/** A list of such items. */
export function list<T>(item: Guard<T>): Guard<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(item);
}

/** An object with any keys and such values. */
export function record<T>(item: Guard<T>): Guard<Readonly<Record<string, T>>> {
  return (value): value is Readonly<Record<string, T>> => isObject(value) && Object.values(value).every(item);
}

/** An object with these fields; others may stand beside them. */
export function fields<T>(shape: Shape<T>): Guard<T> {
  const guards = Object.entries<Guard<unknown>>(shape);
  return (value): value is T => isObject(value) && guards.every(([key, guard]) => guard(value[key]));
}

/** One of several kinds, told by its `kind`; each kind has its guard. */
export function kinds<T extends { readonly kind: string }>(guards: {
  readonly [K in T["kind"]]: Guard<Extract<T, { readonly kind: K }>>;
}): Guard<T> {
  const known = new Map<unknown, Guard<T>>(Object.entries(guards));
  return (value): value is T => isObject(value) && known.get(value["kind"])?.(value) === true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
