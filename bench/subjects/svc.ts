import { cpSync } from "node:fs";
import { join, relative } from "node:path";
import type { Subject } from "../types.ts";
import { benchFolder, replaceIn } from "../workspace.ts";
import { cpuProfile } from "./profile.ts";

const source = join(benchFolder, "subjects", "svc");

const bump = (name: string) => (folder: string) => {
  for (const file of ["go.mod", "go.sum"]) {
    cpSync(join(source, "variants", name, `${file}.txt`), join(folder, file));
  }
};

/** A gRPC service with traces, metrics, logs and a store: 4 packages of its own on 210 of 31 modules. */
export const svc: Subject = {
  name: "svc",
  description:
    "gRPC, OpenTelemetry, Prometheus, bbolt and logrus: 4 first-party packages, 210 of 31 other modules",
  module: "example.com/svc",
  main: "cmd/svc",
  modules: true,
  write: async (folder) => {
    cpSync(source, folder, {
      recursive: true,
      filter: (path) => !relative(source, path).startsWith("variants"),
    });
  },
  edits: {
    main: (folder, salt) =>
      replaceIn(join(folder, "cmd/svc/main.go"), 'const edit = "0"', `const edit = "${salt}"`),
    leaf: (folder, salt) =>
      replaceIn(join(folder, "internal/store/store.go"), 'const Edit = "0"', `const Edit = "${salt}"`),
    "bump-leaf": bump("bump-leaf"),
    "bump-root": bump("bump-root"),
    import: (folder) =>
      replaceIn(
        join(folder, "cmd/svc/main.go"),
        "// bench: import",
        '_ "golang.org/x/net/netutil" // bench: import',
      ),
    pgo: (folder) => cpuProfile(join(folder, "cmd/svc/default.pgo")),
  },
};
