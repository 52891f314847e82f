import { busybox } from "../prometheus-images.ts";
import type { Service } from "../service.ts";

export const prometheus: Service = {
  name: "prometheus",
  title: "Prometheus and promtool",
  modules: [{ path: "github.com/prometheus/prometheus", version: "v0.316.0", folder: "." }],
  note: "two binaries in one image, linked from one set of compiled packages",
  versions: [
    { program: "/bin/prometheus", args: ["--version"], says: /version 3\.16\.0/ },
    { program: "/bin/promtool", args: ["--version"], says: /version 3\.16\.0/ },
  ],
  serving: {
    args: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/tmp/prometheus"],
    files: { "/etc/prometheus/prometheus.yml": "global:\n  scrape_interval: 15s\n" },
    port: 9090,
    questions: [{ kind: "http", path: "/-/healthy", says: /Prometheus Server is Healthy/ }],
  },
  official: {
    image: "prom/prometheus",
    source: "Dockerfile and .promu.yml of the module",
    has: [
      "/bin/prometheus and /bin/promtool",
      "the version of the file VERSION",
      "user 65534, whom it calls nobody",
      "port 9090",
      "the working directory and command line",
      "nine of its ten labels",
    ],
    lacks: [
      {
        what: "the web pages (tag builtinassets)",
        why: "two pages that pnpm and vite build in a workspace of packages, sayable as mailpit's in `steps:`; left out of this row for their time",
      },
      {
        what: "the stamps BuildUser, BuildDate and Branch",
        why: "of the machine and the clock, not of the source",
      },
      {
        what: "/etc/prometheus/prometheus.yml, LICENSE, NOTICE",
        why: "there is no `files:` yet (issue 19); a configuration is mounted for the answer below",
      },
      {
        what: "/prometheus that the service may write to, as a volume",
        why: "there are no `dirs:` and volumes yet (issue 19)",
      },
      { what: "the label io.prometheus.image.variant", why: "it names their base" },
      busybox,
    ],
  },
};
