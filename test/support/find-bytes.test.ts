// The search that the canary test rests on: it would find a secret in any form, wherever it stands.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { findBytes } from "./find-bytes.ts";

const folder = mkdtempSync(join(tmpdir(), "find-bytes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = randomBytes(32);
const text = secret.toString("base64");
const login = (name: string): string => Buffer.from(`${name}:${text}`).toString("base64");

test.each<[string, string | Buffer, string | Buffer]>([
  ["as it is", secret, secret],
  ["in hexadecimal", secret, secret.toString("hex")],
  ["in upper case", secret, secret.toString("hex").toUpperCase()],
  ["in base64", secret, text],
  ["in base64 of a URL", secret, secret.toString("base64url")],
  ["in a URL", text, `https://ci:${encodeURIComponent(text)}@host.test/`],
  ["in a header, behind one letter", text, `Basic ${login("a")}`],
  ["in a header, behind two", text, `Basic ${login("ab")}`],
  ["in a header, behind three", text, `Basic ${login("abc")}`],
  ["in a gzip stream", text, gzipSync(`{"password":"${text}"}`)],
  ["in a zstd frame", text, zstdCompressSync(`{"password":"${text}"}`)],
  ["in gzip twice", text, gzipSync(gzipSync(text))],
])("finds a secret %s", (_, needle, written) => {
  const dir = mkdtempSync(join(folder, "case-"));
  mkdirSync(join(dir, "deep"));
  writeFileSync(join(dir, "deep", "file"), Buffer.concat([Buffer.from("before"), Buffer.from("after")]));
  expect(findBytes(dir, needle)).toEqual({ found: [], searched: 1 });
  writeFileSync(join(dir, "deep", "file"), written);
  expect(findBytes(dir, needle).found).not.toEqual([]);
});

test("looks into what has changed since a time, whatever time the file says, and follows no link", () => {
  const dir = mkdtempSync(join(folder, "since-"));
  writeFileSync(join(dir, "file"), secret);
  symlinkSync("/dev/zero", join(dir, "link"));
  expect(findBytes(dir, secret, Date.now() - 60_000).found).toHaveLength(1);
  expect(findBytes(dir, secret, Date.now() + 60_000)).toEqual({ found: [], searched: 0 });
  expect(findBytes(dir, secret, 0, (path) => path.endsWith("/file"))).toEqual({ found: [], searched: 0 });
});
