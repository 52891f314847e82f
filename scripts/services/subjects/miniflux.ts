import type { Service } from "../service.ts";

export const miniflux: Service = {
  name: "miniflux",
  title: "Miniflux",
  modules: [{ path: "miniflux.app/v2", version: "v2.3.5", folder: "." }],
  versions: [{ program: "/usr/bin/miniflux", args: ["-version"], says: /^2\.3\.5$/m }],
  serving: "it needs a PostgreSQL before it listens",
  official: {
    image: "miniflux/miniflux (distroless)",
    source: "packaging/docker/distroless/Dockerfile and Makefile of the module",
    has: [
      "/usr/bin/miniflux, with its pages, scripts and styles embedded",
      "the version",
      "LISTEN_ADDR",
      "port 8080",
      "a user that is not root",
      "all seven labels",
    ],
    lacks: [
      {
        what: "`-buildmode=pie`",
        why: "`build: { mode: pie }` is that; ours is static, so that it needs no libc",
      },
      {
        what: "CMD in place of an entrypoint",
        why: "not there yet (issue 19); `image.entrypoint` starts the same program",
      },
    ],
  },
};
