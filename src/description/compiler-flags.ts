// Flags of Go's tools that a description may hand on. Each list names what is allowed: a flag may run a program, read a
// file of the machine or write one, and new releases bring more of them.
import { parsed, refused } from "../oci/index.ts";
import { quote } from "./visible.ts";
import { plainText, type Rule } from "./rule.ts";

type Tool = "gcflags" | "asmflags" | "ldflags";

/** golang/go:src/cmd/compile/internal/base/flag.go, src/cmd/asm/internal/flags/flags.go, src/cmd/link/internal/ld/main.go. */
const allowed: Readonly<Record<Tool, readonly RegExp[]>> = {
  gcflags: [/^-(?:N|l|B)$/, /^-l=[0-4]$/, /^-(?:dwarf|dwarflocationlists|dwarfbasentries)=(?:true|false)$/],
  asmflags: [/^-D=[A-Za-z_]\w*(?:=-?\d+)?$/],
  ldflags: [
    /^-checklinkname=[01]$/,
    /^-compressdwarf=(?:true|false)$/,
    /^-B=(?:none|0x(?:[0-9a-f]{2}){1,32})$/,
  ],
};

const examples: Readonly<Record<Tool, string>> = {
  gcflags: "-N and -l (no optimization, no inlining), -l=4, -B and -dwarf=false",
  asmflags: "-D=NAME=1",
  ldflags: "-checklinkname=0, -compressdwarf=false and -B=0x1234",
};

/** What has a key of its own, or never works here. */
const instead: readonly (readonly [RegExp, string])[] = [
  [/^-(?:s|w)\b/, "symbols are left out by default; `strip: false` keeps them"],
  [/^-X\b/, "variables are `vars: { main.version: … }`"],
  [/^-race\b/, "data races are reported by `race: true`, a key of `build`"],
  [/^-asan\b/, "wrong use of C's memory is reported by `asan: true`, a key of `build`"],
  [/^-msan\b/, "leave it out: it takes clang, and C is compiled with gcc here"],
  [
    /^-(?:extld|extldflags|extar|linkmode|toolexec|pluginpath|buildid|trimpath|o|I|r|L|installsuffix)\b/,
    "leave it out",
  ],
  [/^-B=gobuildid$/, "`buildId: true` makes one of what the linker writes"],
  [/^@/, "leave it out: no file of flags is read"],
];

/** One flag of a tool; its value stands behind `=`. */
export const toolFlag =
  (tool: Tool): Rule<string> =>
  (value) => {
    const printable = plainText(value);
    if (!printable.ok) return printable;
    if (allowed[tool].some((pattern) => pattern.test(value))) return parsed(value);
    const hint = instead.find(([pattern]) => pattern.test(value))?.[1];
    return refused({
      message: `holds ${quote(value)}, which is not one of the flags that are handed on`,
      help: `${hint === undefined ? "" : `${hint}; `}allowed are ${examples[tool]}, one flag an item`,
    });
  };

/** The name of an experiment; which there are the Go release says. */
export const experiment: Rule<string> = (value) =>
  /^[a-z][a-z0-9]{0,63}$/.test(value)
    ? parsed(value)
    : refused({
        message: `holds ${quote(value)}, which is not the name of an experiment`,
        help: "names are lower case, like `jsonv2`, or `nojsonv2` to turn one off; one an item",
      });

/** Variables of the go command that choose an architecture's level (golang/go:src/internal/buildcfg/cfg.go), and their values. */
const levels: Readonly<Record<string, readonly [variable: string, values: RegExp, example: string]>> = {
  "386": ["GO386", /^(?:sse2|softfloat)$/, "sse2 or softfloat"],
  amd64: ["GOAMD64", /^v[1-4]$/, "v1 to v4"],
  arm: ["GOARM", /^[5-7](?:,(?:softfloat|hardfloat))?$/, "5, 6 or 7, with ,softfloat or ,hardfloat"],
  arm64: [
    "GOARM64",
    /^v(?:8\.[0-9]|9\.[0-5])(?:,(?:lse|crypto)){0,2}$/,
    "v8.0 to v9.5, with ,lse or ,crypto",
  ],
  mips: ["GOMIPS", /^(?:hardfloat|softfloat)$/, "hardfloat or softfloat"],
  mipsle: ["GOMIPS", /^(?:hardfloat|softfloat)$/, "hardfloat or softfloat"],
  mips64: ["GOMIPS64", /^(?:hardfloat|softfloat)$/, "hardfloat or softfloat"],
  mips64le: ["GOMIPS64", /^(?:hardfloat|softfloat)$/, "hardfloat or softfloat"],
  ppc64: ["GOPPC64", /^power(?:8|9|10)$/, "power8, power9 or power10"],
  ppc64le: ["GOPPC64", /^power(?:8|9|10)$/, "power8, power9 or power10"],
  riscv64: ["GORISCV64", /^rva2[0-3]u64$/, "rva20u64, rva22u64 or rva23u64"],
};

export const levelName: Rule<string> = (value) =>
  Object.hasOwn(levels, value)
    ? parsed(value)
    : refused({
        message: `names ${quote(value)}, which has no levels`,
        help: `architectures with levels are ${Object.keys(levels).join(", ")}`,
      });

/** Each value is a level of its architecture. */
export const levelValues: Rule<Readonly<Record<string, string>>> = (entries) => {
  const wrong = Object.entries(entries).find(([name, value]) => levels[name]?.[1].test(value) === false);
  if (wrong === undefined) return parsed(entries);
  const [name, value] = wrong;
  return refused({
    message: `holds ${quote(value)}, which is not a level of ${name}`,
    help: `write ${levels[name]?.[2] ?? ""}`,
  });
};

/** The variable and the level, where one is chosen for the architecture. */
export function levelVariable(
  architecture: string,
  chosen: Readonly<Record<string, string>>,
): readonly [string, string] | undefined {
  const [variable] = levels[architecture] ?? [];
  const value = Object.hasOwn(chosen, architecture) ? chosen[architecture] : undefined;
  return variable === undefined || value === undefined ? undefined : [variable, value];
}
