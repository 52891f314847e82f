import { cpSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../random.ts";
import type { Subject } from "../types.ts";
import { replaceIn, writeFile } from "../workspace.ts";

const module = "example.com/mono";
const services = 10;
const packagesPerService = 12;
const sharedPackages = 20;
const files = 60_000;

const serviceName = (index: number): string => `svc${index}`;

/** The services' targets; each one's main package is `services/TARGET`. */
export const monorepoServices: readonly string[] = Array.from({ length: services }, (_, index) =>
  serviceName(index),
);

const code = (
  name: string,
  imports: readonly string[],
): string => `// Package ${name} was generated for the benchmark.
package ${name}

import (
	"fmt"
	"sort"
	"strings"
${imports.length === 0 ? "" : `\n${imports.map((path) => `\t"${path}"`).join("\n")}\n`})

// Edit is what the benchmark changes.
const Edit = "0"

// Do counts words and says how often each was seen.
func Do(text string) string {
	seen := map[string]int{}
	for _, word := range strings.Fields(text + Edit) {
		seen[word]++
	}
	words := make([]string, 0, len(seen))
	for word := range seen {
		words = append(words, word)
	}
	sort.Strings(words)
	var b strings.Builder
	for _, word := range words {
		fmt.Fprintf(&b, "%s=%d ", word, seen[word])
	}
${imports.map((path) => `\tb.WriteString(${path.split("/").at(-1) ?? ""}.Do(text))`).join("\n")}
	return b.String()
}
`;

const main = (imports: readonly string[]): string => `// This service was generated for the benchmark.
package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/sirupsen/logrus"

${imports.map((path) => `\t"${path}"`).join("\n")}
)

const edit = "0"

func main() {
	if len(os.Args) > 1 {
		fmt.Println(edit)
		return
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
${imports.map((path) => `\t\tfmt.Fprintln(w, ${path.split("/").at(-1) ?? ""}.Do(r.URL.Path))`).join("\n")}
	})
	logrus.Fatal(http.ListenAndServe(":8080", nil))
}
`;

/** Go files of one service and of the shared packages; returns how many. */
function writeGo(folder: string): number {
  let count = 0;
  const write = (path: string, text: string): void => {
    writeFile(join(folder, path), text);
    count += 1;
  };
  for (let index = 0; index < sharedPackages; index += 1) {
    write(`pkg/shared${index}/code.go`, code(`shared${index}`, []));
  }
  for (let service = 0; service < services; service += 1) {
    const base = `services/${serviceName(service)}`;
    const parts = Array.from({ length: packagesPerService }, (_, at) => `part${at}`);
    for (const [at, name] of parts.entries()) {
      // Every service uses shared0 and one other shared package.
      const imports = at === 0 ? [`${module}/pkg/shared0`, `${module}/pkg/shared${1 + service}`] : [];
      write(`${base}/internal/${name}/code.go`, code(name, imports));
      write(`${base}/internal/${name}/code_test.go`, `package ${name}\n`);
    }
    write(`${base}/main.go`, main(parts.map((name) => `${module}/${base}/internal/${name}`)));
  }
  return count;
}

function filler(random: () => number): Buffer {
  const size = 200 + Math.floor(random() * 7800);
  const line = `${random().toString(36)} ${random().toString(36)} the quick brown fox\n`;
  return Buffer.alloc(size, line);
}

/** A repository of 10 services and 60,000 files, most of which are nobody's Go source. Deterministic. */
export const monorepo: Subject = {
  name: "monorepo",
  description: "generated: 10 services with 12 packages each and 20 shared ones, in 60,000 files",
  module,
  main: "services/svc3",
  target: serviceName(3),
  modules: true,
  write: async (folder) => {
    const random = seededRandom(60);
    let count = writeGo(folder);
    for (const file of ["go.mod", "go.sum"]) {
      cpSync(join(import.meta.dirname, "monorepo", `${file}.txt`), join(folder, file));
    }
    const entries = Array.from(
      { length: services },
      (_, at) => `  ${serviceName(at)}: { main: ./services/${serviceName(at)} }`,
    );
    writeFile(join(folder, "service.yaml"), `# syntax=org/go-frontend\nservices:\n${entries.join("\n")}\n`);
    writeFile(join(folder, "README.md"), "# A monorepo\n\nedit 0\n");
    count += 4;
    for (let at = 0; count < files; at += 1, count += 1) {
      const tree =
        [
          "web/src",
          "docs",
          "deploy",
          "ml/notebooks",
          "mobile/app",
          `services/${serviceName(at % services)}/assets`,
        ][at % 6] ?? "docs";
      writeFile(
        join(
          folder,
          tree,
          `d${Math.floor(at / 600)}`,
          `f${at}.${["ts", "md", "yaml", "json", "kt", "svg"][at % 6] ?? "txt"}`,
        ),
        filler(random),
      );
    }
  },
  edits: {
    main: (folder, salt) =>
      replaceIn(join(folder, "services/svc3/main.go"), /^const edit = ".*"$/m, `const edit = "${salt}"`),
    shared: (folder, salt) =>
      replaceIn(join(folder, "pkg/shared0/code.go"), /^const Edit = ".*"$/m, `const Edit = "${salt}"`),
    readme: (folder, salt) => replaceIn(join(folder, "README.md"), /edit .*/, `edit ${salt}`),
    test: (folder, salt) =>
      writeFile(join(folder, "services/svc3/internal/part1/code_test.go"), `package part1\n\n// ${salt}\n`),
  },
};
