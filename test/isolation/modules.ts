// The modules that projects require. A version of a module has one content, unless a tenant has a proxy of its own.
import type { Modules } from "../support/module-proxy.ts";
import type { Names, Project } from "./project.ts";

export type Files = Readonly<Record<string, string>>;

/** Versions that the proxy has of the modules which come in several. */
const versions = [0, 1, 2, 3, 4, 5, 6] as const;

/** All that a project's proxy gives, by `path@version`. */
export function modulesOf(
  { domain }: Pick<Names, "domain">,
  { foreign, libHeader }: Pick<Project, "foreign" | "libHeader">,
): Modules {
  const lib = versions.map((version) => {
    // The second version differs from the first in the header alone.
    const header = foreign ? libHeader : version === 1 ? 302 : 301;
    return [`${domain}/lib@v1.0.${version}`, libFiles(domain, { version, header })] as const;
  });
  const heavy = versions.map(
    (version) => [`${domain}/heavy@v1.0.${version}`, heavyFiles(domain, version)] as const,
  );
  const many = manyNames(domain).flatMap((path) =>
    versions.map((version) => [`${path}@v1.0.${version}`, manyFiles(path, version)] as const),
  );
  return Object.fromEntries([...lib, ...heavy, ...many]);
}

/** A module whose assembly and whose C include a header of another of its folders. */
export function libFiles(
  domain: string,
  { version, header }: { readonly version: number; readonly header: number },
): Files {
  return {
    "go.mod": `module ${domain}/lib\n\ngo 1.21\n`,
    "lib.go": `package lib\n\nconst N = ${version === 2 ? 202 : 201}\n`,
    "asm/asm.go": "package asm\n\nfunc Header() int64\n",
    "asm/asm_amd64.s": [
      '#include "textflag.h"',
      '#include "../include/header.h"',
      "",
      "TEXT ·Header(SB), NOSPLIT, $0-8",
      "\tMOVQ $HEADER, ret+0(FP)",
      "\tRET",
      "",
    ].join("\n"),
    "c/c.go":
      'package c\n\n// int lib_header(void);\nimport "C"\n\nfunc Header() int { return int(C.lib_header()) }\n',
    "c/number.c": '#include "../include/header.h"\nint lib_header(void) { return HEADER; }\n',
    "include/header.h": `#define HEADER ${header}\n`,
  };
}

/** A module of one package that the compiler is busy with for some time: long enough to be killed meanwhile. */
export function heavyFiles(domain: string, version: number): Files {
  return {
    "go.mod": `module ${domain}/heavy\n\ngo 1.21\n`,
    "heavy.go": `package heavy\n\nfunc N() int { return ${400 + version} }\n\n${busyWork}`,
  };
}

const busyWork = Array.from({ length: 800 }, (_, at) => {
  const cases = Array.from(
    { length: 8 },
    (_case, index) => `\t\tcase ${index}:\n\t\t\ta += b*${at + index} ^ a>>${index + 1}\n`,
  );
  return `func f${at}(a, b int) int {\n\tfor i := 0; i < b; i++ {\n\t\tswitch i % 9 {\n${cases.join("")}\t\t}\n\t}\n\treturn a\n}\n`;
}).join("\n");

/** Paths of ten further modules. */
export const manyNames = (domain: string): readonly string[] =>
  Array.from({ length: 10 }, (_, at) => `${domain}/m${at}`);

/** One of them: four packages, of which one imports the others. */
export function manyFiles(path: string, version: number): Files {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const parts = ["a", "b", "c"];
  const imports = parts.map((part) => `\t"${path}/${part}"\n`).join("");
  return {
    "go.mod": `module ${path}\n\ngo 1.21\n`,
    [`${name}.go`]: `package ${name}\n\nimport (\n${imports})\n\nvar N = ${500 + version} + ${parts.map((part) => `${part}.N`).join(" + ")}\n`,
    ...Object.fromEntries(parts.map((part) => [`${part}/${part}.go`, `package ${part}\n\nvar N = 1\n`])),
  };
}
