import { gzipSync } from "node:zlib";
import { writeFile } from "../workspace.ts";

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

const bytes = (field: number, value: Buffer): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);

const strings = [
  "",
  "samples",
  "count",
  "cpu",
  "nanoseconds",
  "example.com/svc/internal/server.Serve",
  "google.golang.org/grpc.(*Server).Serve",
  "server.go",
];

/**
 * Writes a small but valid CPU profile (google/pprof:proto/profile.proto): one hot call, from the service into
 * gRPC. What it says hardly matters; that it is there gives every package another key.
 */
export function cpuProfile(file: string): void {
  const valueType = (type: number, unit: number): Buffer => Buffer.concat([number(1, type), number(2, unit)]);
  const fn = (id: number, name: number): Buffer =>
    Buffer.concat([number(1, id), number(2, name), number(3, name), number(4, 7), number(5, 20)]);
  const location = (id: number, line: number): Buffer =>
    Buffer.concat([number(1, id), bytes(4, Buffer.concat([number(1, id), number(2, line)]))]);
  const packed = (field: number, values: readonly number[]): Buffer =>
    bytes(field, Buffer.concat(values.map(varint)));
  const profile = Buffer.concat([
    bytes(1, valueType(1, 2)),
    bytes(1, valueType(3, 4)),
    bytes(2, Buffer.concat([packed(1, [2, 1]), packed(2, [1000, 10_000_000_000])])),
    bytes(4, location(1, 45)),
    bytes(4, location(2, 900)),
    bytes(5, fn(1, 5)),
    bytes(5, fn(2, 6)),
    ...strings.map((text) => bytes(6, Buffer.from(text))),
    bytes(11, valueType(3, 4)),
    number(12, 10_000_000),
  ]);
  writeFile(file, gzipSync(profile));
}
