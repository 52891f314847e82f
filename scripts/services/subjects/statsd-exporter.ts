import { busybox } from "../prometheus-images.ts";
import type { Service } from "../service.ts";

export const statsdExporter: Service = {
  name: "statsd-exporter",
  title: "statsd_exporter",
  modules: [{ path: "github.com/prometheus/statsd_exporter", version: "v0.31.0", folder: "." }],
  versions: [{ program: "/bin/statsd_exporter", args: ["--version"], says: /version 0\.31\.0/ }],
  serving: { args: [], port: 9102, questions: [{ kind: "http", path: "/-/healthy", says: /Healthy/ }] },
  official: {
    image: "prom/statsd-exporter",
    source: "Dockerfile and .promu.yml of the module",
    has: [
      "/bin/statsd_exporter",
      "the version of the file VERSION",
      "user 65534",
      "ports 9102, 9125 tcp and udp",
    ],
    lacks: [busybox],
  },
};
