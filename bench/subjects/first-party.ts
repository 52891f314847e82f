import { join } from "node:path";
import { seededRandom } from "../random.ts";
import type { Subject } from "../types.ts";
import { replaceIn, writeFile } from "../workspace.ts";

const module = "example.com/firstparty";
const packages = 200;
const perLayer = 20;
const functions = 24;

const nameOf = (index: number): string => `p${String(index).padStart(3, "0")}`;

/** A file of plain code: enough for the compiler to have something to do, and nothing it can throw away. */
function packageText(index: number, imports: readonly number[], random: () => number): string {
  const calls = imports.map((other) => `\tsum += ${nameOf(other)}.Run(n, text)`).join("\n");
  const paths = imports.map((other) => `\t"${module}/internal/${nameOf(other)}"`).join("\n");
  const body = Array.from({ length: functions }, (_, at) => {
    const factor = 3 + Math.floor(random() * 90);
    return `
// item${at} is the record that step${at} works on.
type item${at} struct {
	Name  string \`json:"name"\`
	Parts []string
	Seen  map[string]int
	Rank  float64
}

func (i item${at}) String() string { return fmt.Sprintf("%s/%d/%f", i.Name, len(i.Parts), i.Rank) }

func step${at}(n int, text string) (int, error) {
	items := make([]item${at}, 0, n)
	for k := range n {
		parts := strings.Split(text, strconv.Itoa(k%7))
		items = append(items, item${at}{Name: text, Parts: parts, Seen: map[string]int{}, Rank: float64(k * ${factor})})
	}
	slices.SortFunc(items, func(a, b item${at}) int { return cmp.Or(cmp.Compare(a.Rank, b.Rank), strings.Compare(a.Name, b.Name)) })
	total := 0
	for _, it := range items {
		for _, part := range it.Parts {
			it.Seen[part]++
			switch {
			case len(part)%${2 + (factor % 5)} == 0:
				total += it.Seen[part] * ${factor}
			case strings.HasPrefix(part, "${nameOf(index)}"):
				return 0, fmt.Errorf("step ${at} of ${nameOf(index)}: %s", it)
			default:
				total ^= len(it.String())
			}
		}
	}
	return total, nil
}
`;
  }).join("");
  const steps = Array.from({ length: functions }, (_, at) => `step${at}`).join(", ");
  return `// Package ${nameOf(index)} was generated for the benchmark.
package ${nameOf(index)}

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
${paths === "" ? "" : `\n${paths}\n`})

// Edit is what the benchmark changes.
const Edit = "0"

// Run works on the text and on what the packages below make of it.
func Run(n int, text string) int {
	sum := len(Edit)
${calls}
	for _, step := range []func(int, string) (int, error){${steps}} {
		if got, err := step(n, text); err == nil {
			sum += got
		}
	}
	return sum
}
${body}`;
}

const mainText = (roots: readonly number[]): string => `// Command app was generated for the benchmark.
package main

import (
	"fmt"
	"net/http"
	"os"

${roots.map((index) => `\t"${module}/internal/${nameOf(index)}"`).join("\n")}
)

const edit = "0"

func main() {
	if len(os.Args) > 1 {
		fmt.Println("app", edit)
		return
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		sum := 0
${roots.map((index) => `\t\tsum += ${nameOf(index)}.Run(len(r.URL.Path), r.URL.Path)`).join("\n")}
		fmt.Fprintln(w, sum)
	})
	if err := http.ListenAndServe(":8080", nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`;

const edit = (file: string) => (folder: string, salt: string) =>
  replaceIn(join(folder, file), /^const (e|E)dit = "0"$/m, `const $1dit = "${salt}"`);

/** A module of 200 packages of its own in 10 layers, on the standard library alone. Deterministic. */
export const firstParty: Subject = {
  name: "first-party",
  description: "generated: 200 first-party packages in 10 layers, standard library only",
  module,
  main: "cmd/app",
  modules: false,
  write: async (folder) => {
    const random = seededRandom(200);
    for (let index = 0; index < packages; index += 1) {
      const below = Math.floor(index / perLayer) * perLayer;
      const imports =
        below === 0 ? [] : [1, 2, 3].map(() => below - perLayer + Math.floor(random() * perLayer));
      const distinct = [...new Set(imports)].sort((a, b) => a - b);
      writeFile(join(folder, "internal", nameOf(index), "code.go"), packageText(index, distinct, random));
    }
    const roots = Array.from({ length: perLayer }, (_, at) => packages - perLayer + at);
    writeFile(join(folder, "cmd/app/main.go"), mainText(roots));
    writeFile(join(folder, "go.mod"), `module ${module}\n\ngo 1.26\n`);
    writeFile(join(folder, "go.sum"), "");
    writeFile(join(folder, "service.yaml"), "# syntax=org/go-frontend\nname: app\n");
  },
  edits: {
    main: edit("cmd/app/main.go"),
    // Of the sixth layer, and one that the service has: what stands on it is compiled again.
    leaf: edit(`internal/${nameOf(5 * perLayer + 10)}/code.go`),
    shared: edit(`internal/${nameOf(0)}/code.go`),
  },
};
