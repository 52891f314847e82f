// protobufjs decodes 64-bit fields to Long, whatever its declarations say, and writes a bigint as 0. The one place that
// turns one form into the other.

import type { pb } from "./generated/index.js";

/** The two halves of a 64-bit number; protobufjs's Long is one. */
export interface LongLike {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

/** A 64-bit field: a number, or a Long when protobufjs decoded it. */
export type Int64 = number | LongLike;

/** A 64-bit field as a bigint; absent is 0n, as in proto3. Nanosecond times need this. */
export function toBigInt(value: Int64 | null | undefined): bigint {
  if (value === null || value === undefined) return 0n;
  if (typeof value === "number") return BigInt(value);
  const bits = (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
  return value.unsigned ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits);
}

/**
 * A 64-bit field as a number; absent is 0, as in proto3.
 *
 * @throws RangeError when the value is beyond ±2^53 and a number would change it.
 */
export function toNumber(value: Int64 | null | undefined): number {
  const number = typeof value === "number" ? value : Number(toBigInt(value));
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(`${String(number)} does not fit a number; use toBigInt`);
  }
  return number;
}

/** A 64-bit number as a generated encoder takes it; absent is 0, as in proto3. */
export function toInt64(value: number | bigint | undefined): number | Long {
  if (value === undefined || typeof value === "number") return value ?? 0;
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  // The encoder reads these three fields alone, and its declarations ask for the class.
  const long: LongLike = { low, high, unsigned: value >= 1n << 63n };
  return long as Long;
}

type Long = Exclude<NonNullable<pb.LinuxResources.$Properties["memory"]>, number>;

/** Tells protobufjs's Long without importing its package. */
export function isLong(value: unknown): value is LongLike {
  return (
    typeof value === "object" && value !== null && "low" in value && "high" in value && "unsigned" in value
  );
}
