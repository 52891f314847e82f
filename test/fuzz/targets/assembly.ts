import { readIncludes } from "../../../src/facts/includes.ts";
import { textInputs, textOf } from "../inputs.ts";
import type { Answer, Target } from "../target.ts";

const seeds = [
  '#include "../x.h"\n',
  '#include "textflag.h"\n\n// F is what it is.\nTEXT ·F(SB), NOSPLIT, $0-8\n\tMOVQ $VALUE, AX\n\tRET\n',
  '/* x\n y */ #include "in.inc" // z\n',
  '#define I #include "../x.h"\nI\n',
  '#define H #\nH include "../x.h"\n',
  '#define D(f) #include f\nD("../x.h")\n',
  '#define L \\\n#include "in.inc"\nL\n',
  '#define X "/*\n#include "../x.h"\n#define Y */\n',
  '#define C \'/*\n#include "in.inc"\n',
  '#ifdef A\n#include "../x.h"\n#else\n#include "in.inc"\n#endif\n',
  'DATA x(SB)/8, $"\\"/*"\n#include "in.inc"\n',
];

const words = [
  '#include "../x.h"\n',
  '#include "in.inc"\n',
  "#include",
  "include",
  '"../x.h"',
  '"in.inc"',
  '"\\x2e./x.h"',
  "#",
  "//",
  "/*",
  "*/",
  "\n",
  "\t",
  "\r",
  '"',
  "'",
  "'\"'",
  '"/*"',
  '"//"',
  "`",
  "\\",
  "\\\n",
  '\\"',
  "#define A ",
  "#define B(x) ",
  "#undef A\n",
  "A\n",
  "B(",
  ")\n",
  "x",
  "#ifdef A\n",
  "#ifndef A\n",
  "#else\n",
  "#endif\n",
  "#line 3 ",
  "TEXT ·F(SB), 4, $0\n",
  "RET\n",
  "·",
  "/",
  "*",
];

/** What assembly includes, against Go's assembler: it opens no file that we do not know of. */
export const assembly: Target = {
  name: "assembly",
  inputs: textInputs("assembly", words, seeds),
  run: (bytes) => readIncludes(textOf(bytes)),
  oracle: {
    kind: "assembly",
    agrees: (ours, theirs) =>
      ours !== "refused" &&
      theirs !== "refused" &&
      (ours.includes("unclear") || theirs.every((file) => ours.includes(file))),
    answer: (bytes): Answer => {
      const { targets, unclear } = readIncludes(textOf(bytes));
      return [...targets, ...(unclear ? ["unclear"] : [])];
    },
  },
};
