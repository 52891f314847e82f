// What a step of a toolchain that anyone may have made says is looked at before it is used.
import { expect, test } from "vitest";
import { readListing } from "../../src/plan/index.ts";

const plain = { packages: [{ path: "a.example/b", module: "a.example", version: "v1.0.0" }], back: [] };

test.each([
  ["nothing", {}],
  ["packages", { "linux/amd64": plain }],
  [
    "all that it can say",
    { "linux/amd64": { ...plain, kept: true, cgo: [{ path: "a", file: "b.go", line: 3 }] } },
  ],
])("a listing of %s is one", (_what, json) => {
  expect(readListing(json)).toEqual(json);
});

test.each([
  null,
  7,
  "x",
  [],
  [plain],
  { "linux/amd64": null },
  { "linux/amd64": { packages: null, back: [] } },
  { "linux/amd64": { ...plain, back: [7] } },
  { "linux/amd64": { ...plain, packages: [{ path: "a" }] } },
  { "linux/amd64": { ...plain, cgo: {} } },
])("%j is none", (json) => {
  expect(readListing(json)).toBeUndefined();
});
