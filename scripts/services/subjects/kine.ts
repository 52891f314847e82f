import type { Service } from "../service.ts";

export const kine: Service = {
  name: "kine",
  title: "Kine",
  modules: [{ path: "github.com/k3s-io/kine", version: "v0.17.5", folder: "." }],
  note: "SQLite by cgo (github.com/mattn/go-sqlite3)",
  versions: [{ program: "/bin/kine", args: ["--version"], says: /v0\.17\.5/ }],
  serving: {
    args: ["--endpoint=sqlite:///tmp/state.db", "--metrics-bind-address=0.0.0.0:8080"],
    port: 8080,
    questions: [{ kind: "http", path: "/metrics", says: /kine_/ }],
  },
  official: {
    image: "rancher/kine",
    source: "Dockerfile and scripts/build of the module",
    has: [
      "/bin/kine",
      "the version",
      "all eight tags: NATS and features of SQLite",
      "user 65534, whom it calls nobody",
      "port 2379",
    ],
    lacks: [
      {
        what: "ten of SQLite's eighteen compile options in CGO_CFLAGS",
        why: "no key hands flags to the C compiler; the other eight come with the tags and with the package itself",
      },
      { what: "musl", why: "`build: { cgo: { libc: musl } }` is that; ours is static with glibc" },
      { what: "/db as a volume of nobody's", why: "there are no `dirs:` and volumes yet (issue 19)" },
      { what: "Alpine below it", why: "not needed to run; `image.base` where it is wanted" },
    ],
  },
};
