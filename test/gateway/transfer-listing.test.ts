import { expect, test } from "vitest";
import { readTransferListing } from "../../src/gateway/transfer-listing.ts";
import { fsTypes } from "../../src/proto/index.ts";

function entry(stat: fsTypes.Stat.$Properties): Buffer {
  const message = fsTypes.Stat.encode(stat).finish();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(message.length);
  return Buffer.concat([length, message]);
}

test("reads entries one after the other", () => {
  const long = "d/".repeat(200) + "file";
  const bytes = Buffer.concat([
    entry({ path: "dir", mode: 0x8000_01ed }),
    entry({ path: long, mode: 0o644, size: 2 ** 40 }),
    entry({ path: "link", mode: 0x0800_01ff, linkname: "dir" }),
  ]);
  expect(
    [...readTransferListing(bytes)].map(({ path, type, size, linkname }) => [path, type, size, linkname]),
  ).toEqual([
    ["dir", "directory", 0, ""],
    [long, "file", 2 ** 40, ""],
    ["link", "symlink", 0, "dir"],
  ]);
  expect([...readTransferListing(new Uint8Array(0))]).toEqual([]);
});

test("names that are not UTF-8 hide no others", () => {
  const listing = Buffer.concat([entry({ path: "caf.txt" }), entry({ path: "a/x.go", linkname: "caf.go" })]);
  // Latin-1, in place of two letters of the same length.
  const bytes = Buffer.from(listing.toString("latin1").replaceAll("caf", "c\xe9f"), "latin1");
  expect([...readTransferListing(bytes)].map(({ path, linkname }) => [path, linkname])).toEqual([
    ["c\ufffdf.txt", ""],
    ["a/x.go", "c\ufffdf.go"],
  ]);
});

test("a listing that is cut off anywhere is an error", () => {
  const bytes = Buffer.concat([entry({ path: "a" }), entry({ path: "b" })]);
  const whole = [0, entry({ path: "a" }).length, bytes.length];
  for (let length = 0; length <= bytes.length; length++) {
    const read = () => [...readTransferListing(bytes.subarray(0, length))];
    if (whole.includes(length)) expect(read()).toHaveLength(whole.indexOf(length));
    else expect(read).toThrow(/cut off at byte \d+/);
  }
});
