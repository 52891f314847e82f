import type { Service } from "../service.ts";

export const hugo: Service = {
  name: "hugo",
  title: "Hugo extended",
  modules: [{ path: "github.com/gohugoio/hugo", version: "v0.160.0", folder: "." }],
  note: "cgo with C++ (libsass)",
  versions: [{ program: "/usr/bin/hugo", args: ["version"], says: /v0\.160\.0\+extended/ }],
  serving: {
    args: ["server", "--bind=0.0.0.0", "--source=/site", "--renderToMemory", "--noBuildLock"],
    env: { HUGO_CACHEDIR: "/tmp/cache" },
    files: { "/site/hugo.toml": 'title = "x"\n', "/site/layouts/index.html": "<p>{{ .Site.Title }}</p>\n" },
    port: 1313,
    questions: [{ kind: "http", path: "/", says: /<p>x<\/p>/ }],
  },
  official: {
    image: "ghcr.io/gohugoio/hugo",
    source: "Dockerfile of the module",
    has: [
      "/usr/bin/hugo with the tag extended",
      "vendorInfo",
      "user 1000:1000 by number",
      "HUGO_CACHEDIR",
      "port 1313",
      "the working directory and command line",
    ],
    lacks: [
      {
        what: "git, nodejs, npm, openssh-client, tar, runuser",
        why: "there is no `packages:` yet (issue 19)",
      },
      { what: "musl and Alpine below it", why: "ours is static with glibc, so that it needs no base" },
      { what: "dart-sass", why: "there is no `files:` from a URL yet (issue 19)" },
      {
        what: "the entrypoint script, git's settings, a home with its bin on PATH, /cache and the volume /project",
        why: "there are no `files:`, `dirs:` and volumes yet (issue 19)",
      },
    ],
  },
};
