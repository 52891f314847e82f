/**
 * The numbers of BuildKit's enums, by the words that both libraries and their dumps use. The one table of them: all who
 * read or write such a number take it from here (moby/buildkit:solver/pb/ops.proto).
 */
export const wireNumbers = {
  network: { sandbox: 0, host: 1, none: 2 },
  security: { sandbox: 0, insecure: 1 },
  mountType: { bind: 0, secret: 1, ssh: 2, cache: 3, tmpfs: 4 },
  sharing: { shared: 0, private: 1, locked: 2 },
  contentCache: { default: 0, on: 1, off: 2 },
} as const satisfies Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The word for a number of the enum that a field of ops holds; undefined: the field holds no enum, or another number. */
export function wireWord(field: string, value: number): string | undefined {
  if (!Object.hasOwn(wireNumbers, field)) return undefined;
  const numbers: Readonly<Record<string, number>> = wireNumbers[field as keyof typeof wireNumbers];
  return Object.keys(numbers).find((word) => numbers[word] === value);
}
