// The one small service that nearly all of these tests build: builds are cheap, and its caches are shared.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A program of one file and no modules, which needs little of the standard library; says what it was built with. */
export const HELLO = {
  "go.mod": "module example.com/hello\n\ngo 1.26\n",
  "main.go": `package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

var version = "unset"

func main() {
	zone, err := time.LoadLocation("Europe/Lisbon")
	fmt.Println("hello", version, os.Getuid(), os.Getgid(), zone, err, strings.Join(os.Args[1:], " "))
}
`,
} as const;

/** The same as a server, which listens on $PORT. */
export const SERVER = {
  "main.go": `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello", os.Getuid()) })
	fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
`,
} as const;

export type Files = Readonly<Record<string, string | Uint8Array | undefined>>;

/** Writes a project into a new directory below `parent`: the files of HELLO, changed and added to; undefined leaves one out. */
export function project(parent: string, files: Files): string {
  const dir = mkdtempSync(join(parent, "project-"));
  for (const [name, content] of Object.entries({ ...HELLO, ...files })) {
    if (content === undefined) continue;
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return dir;
}
