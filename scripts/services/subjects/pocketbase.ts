import type { Service } from "../service.ts";

export const pocketbase: Service = {
  name: "pocketbase",
  title: "PocketBase",
  modules: [{ path: "github.com/pocketbase/pocketbase", version: "v0.39.0", folder: "." }],
  note: "SQLite in pure Go (modernc.org/sqlite)",
  versions: [{ program: "/usr/local/bin/pocketbase", args: ["--version"], says: /version 0\.39\.0/ }],
  serving: {
    args: ["serve", "--http=0.0.0.0:8090", "--dir=/tmp/pb_data"],
    port: 8090,
    questions: [{ kind: "http", path: "/api/health", says: /API is healthy/ }],
  },
  official: {
    image: "none that is pulled by name; Dockerfiles download the released binary",
    source: "its Dockerfile, as read when issue 18 was written",
    has: ["the binary, with its admin pages embedded", "the version", "port 8090", "its command line"],
    lacks: [
      {
        what: "/pb_data that the service may write to",
        why: "there are no `dirs:` and volumes yet (issue 19): mount one",
      },
    ],
  },
};
