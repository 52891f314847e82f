import type { Service } from "../service.ts";

export const caddy: Service = {
  name: "caddy",
  title: "Caddy",
  modules: [{ path: "github.com/caddyserver/caddy/v2", version: "v2.11.9", folder: "." }],
  versions: [{ program: "/usr/bin/caddy", args: ["version"], says: /^v2\.11\.9/m }],
  serving: {
    args: ["run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"],
    files: {
      "/etc/caddy/Caddyfile": "{\n\tadmin off\n\tauto_https off\n}\n:80 {\n\trespond /health ok\n}\n",
    },
    port: 80,
    questions: [{ kind: "http", path: "/health", says: /^ok$/ }],
  },
  official: {
    image: "caddy",
    source: "caddyserver/caddy-docker:2.11/alpine/Dockerfile",
    has: [
      "/usr/bin/caddy",
      "the version",
      "CA roots",
      "CADDY_VERSION, XDG_CONFIG_HOME and XDG_DATA_HOME",
      "ports 80, 443 tcp and udp, 2019",
      "the working directory and command line",
      "all eight labels",
      "a user that is not root, unlike there",
    ],
    lacks: [
      { what: "the file capability cap_net_bind_service", why: "there is no `capabilities:` yet (issue 19)" },
      {
        what: "the Caddyfile and the welcome page, fetched at a commit",
        why: "there is no `files:` yet (issue 19); a Caddyfile is mounted for the answer below",
      },
      { what: "/config/caddy and /data/caddy, mode 1777", why: "there is no `dirs:` yet (issue 19)" },
      { what: "curl, libcap and mailcap", why: "there is no `packages:` yet (issue 19)" },
      { what: "CMD in place of an entrypoint", why: "not there yet (issue 19); the same program starts" },
      { what: "Alpine below it", why: "not needed to run; `image.base` where it is wanted" },
      {
        what: "the builder image with xcaddy, the variants on Windows",
        why: "images of another kind: no Windows images here",
      },
    ],
  },
};
