// What is mutated, and by which tests it is judged. The one list: `npm run mutation` fails where a line of it names nothing.

/** Sources and their tests: a mutant runs those of these tests that reach it. */
export interface Subject {
  readonly name: string;
  /** Globs of whole files. */
  readonly files: readonly string[];
  /** Functions, wherever below `src` they are. */
  readonly functions: readonly string[];
  /** Globs of test files: quick ones without random inputs, so that a mutant's fate is always the same. */
  readonly tests: readonly string[];
}

export const subjects: readonly Subject[] = [
  ...["path", "module-values", "go-version", "rule", "values", "image-values", "content-values"].map(
    (file): Subject => ({
      name: `a description's ${file}`,
      files: [`src/description/${file}.ts`],
      functions: [],
      tests: ["test/description/{mistakes,rules,values}.test.ts"],
    }),
  ),
  {
    name: "a tree's paths",
    files: ["src/facts/paths.ts"],
    functions: [],
    tests: ["test/facts/paths.test.ts"],
  },
  {
    name: "a tree's module paths",
    files: ["src/facts/modfile/module-path.ts"],
    functions: [],
    tests: ["test/facts/{module-path,modfile}.test.ts"],
  },
  {
    name: "command lines",
    files: ["src/plan/flags.ts"],
    functions: [],
    tests: ["test/plan/flags.test.ts"],
  },
  {
    name: "ids of cache mounts",
    files: [],
    functions: ["cacheId", "compileCacheId", "projectOf"],
    tests: ["test/graph/{keys,mounts}.test.ts"],
  },
];

/** Percent of mutants that the tests must tell from the source. */
export const leastScore = 85;
