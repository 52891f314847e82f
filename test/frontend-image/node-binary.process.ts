// What is done to Node's binary, on the Node that runs this test.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { withoutSections } from "../../frontend-image/elf.ts";
import { withSmallIcu } from "../../frontend-image/icu.ts";

const published = process.platform === "linux" ? readFileSync(process.execPath) : undefined;
const folder = mkdtempSync(join(tmpdir(), "go-frontend-node-"));
const node = join(folder, "node");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function evaluate(binary: string, expression: string): unknown {
  const script = `process.stdout.write(JSON.stringify(${expression}))`;
  const { stdout, stderr } = spawnSync(binary, ["-e", script], {
    encoding: "utf8",
    env: { TZ: "Europe/Berlin" },
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe.runIf(published !== undefined)("the image's Node", () => {
  const small = withSmallIcu(withoutSections(published ?? Buffer.alloc(0)));
  writeFileSync(node, small, { mode: 0o755 });

  test("runs, without symbols and sections", () => {
    expect(evaluate(node, "process.versions")).toEqual(process.versions);
    expect(small.length).toBeLessThan((published?.length ?? 0) * 0.8);
    expect(small.readUInt16LE(0x3c)).toBe(0);
  });

  test("computes with Unicode and English as before", () => {
    const expression = `[
      "a".localeCompare("B"), ["b", "ä", "a", "Z"].sort(new Intl.Collator("en").compare), "straße".toUpperCase(),
      "é".normalize("NFD").length, "ﬁ".normalize("NFKC"), /\\p{Script=Greek}/u.test("α"), /ß/iu.test("ẞ"),
      new Date(0).toString(), new Date(0).toLocaleString("en-US", { timeZone: "Asia/Tokyo" }),
      (1234.5).toLocaleString("en-US"), new Intl.PluralRules("en").select(1), new Intl.ListFormat("en").format(["a", "b"]),
      [...new Intl.Segmenter("en").segment("e\\u0301x")].length, new URL("http://exämple.com/").host,
      new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xc3, 0xa4])),
      new TextDecoder("utf-16le").decode(new Uint8Array([65, 0])), new TextDecoder("latin1").decode(new Uint8Array([228])),
    ]`;
    expect(evaluate(node, expression)).toEqual(evaluate(process.execPath, expression));
  });

  test("knows no other language and no legacy charset", () => {
    expect(evaluate(node, `new Intl.NumberFormat("de-DE").format(1234.5)`)).toBe("1,234.5");
    expect(
      evaluate(
        node,
        `(() => { try { return new TextDecoder("shift_jis").encoding } catch (e) { return e.code } })()`,
      ),
    ).toBe("ERR_ENCODING_NOT_SUPPORTED");
  });

  test("is the smaller to pull for it", () => {
    const level = { params: { 100: 1 } };
    const stripped = zstdCompressSync(withoutSections(published ?? Buffer.alloc(0)), level).length;
    expect(zstdCompressSync(small, level).length).toBeLessThan(stripped * 0.75);
  });
});

test("only a whole ELF64 file is taken", () => {
  expect(() => withoutSections(Buffer.from("#!/bin/sh\n".repeat(20)))).toThrow(
    "not a little-endian ELF64 file",
  );
  expect(() => withoutSections(Buffer.alloc(3))).toThrow("not a little-endian ELF64 file");
  if (published !== undefined) expect(() => withoutSections(published.subarray(0, 4096))).toThrow("cut off");
});

test("a binary without ICU data is refused", () => {
  expect(() => withSmallIcu(Buffer.from("CmnD, but no data package"))).toThrow("no ICU data package");
});
