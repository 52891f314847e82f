import type { Service } from "../service.ts";

export const opa: Service = {
  name: "opa",
  title: "Open Policy Agent",
  modules: [{ path: "github.com/open-policy-agent/opa", version: "v1.22.4", folder: "." }],
  versions: [{ program: "/opa", args: ["version"], says: /^Version: 1\.22\.4/m }],
  serving: {
    args: ["run", "--server", "--addr=0.0.0.0:8181"],
    port: 8181,
    questions: [{ kind: "http", path: "/health", says: /^\{\s*\}/ }],
  },
  official: {
    image: "openpolicyagent/opa",
    source: "Dockerfile and Makefile of the module",
    has: [
      "/opa, with its engine for WebAssembly (tag opa_wasm)",
      "PATH with /",
      "user 1000:1000 by number",
      "its command line",
      "both labels",
      "port 8181, which theirs does not say",
    ],
    lacks: [
      {
        what: "vcs.revision and its time in `opa version`",
        why: "a module's zip has no git; a checkout fills them",
      },
      {
        what: "the debug variants, with a shell",
        why: "another base, which is one line: `image.base`",
      },
    ],
  },
};
