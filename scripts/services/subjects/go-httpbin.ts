import type { Service } from "../service.ts";

export const goHttpbin: Service = {
  name: "go-httpbin",
  title: "go-httpbin",
  modules: [{ path: "github.com/mccutchen/go-httpbin/v2", version: "v2.26.0", folder: "." }],
  versions: [{ program: "/bin/go-httpbin", args: ["-version"], says: /v2\.26\.0/ }],
  serving: { args: [], port: 8080, questions: [{ kind: "http", path: "/status/200", says: /^$/ }] },
  official: {
    image: "mccutchen/go-httpbin",
    source: "Dockerfile of the module",
    has: [
      "/bin/go-httpbin",
      "distroless static's content: CA roots, time zones, users",
      "user 65532",
      "port 8080",
    ],
    lacks: [],
  },
};
