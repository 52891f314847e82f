// protobufjs decodes 64-bit fields to Long, whatever its declarations say. These two turn one
// into what a program can calculate with.

/** A decoded 64-bit field: a number, or a Long when protobufjs decoded it. */
export type Int64 = number | { toNumber(): number; toString(): string };

/**
 * A 64-bit field as a number; absent is 0, as in proto3.
 *
 * @throws RangeError when the value is beyond ±2^53 and a number would change it.
 */
export function toNumber(value: Int64 | null | undefined): number {
  if (value === null || value === undefined) return 0;
  const number = typeof value === "number" ? value : value.toNumber();
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(`${value.toString()} does not fit a number; use toBigInt`);
  }
  return number;
}

/** A 64-bit field as a bigint; absent is 0n, as in proto3. Nanosecond times need this. */
export function toBigInt(value: Int64 | null | undefined): bigint {
  return value === null || value === undefined ? 0n : BigInt(value.toString());
}
