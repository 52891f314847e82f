// What a transfer of a client's folder may name: patterns are headers of a gRPC call, and those have a limit.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  escapePattern,
  HEADER_BYTES,
  headerBytes,
  ignoreFileProblem,
  ignoreRules,
  runsWithin,
  ignoreProblems,
  withinHeaders,
} from "../../src/facts/index.ts";

const files = (count: number, name = "some_longer_file_name"): readonly string[] =>
  Array.from({ length: count }, (_, index) => `internal/package${index % 150}/${name}_${index}.go`);

const sizeOf = (paths: readonly string[]): number => headerBytes(paths.map(escapePattern));

describe("the size of patterns", () => {
  test("is their length, and what each header takes", () => {
    expect(headerBytes([])).toBe(0);
    expect(headerBytes(["a", "bc"])).toBe(48 + 1 + 48 + 2);
  });

  test("of which one is not ASCII is that of all of them escaped as Go does", () => {
    // url.QueryEscape: "na%C3%AFve%2Fx" and "a+b%2A".
    expect(headerBytes(["naïve/x", "a b*"])).toBe(48 + 14 + 48 + 6);
  });
});

describe("paths that are more than a transfer may have", () => {
  test("are left as they are where they fit", () => {
    const few = files(5000);
    expect(withinHeaders(few, HEADER_BYTES)).toBe(few);
  });

  test("have folders in the place of some, which hold all of them", () => {
    const paths = ["go.mod", "main.go", ...files(15_000)];
    const sent = withinHeaders(paths, HEADER_BYTES);
    expect(sizeOf(sent)).toBeLessThanOrEqual(HEADER_BYTES);
    // No more folders than it takes.
    expect(sent.filter((path) => path.endsWith(".go")).length).toBeGreaterThan(8000);
    expect(sent).toContain("go.mod");
    const all = new Set(sent);
    const isThere = (path: string): boolean => {
      const parts = path.split("/");
      return parts.some((_, index) => all.has(parts.slice(0, index + 1).join("/")));
    };
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
    expect(sent.filter((path) => path.split("/").length === 1 && path.endsWith("internal"))).toEqual([]);
  });

  test("that are names not of ASCII fit too", () => {
    const sent = withinHeaders(files(9000, "größe"), HEADER_BYTES);
    expect(sizeOf(sent)).toBeLessThanOrEqual(HEADER_BYTES);
    expect(sent).not.toEqual(["."]);
  });

  test("in folders of one file each have the folders above them", () => {
    const paths = Array.from(
      { length: 20_000 },
      (_, index) => `a/b${index % 10}/c${index}/main_file_of_it.go`,
    );
    const sent = withinHeaders(paths, HEADER_BYTES);
    expect(sizeOf(sent)).toBeLessThanOrEqual(HEADER_BYTES);
    expect(sent).not.toEqual(["."]);
  });

  test("of the root stand for the whole of it in the end", () => {
    const paths = Array.from({ length: 20_000 }, (_, index) => `file_${index}.go`);
    expect(withinHeaders(paths, HEADER_BYTES)).toEqual(["."]);
  });

  test("always fit, and none is lost", () => {
    const name = fc.constantFrom("a", "b", "cc", "é", "d*");
    const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { maxLength: 60 }),
        fc.integer({ min: 60, max: 3000 }),
        (paths, most) => {
          const sent = withinHeaders(paths, most);
          if (!sent.includes(".")) expect(sizeOf(sent)).toBeLessThanOrEqual(most);
          const isSent = (each: string): boolean =>
            sent.includes(".") || sent.some((other) => each === other || each.startsWith(`${other}/`));
          expect(paths.filter((each) => !isSent(each))).toEqual([]);
        },
      ),
    );
  });
});

test("runs hold every item in order and take no more than they may", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 90 })), fc.integer({ min: 400, max: 900 }), (items, most) => {
      const runs = runsWithin(items, (item) => [item], most);
      expect(runs.flat()).toEqual(items);
      for (const run of runs) if (run.length > 1) expect(headerBytes(run)).toBeLessThanOrEqual(most);
    }),
  );
});

describe("ignore files", () => {
  test("with more patterns than can be passed on are an error at the line where room ends", () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `dir${index}/`).join("\n");
    const [problem] = ignoreProblems(ignoreRules("service.yaml", undefined, text));
    expect(problem).toMatchObject({
      code: "GF084",
      file: ".dockerignore",
      message: "the 20000 patterns of .dockerignore are more than BuildKit can pass to the client",
    });
    expect(problem?.range?.start.line).toBeGreaterThan(8000);
    const own = ignoreProblems(ignoreRules("service.yaml", text, undefined));
    expect(own[0]?.file).toBe("service.yaml.dockerignore");
  });

  test("of a few thousand lines are fine", () => {
    const text = Array.from({ length: 5000 }, (_, index) => `dir${index}/`).join("\n");
    expect(ignoreProblems(ignoreRules("service.yaml", undefined, text))).toEqual([]);
  });

  test("of more than a mebibyte are an error", () => {
    expect(ignoreFileProblem(".dockerignore", 1 << 20)).toBeUndefined();
    expect(ignoreFileProblem(".dockerignore", (1 << 20) + 1)).toMatchObject({
      code: "GF084",
      file: ".dockerignore",
      message: ".dockerignore is larger than 1048576 bytes, the most that is read",
    });
  });
});
