import { describe, expect, test } from "vitest";
import { parseDescription, type Path, type Range } from "../../src/description/index.ts";
import { good } from "./support.ts";

const text = `# syntax=org/go-frontend
name: orders
build:
  tags: [netgo, osusergo]
  vars:
    main.version: "1.0"
    main.commit: abc
image:
  ports:
    - 8080
    - 53/udp
  env: { A: x, B: "" }

# the services
services:
  api:
    main: ./cmd/api
`;

const file = text.replace("name: orders\n", "");
const located = good(file);

const shown = (range: Range): string => file.slice(range.start.offset, range.end.offset);
const at = (range: Range): string => `${range.start.line}:${range.start.column}`;

describe("ranges", () => {
  const cases: readonly (readonly [Path, string, string, string])[] = [
    // path, place of the value, text of the value, text of the key
    [["build"], "2:1", "build", "build"],
    [["build", "tags"], "3:9", "[netgo, osusergo]", "tags"],
    [["build", "tags", 1], "3:17", "osusergo", "osusergo"],
    [["build", "vars", "main.version"], "5:19", '"1.0"', "main.version"],
    [["build", "vars", "main.commit"], "6:18", "abc", "main.commit"],
    [["image", "ports"], "8:3", "ports", "ports"],
    [["image", "ports", 1], "10:7", "53/udp", "53/udp"],
    [["image", "env", "B"], "11:19", '""', "B"],
    [["services", "api"], "15:3", "api", "api"],
    [["services", "api", "main"], "16:11", "./cmd/api", "main"],
  ];
  test.each(cases)("%j", (path, place, value, key) => {
    expect(located.has(path)).toBe(true);
    expect(at(located.rangeOf(path))).toBe(place);
    expect(shown(located.rangeOf(path))).toBe(value);
    expect(shown(located.keyRangeOf(path))).toBe(key);
  });

  test("what is not written stands at its nearest parent, at last in the first line", () => {
    expect(located.has(["image", "user"])).toBe(false);
    expect(shown(located.rangeOf(["image", "user"]))).toBe("image");
    expect(shown(located.rangeOf(["image", "ports", 7]))).toBe("ports");
    expect(shown(located.keyRangeOf(["services", "api", "image", "env", "X"]))).toBe("api");
    expect(shown(located.rangeOf(["main"]))).toBe("# syntax=org/go-frontend");
    expect(shown(located.rangeOf([]))).toBe("# syntax=org/go-frontend");
  });

  test("lines end with CR LF and begin after a byte order mark", () => {
    const windows = good(`\ufeff${file.replaceAll("\n", "\r\n")}`);
    expect(windows.source.text.startsWith("# syntax")).toBe(true);
    for (const [path, place] of cases) expect(at(windows.rangeOf(path))).toBe(place);
    expect(windows.rangeOf(["main"]).end).toEqual({ line: 1, column: 25, offset: 24 });
  });
});

describe("what is read", () => {
  test("a file of comments is a description without keys", () => {
    for (const one of [
      "# syntax=org/go-frontend",
      "# syntax=org/go-frontend\n\n# more\n",
      "---\n# x\n",
      "{}\n",
    ]) {
      expect(good(one).description).toEqual({});
    }
  });

  test("any name will do for the file", () => {
    const bytes = new TextEncoder().encode("# syntax=org/go-frontend\nmain: ./cmd/api\n");
    const result = parseDescription({ filename: "Dockerfile", bytes });
    expect(result.ok && result.located.source.filename).toBe("Dockerfile");
  });

  test("text is what stands there, whatever YAML makes of it", () => {
    const { description } = good(`
name: 007
args: { rate: 1.20, on: on, "yes": true, hex: 0x1F, big: 12345678901234567890, date: 2026-01-02 }
image:
  args: [-n, 08, 1e3, .5, true, null-ish]
  env: { constructor: 1, toString: x }
`);
    expect(description.name).toBe("007");
    expect({ ...description.args }).toEqual({
      rate: "1.20",
      on: "on",
      yes: "true",
      hex: "0x1F",
      big: "12345678901234567890",
      date: "2026-01-02",
    });
    expect(description.image?.args).toEqual(["-n", "08", "1e3", ".5", "true", "null-ish"]);
    expect(Object.entries(description.image?.env ?? {})).toEqual([
      ["constructor", "1"],
      ["toString", "x"],
    ]);
  });

  test("the description cannot be changed", () => {
    const { description } = good("image: { ports: [80], env: { A: b } }\n");
    expect(Object.isFrozen(description)).toBe(true);
    expect(Object.isFrozen(description.image)).toBe(true);
    expect(Object.isFrozen(description.image?.ports)).toBe(true);
    expect(Object.isFrozen(description.image?.env)).toBe(true);
  });
});
