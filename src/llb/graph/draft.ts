/** A value while options fill it in. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };
