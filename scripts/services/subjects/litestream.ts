import type { Service } from "../service.ts";

export const litestream: Service = {
  name: "litestream",
  title: "Litestream",
  modules: [{ path: "github.com/benbjohnson/litestream", version: "v0.5.18", folder: "." }],
  note: "SQLite in pure Go (modernc.org/sqlite)",
  versions: [{ program: "/usr/local/bin/litestream", args: ["version"], says: /0\.5\.18/ }],
  serving: "it replicates a database file and listens only where a configuration says so",
  official: {
    image: "litestream/litestream (hardened)",
    source: "Dockerfile of the module",
    has: ["/usr/local/bin/litestream", "the version", "its tags", "CA roots", "user nonroot, 65532"],
    lacks: [
      {
        what: "the default variant's sqlite3 and VFS extension",
        why: "there is no `packages:` yet (issue 19); a C library is no executable of Go",
      },
    ],
  },
};
