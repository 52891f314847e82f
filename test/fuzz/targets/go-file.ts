import { evaluate } from "../../../src/facts/constraint.ts";
import { scanGoFile } from "../../../src/facts/go-file.ts";
import { textInputs, textOf } from "../inputs.ts";
import type { Answer, Target } from "../target.ts";

const seeds = [
  'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println() }\n',
  '//go:build linux && (amd64 || !cgo)\n// +build linux\n\n// Package x.\npackage x\n\nimport (\n\t_ "embed"\n\tf "fmt"\n\t. "os"\n)\n\n//go:embed a b/*.txt "c d"\nvar s string\n',
  '/* a */ package x; import "a"; import ("b"; c `d`)\nvar x = "//go:embed y"\n',
  'package x\n\n/*\n#cgo LDFLAGS: -lm\n#include "x.h"\n*/\nimport "C"\n',
  '//go:generate stringer -type=X\n//line x.go:1\npackage x\nimport "\\x61\\u00e9"\n',
];

const words = [
  "package ",
  "main",
  "import ",
  "(",
  ")",
  '"fmt"',
  '"embed"',
  "`os`",
  "_ ",
  ". ",
  "f ",
  ";",
  "\n",
  "// ",
  "//go:build ",
  "// +build ",
  "linux",
  "windows",
  "amd64",
  "ignore",
  "go1.26",
  "go1.99",
  "cgo",
  " && ",
  " || ",
  "!",
  "/*",
  "*/",
  "//go:embed ",
  "*.txt ",
  "all:x ",
  "func main() {}\n",
  "var x = `",
  "'\\''",
  '"C"',
  "\\u00e9",
  "\\x00",
];

const tags = new Set(["linux", "amd64", "unix", "gc", "cgo", "go1.1", "go1.26"]);

/** The head of a Go file, against go/build. */
export const goFile: Target = {
  name: "go-file",
  inputs: textInputs("go-file", words, seeds),
  run: (bytes) => {
    const text = textOf(bytes);
    scanGoFile(text, true);
    scanGoFile(text.slice(0, text.length / 2), false);
  },
  oracle: {
    kind: "go-file",
    agrees: (_ours, theirs) => theirs === "refused",
    answer: (bytes): Answer | undefined => {
      const text = textOf(bytes);
      // Names of files are text to us; what is not UTF-8 is left to Go.
      if (text.includes("\ufffd")) return undefined;
      const scan = scanGoFile(text, true);
      if (!scan.done) return "refused";
      const { file } = scan;
      if (file.constraint.kind === "invalid") return "refused";
      if (evaluate(file.constraint, (tag) => tags.has(tag)) === false) return ["ignored"];
      if (file.malformed) return "refused";
      // What cgo's directives mean is another parser's.
      if (file.imports.includes("C")) return undefined;
      const imports = [...new Set(file.imports)].toSorted();
      return [
        `package ${file.packageName}`,
        ...imports.map((path) => `import ${path}`),
        ...file.embeds.map((pattern) => `embed ${pattern}`),
      ];
    },
  },
};
