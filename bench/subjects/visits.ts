import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Subject } from "../types.ts";
import { benchFolder, replaceIn, writeFile } from "../workspace.ts";

/** examples/cgo: SQLite in C, compiled by cgo; and beside it a small package with C of its own, whose header is edited. */
export const visits: Subject = {
  name: "visits",
  description:
    "examples/cgo of this repository (github.com/mattn/go-sqlite3), with a package of its own with C",
  module: "example.com/visits",
  main: ".",
  modules: true,
  write: async (folder) => {
    cpSync(join(benchFolder, "..", "examples", "cgo"), folder, { recursive: true });
    replaceIn(
      join(folder, "main.go"),
      '\t_ "github.com/mattn/go-sqlite3"\n',
      '\t"example.com/visits/unit"\n\n\t_ "github.com/mattn/go-sqlite3"\n',
    );
    replaceIn(
      join(folder, "main.go"),
      "func main() {",
      'const edit = "0"\n\nfunc main() {\n\tlog.SetPrefix(unit.Name() + edit)',
    );
    writeFile(
      join(folder, "unit/unit.go"),
      'package unit\n\n// #include "unit.h"\nimport "C"\n\n// Name is what C calls it.\nfunc Name() string { return C.GoString(C.unit_name()) }\n',
    );
    writeFile(
      join(folder, "unit/unit.c"),
      '#include "unit.h"\n\nconst char *unit_name(void) { return UNIT; }\n',
    );
    writeFile(join(folder, "unit/unit.h"), '#define UNIT "visit 0"\n\nconst char *unit_name(void);\n');
  },
  edits: {
    main: (folder, salt) => replaceIn(join(folder, "main.go"), 'const edit = "0"', `const edit = "${salt}"`),
    header: (folder, salt) => replaceIn(join(folder, "unit/unit.h"), '"visit 0"', `"${salt}"`),
  },
};
