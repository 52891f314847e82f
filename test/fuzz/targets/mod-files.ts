import { parseGoMod } from "../../../src/facts/modfile/go-mod.ts";
import { parseGoSums } from "../../../src/facts/modfile/go-sum.ts";
import { parseGoWork } from "../../../src/facts/modfile/go-work.ts";
import { importPathProblem } from "../../../src/facts/modfile/module-path.ts";
import { parseVendorList } from "../../../src/facts/modfile/vendor-list.ts";
import { detectModule, type Replace } from "../../../src/facts/index.ts";
import { openFiles } from "../../facts/memory-tree.ts";
import { textInputs, textOf } from "../inputs.ts";
import type { Answer, Target } from "../target.ts";

const words = [
  "module ",
  "go ",
  "toolchain ",
  "require ",
  "replace ",
  "exclude ",
  "retract ",
  "godebug ",
  "tool ",
  "ignore ",
  "use ",
  "(\n",
  ")\n",
  "\n",
  " ",
  "example.com/a",
  "a.b/c/v2",
  "gopkg.in/yaml.v3",
  "v1.0.0",
  "v2.3.4",
  "v0.0.0-20240102030405-abcdefabcdef",
  "v2.0.0+incompatible",
  "latest",
  " => ",
  "./x",
  "../y",
  "1.26",
  "1.26.3",
  "1.27rc1",
  "go1.26.3",
  "default",
  " // indirect",
  "// a comment\n",
  '"a.b/c"',
  "`a.b/c`",
  "[v1.0.0, v1.1.0]",
  "-x",
  "-modfile=/etc/passwd",
];

const goMods = [
  "module example.com/a\n\ngo 1.26\n",
  'module "a.b/c"\n\ngo 1.26.3\ntoolchain go1.26.4\n\nrequire (\n\tx.y/z v1.2.3\n\tx.y/w/v2 v2.0.0 // indirect; why\n)\n\nreplace x.y/z v1.2.3 => ../z\nreplace x.y/w/v2 => x.y/fork v1.0.0\nexclude x.y/z v1.2.2\nretract [v1.0.0, v1.1.0]\ntool x.y/z/cmd\ngodebug tlsrsakex=1\nignore ./node_modules\n',
];

const goWorks = [
  "go 1.26\n\nuse (\n\t.\n\t./a\n\t../b // why\n)\n\nreplace x.y/z => ./z\n",
  'go 1.26\ntoolchain go1.26.1\nuse "./a b"\n',
];

const replaced = (list: readonly Replace[]): readonly string[] =>
  list.map((each) => `replace ${each.old.path} ${each.old.version} => ${each.new.path} ${each.new.version}`);

/** We pass over what the go command will refuse anyway; what it takes we have to read as it does. */
const agrees = (_ours: Answer, theirs: Answer): boolean => theirs === "refused";

/** A tree answers in later ticks, which takes longer than all the rest. */
const seldom = (bytes: Uint8Array): boolean => bytes.length % 16 === 0;

/** go.mod, against golang.org/x/mod. */
export const goMod: Target = {
  name: "go.mod",
  isAsync: true,
  inputs: textInputs("go.mod", words, goMods),
  run: (bytes) => {
    const text = textOf(bytes);
    parseGoMod("go.mod", text);
    return seldom(bytes) ? detectModule(openFiles({ "go.mod": text })) : undefined;
  },
  oracle: {
    kind: "go.mod",
    agrees,
    answer: (bytes): Answer | undefined => {
      const text = textOf(bytes);
      if (text.includes("\ufffd")) return undefined;
      const { module, go, toolchain, require, replace, errors } = parseGoMod("go.mod", text);
      if (errors.length > 0 || module === undefined || importPathProblem(module.value) !== undefined) {
        return "refused";
      }
      return [
        `module ${module.value}`,
        ...(go === undefined ? [] : [`go ${go.value}`]),
        ...(toolchain === undefined ? [] : [`toolchain ${toolchain.value}`]),
        ...require.map((each) => `require ${each.path} ${each.version} ${each.indirect}`),
        ...replaced(replace),
      ];
    },
  },
};

/** go.work, against golang.org/x/mod. */
export const goWork: Target = {
  name: "go.work",
  isAsync: true,
  inputs: textInputs("go.work", words, goWorks),
  run: (bytes) => {
    const text = textOf(bytes);
    parseGoWork("go.work", text);
    const files = { "go.mod": "module a.b/c\n", "go.work": text };
    return seldom(bytes) ? detectModule(openFiles(files)) : undefined;
  },
  oracle: {
    kind: "go.work",
    agrees,
    answer: (bytes): Answer | undefined => {
      const text = textOf(bytes);
      if (text.includes("\ufffd")) return undefined;
      const { go, use, replace, errors } = parseGoWork("go.work", text);
      if (errors.length > 0) return "refused";
      return [
        ...(go === undefined ? [] : [`go ${go.value}`]),
        ...use.map(({ value }) => `use ${value}`),
        ...replaced(replace),
      ];
    },
  },
};

/** go.sum, go.work.sum and vendor/modules.txt: lines that are passed over where they cannot be read. */
export const goSum: Target = {
  name: "go.sum",
  inputs: textInputs(
    "go.sum",
    [
      "a.b/c",
      " ",
      "v1.0.0",
      "/go.mod",
      "h1:",
      "x".repeat(44),
      "=",
      "\n",
      "\r\n",
      "# ",
      "## explicit",
      "; go 1.26",
      " => ",
      "## workspace\n",
    ],
    [
      "a.b/c v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\na.b/c v1.0.0/go.mod h1:BBBB=\n",
      "## workspace\n# a.b/c v1.0.0 => ./c\n## explicit; go 1.26\na.b/c\na.b/c/d\n",
    ],
  ),
  run: (bytes) => {
    const text = textOf(bytes);
    const sums = parseGoSums([{ file: "go.sum", text }]);
    sums.has("a.b/c", "v1.0.0");
    parseVendorList("vendor/modules.txt", text);
  },
};
