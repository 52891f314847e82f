import type { LaidModule, Service } from "../service.ts";

const VERSION = "v3.7.3";

const laid = (name: string): LaidModule => ({
  path: `go.etcd.io/etcd/${name}${name.endsWith("/v3") ? "" : "/v3"}`,
  version: VERSION,
  folder: `./${name}`,
});

export const etcd: Service = {
  name: "etcd",
  title: "etcd, etcdctl and etcdutl",
  modules: [
    laid("server"),
    ...["etcdctl", "etcdutl", "api", "pkg", "client/pkg", "client/v3"].map((name) => laid(name)),
  ],
  note:
    "three binaries of three modules in one image. Each folder is a module of its own on the proxy; their zips are laid as they " +
    "stand in the repository, with a go.work of ours that lists them, since the repository's lists tools and tests too",
  versions: [
    { program: "/usr/local/bin/etcd", args: ["--version"], says: /etcd Version: 3\.7\.3/ },
    { program: "/usr/local/bin/etcdctl", args: ["version"], says: /etcdctl version: 3\.7\.3/ },
    { program: "/usr/local/bin/etcdutl", args: ["version"], says: /etcdutl version: 3\.7\.3/ },
  ],
  serving: {
    args: ["--data-dir=/tmp/etcd"],
    port: 2379,
    questions: [{ kind: "http", path: "/health", says: /"health":\s*"true"/ }],
  },
  official: {
    image: "gcr.io/etcd-development/etcd",
    source: "Dockerfile of the repository's root module at v3.6.8, the newest on the proxy",
    has: [
      "/usr/local/bin/etcd, etcdctl and etcdutl",
      "distroless static's content",
      "user root, as there",
      "the working directory",
      "ports 2379 and 2380",
    ],
    lacks: [
      {
        what: "/var/etcd and /var/lib/etcd as folders of their own",
        why: "there is no `dirs:` yet (issue 19)",
      },
      { what: "the commit in GitSHA", why: "a module's zip has no git; a checkout fills it" },
      { what: "CMD in place of an entrypoint", why: "not there yet (issue 19); the same program starts" },
    ],
  },
};
