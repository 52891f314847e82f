import { busybox } from "../prometheus-images.ts";
import type { Service } from "../service.ts";

export const nodeExporter: Service = {
  name: "node-exporter",
  title: "node_exporter",
  modules: [{ path: "github.com/prometheus/node_exporter", version: "v1.12.1", folder: "." }],
  versions: [{ program: "/bin/node_exporter", args: ["--version"], says: /version 1\.12\.1/ }],
  serving: { args: [], port: 9100, questions: [{ kind: "http", path: "/", says: /Node Exporter/ }] },
  official: {
    image: "prom/node-exporter",
    source: "Dockerfile, Dockerfile.distroless and .promu.yml of the module",
    has: [
      "/bin/node_exporter",
      "the version of the file VERSION",
      "user 65534, whom it calls nobody",
      "port 9100",
      "nine of its ten labels",
    ],
    lacks: [
      { what: "the label io.prometheus.image.variant", why: "it names their base" },
      {
        what: "the stamps Revision, Branch, BuildUser and BuildDate",
        why: "a module's zip has no git, and the rest is of the machine and the clock",
      },
      busybox,
      { what: "LICENSE and NOTICE of the distroless variant", why: "there is no `files:` yet (issue 19)" },
    ],
  },
};
