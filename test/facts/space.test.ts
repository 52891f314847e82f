import { expect, test } from "vitest";
import { fields, isSpace, trimSpace } from "../../src/facts/space.ts";

test("spaces are Go's: U+0085 is one, U+FEFF is none", () => {
  const spaces = [
    0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f,
    0x3000,
  ];
  for (let code = 0; code <= 0xffff; code++) {
    const isListed = spaces.includes(code) || (code > 0x2000 && code < 0x200a);
    if (isSpace(code) !== isListed) expect.fail(`U+${code.toString(16)}`);
  }
  expect(trimSpace("\u0085 \ufeffa\ufeff\v\u3000")).toBe("\ufeffa\ufeff");
  expect(fields(" a\u0085b \ufeff\tc\u00a0")).toEqual(["a", "b", "\ufeff", "c"]);
  expect(fields("\n")).toEqual([]);
});
