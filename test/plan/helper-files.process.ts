// The helper's source as it is carried, against the files that it is made from, by Go's own scanner.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HELPER_FILES } from "../../src/plan/generated/helper-files.ts";

const scanner = `package main

import (
	"fmt"
	"go/scanner"
	"go/token"
	"os"
)

func main() {
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		var s scanner.Scanner
		s.Init(token.NewFileSet().AddFile(path, -1, len(text)), text, nil, 0)
		for {
			_, tok, literal := s.Scan()
			if tok == token.EOF {
				break
			}
			if tok == token.SEMICOLON {
				literal = ";"
			}
			fmt.Println(tok, literal)
		}
		if s.ErrorCount > 0 {
			panic(path)
		}
	}
}
`;

test("every file has the tokens of its source, and the module compiles", () => {
  const work = mkdtempSync(join(tmpdir(), "go-frontend-helper-"));
  try {
    const main = join(work, "scanner", "main.go");
    mkdirSync(join(work, "scanner"));
    mkdirSync(join(work, "carried"));
    writeFileSync(main, scanner);
    for (const { path, text } of HELPER_FILES) writeFileSync(join(work, "carried", path), text);
    const program = join(work, "tokens");
    execFileSync("go", ["build", "-o", program, main]);
    const tokens = (folder: string): readonly string[] => {
      const paths = HELPER_FILES.map(({ path }) => path).filter((path) => path.endsWith(".go"));
      const files = paths.map((path) => join(folder, path));
      return execFileSync(program, files, { encoding: "utf8", maxBuffer: 64 << 20 }).split("\n");
    };
    const source = join(import.meta.dirname, "..", "..", "src", "plan", "helper");
    const carried = tokens(join(work, "carried"));
    expect(carried.length).toBeGreaterThan(5000);
    expect(carried).toEqual(tokens(source));
    execFileSync("go", ["vet", "."], { cwd: join(work, "carried"), stdio: ["ignore", "ignore", "pipe"] });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
