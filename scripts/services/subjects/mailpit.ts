import type { Service } from "../service.ts";

export const mailpit: Service = {
  name: "mailpit",
  title: "Mailpit",
  modules: [{ path: "github.com/axllent/mailpit", version: "v1.31.0", folder: "." }],
  note: "SQLite in pure Go; its pages are built by npm and esbuild in `steps:` and embedded",
  versions: [{ program: "/mailpit", args: ["version", "--no-release-check"], says: /v1\.31\.0/ }],
  serving: {
    args: ["--database", "/tmp/mailpit.db"],
    port: 8025,
    questions: [
      { kind: "http", path: "/readyz", says: /^$/ },
      // What the step built.
      { kind: "http", path: "/dist/app.css", says: /bootstrap/i },
    ],
  },
  official: {
    image: "axllent/mailpit",
    source: "Dockerfile of the module",
    has: [
      "/mailpit, with the built pages",
      "the version",
      "time zones and CA roots",
      "ports 1025, 1110 and 8025",
      "all six labels",
    ],
    lacks: [
      {
        what: "the list of third parties' licences",
        why: "go-licenses needs git; there is no `licenses:` yet (issue 19)",
      },
      { what: "HEALTHCHECK by `mailpit readyz`", why: "there is no `health:` yet (issue 19)" },
      { what: "Alpine below it", why: "not needed to run; `image.base` where it is wanted" },
    ],
  },
};
