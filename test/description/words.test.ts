// Small readers that other rooms use too: platforms, paths, versions, did-you-mean.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CODES,
  editDistance,
  formatPlatform,
  goMinor,
  goVersion,
  goPlatform,
  suggest,
} from "../../src/description/index.ts";
import { cleanPath } from "../../src/description/path.ts";
import { lineText, linesOf } from "../../src/description/position.ts";

const linux =
  "386, amd64, arm, arm64, loong64, mips, mips64, mips64le, mipsle, ppc64, ppc64le, riscv64, s390x";

describe("platforms", () => {
  test.each([
    ["linux/amd64", "linux/amd64"],
    ["linux/amd64/v1", "linux/amd64"],
    ["linux/amd64/v3", "linux/amd64/v3"],
    ["linux/arm64", "linux/arm64"],
    ["linux/arm64/v8", "linux/arm64"],
    ["linux/arm", "linux/arm/v7"],
    ["linux/arm/v6", "linux/arm/v6"],
    ["linux/riscv64", "linux/riscv64"],
    ["windows/arm64", "windows/arm64"],
    ["linux/s390x", "linux/s390x"],
  ])("%s is %s", (text, normal) => {
    const result = goPlatform(text);
    expect(result.ok && formatPlatform(result.value)).toBe(normal);
  });

  test.each([
    ["linux/x86_64", "use `linux/amd64`"],
    ["Linux/AMD64", "use `linux/amd64`"],
    ["linux/aarch64", "use `linux/arm64`"],
    ["linux/armv7l", "use `linux/arm/v7`"],
    ["amd64", "use `linux/amd64`"],
    ["aarch64", "use `linux/arm64`"],
    ["macos/arm64", "use `darwin/arm64`"],
    ["linux/amd46", "use `linux/amd64`"],
    ["linux/arm/v99", "variants of arm: v7, v6, v5"],
    ["linux/s390x/v1", "write `linux/s390x`"],
    // Another machine is no slip of the pen: nothing to build for it is advised.
    ["linux/sparc64", `architectures of linux: ${linux}`],
    ["linux/riscv32", `architectures of linux: ${linux}`],
    ["linux/../x", `architectures of linux: ${linux}`],
    ["freebsd/s390x", "architectures of freebsd: 386, amd64, arm, arm64"],
    ["linux", "name the architecture too: `linux/amd64` or `linux/arm64`"],
    ["windows", "name the architecture too: `windows/amd64` or `windows/arm64`"],
    ["osx", "name the architecture too: `darwin/amd64` or `darwin/arm64`"],
    ["js", "name the architecture too: `js/wasm`"],
    ["armhf", "use `linux/arm/v7`"],
    ["win/x64", "use `windows/amd64`"],
    ["linux/arm64,linux/amd64", "name one each: `[linux/arm64, linux/amd64]`"],
    ["constructor/toString", "platforms are written like `linux/amd64` or `linux/arm64`"],
    ["unknown/unknown", "platforms are written like `linux/amd64` or `linux/arm64`"],
    ["", "platforms are written like `linux/amd64` or `linux/arm64`"],
    ["linux/amd64/v1/x", "use `linux/amd64`"],
  ])("%s is none", (text, help) => {
    const result = goPlatform(text);
    expect(result.ok).toBe(false);
    expect(!result.ok && result.problem.help).toBe(help);
  });
});

describe("paths", () => {
  test("are cleaned as Go does, and never leave", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", ".", "..", "", "..."), { maxLength: 8 }), (parts) => {
        const text = parts.join("/");
        const result = cleanPath(text);
        if (!result.ok) return;
        expect(result.value.startsWith("/")).toBe(false);
        expect(result.value.split("/")).not.toContain("..");
        expect(cleanPath(result.value)).toEqual(result);
      }),
    );
    expect(cleanPath("./a//b/./c/../d/")).toEqual({ ok: true, value: "a/b/d" });
    expect(cleanPath(`a/${"n".repeat(255)}/b`)).toMatchObject({ ok: true });
    expect(cleanPath(`a/${"é".repeat(128)}/b`)).toMatchObject({
      ok: false,
      problem: {
        message: "holds a name longer than 255 bytes",
        help: "no file system has such a name: write a shorter one",
      },
    });
    expect(cleanPath("a/".repeat(512))).toMatchObject({ ok: true });
    expect(cleanPath(`${"a/".repeat(512)}b`)).toMatchObject({
      ok: false,
      problem: { message: "is longer than 1024 bytes", help: "write a shorter path" },
    });
    expect(cleanPath("a/..")).toEqual({ ok: true, value: "." });
  });
});

test("the minor release, of any text that names one", () => {
  const texts = [
    "1.26.3",
    "1.26",
    "go1.27rc1",
    "go1.25.1-custom",
    "1.9",
    "2.0",
    "tip",
    "",
    "1",
    "1.99999",
    "v1.2",
  ];
  expect(texts.map(goMinor)).toEqual([26, 26, 27, 25, 9, Infinity, ...Array<undefined>(5).fill(undefined)]);
});

test("Go versions", () => {
  expect(goVersion("1.26")).toEqual({ major: 1, minor: 26 });
  expect(goVersion("1.26.3")).toEqual({ major: 1, minor: 26, patch: 3 });
  expect(goVersion("1.27rc2")).toEqual({ major: 1, minor: 27, prerelease: "rc2" });
  for (const bad of [
    "",
    "1",
    "1.",
    "v1.26",
    "go1.26",
    "1.26.3.4",
    "1.26.0rc1",
    "01.2",
    "1.99999",
    "1.26 ",
    "1.26\n",
  ]) {
    expect(goVersion(bad)).toBeUndefined();
  }
});

describe("did you mean", () => {
  test("the nearest, when one is near", () => {
    const keys = ["name", "main", "platforms", "ports", "entrypoint", "env"];
    expect(suggest("platfroms", keys)).toBe("platforms");
    expect(suggest("port", keys)).toBe("ports");
    expect(suggest("Name", keys)).toBe("name");
    expect(suggest("entry", keys)).toBe("entrypoint");
    expect(suggest("mian", keys)).toBe("main");
    expect(suggest("zzz", keys)).toBeUndefined();
    expect(suggest("", keys)).toBeUndefined();
    expect(suggest("x".repeat(1_000_000), keys)).toBeUndefined();
  });

  test("distance is a metric on small words", () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
    expect(editDistance("ab", "ba")).toBe(1);
  });
});

test("positions and offsets agree", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "é", "🙂", "\n", "\r\n", "\t"), { maxLength: 40 }),
      fc.nat(80),
      (parts, wanted) => {
        const text = parts.join("");
        const { line, column, offset } = linesOf(text).position(wanted);
        expect(offset).toBe(Math.min(wanted, text.length));
        const before = text.slice(0, offset);
        expect(line).toBe(before.split("\n").length);
        expect(column).toBe(offset - before.lastIndexOf("\n"));
        expect(text.split("\n")[line - 1]?.replace(/\r$/, "")).toBe(lineText(text, line));
      },
    ),
  );
});

test("codes are codes, each with words of its own", () => {
  const entries = Object.entries(CODES);
  for (const [code, { title, explanation }] of entries) {
    expect(code).toMatch(/^GF\d{3}$/);
    expect(title).not.toMatch(/^[A-Z](?!o )|\.$/);
    expect(explanation).toMatch(/[.)`]$/);
  }
  expect(new Set(entries.map(([, { title }]) => title)).size).toBe(entries.length);
});
