import type { Service } from "../service.ts";

const config = `version: 0.1
storage:
  filesystem: { rootdirectory: /tmp/registry }
http:
  addr: :5000
health:
  storagedriver: { enabled: true }
`;

export const registry: Service = {
  name: "registry",
  title: "Distribution registry",
  modules: [{ path: "github.com/distribution/distribution/v3", version: "v3.1.2", folder: "." }],
  vendored: "its repository has a vendor directory, and module zips hold none",
  versions: [{ program: "/bin/registry", args: ["--version"], says: /3\.1\.2/ }],
  serving: {
    args: ["serve", "/etc/distribution/config.yml"],
    files: { "/etc/distribution/config.yml": config },
    port: 5000,
    questions: [{ kind: "http", path: "/v2/", says: /^\{\}/ }],
  },
  official: {
    image: "registry:3",
    source: "Dockerfile of the module",
    has: [
      "/bin/registry",
      "version, revision and package as its `version` package has them",
      "CA roots",
      "OTEL_TRACES_EXPORTER",
      "port 5000",
      "its command line",
    ],
    lacks: [
      {
        what: "/etc/distribution/config.yml",
        why: "there is no `files:` yet (issue 19); mounted for the answer below",
      },
      { what: "the volume /var/lib/registry", why: "there are no volumes and `dirs:` yet (issue 19)" },
      { what: "Alpine below it", why: "not needed to run; `image.base` where it is wanted" },
    ],
  },
};
