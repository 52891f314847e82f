import type { Service } from "../service.ts";

export const natsServer: Service = {
  name: "nats-server",
  title: "NATS",
  modules: [{ path: "github.com/nats-io/nats-server/v2", version: "v2.15.3", folder: "." }],
  versions: [{ program: "/nats-server", args: ["--version"], says: /v2\.15\.3/ }],
  serving: {
    args: ["--http_port", "8222"],
    port: 8222,
    questions: [{ kind: "http", path: "/healthz", says: /"status":\s*"ok"/ }],
  },
  official: {
    image: "nats (scratch)",
    source: "nats-io/nats-docker:2.12.x/scratch/Dockerfile, and .goreleaser.yml of the module",
    has: [
      "/nats-server on an empty base",
      "the version",
      "ports 4222, 8222 and 6222",
      "PATH with /",
      "a user that is not root, unlike there",
    ],
    lacks: [
      {
        what: "nats-server.conf and `--config` of the command line",
        why: "there is no `files:` yet (issue 19)",
      },
      { what: "the commit in `server.gitCommit`", why: "a module's zip has no git; a checkout fills it" },
      {
        what: "the variants on Alpine, with an entrypoint script",
        why: "there is no `packages:` yet (issue 19)",
      },
    ],
  },
};
