import type { Service } from "../service.ts";

export const coredns: Service = {
  name: "coredns",
  title: "CoreDNS",
  modules: [{ path: "github.com/coredns/coredns", version: "v1.15.0", folder: "." }],
  note: "a step generates the list of plugins from plugin.cfg, as `go generate` does",
  versions: [{ program: "/coredns", args: ["-version"], says: /^CoreDNS-1\.15\.0$/m }],
  serving: { args: [], port: 53, questions: [{ kind: "dns", name: "example.org" }] },
  official: {
    image: "coredns/coredns",
    source: "Dockerfile and Makefile of the module",
    has: [
      "/coredns with the tag grpcnotrace",
      "distroless static's content",
      "user 65532 by number",
      "the working directory",
      "ports 53 tcp and udp",
    ],
    lacks: [
      {
        what: "the file capability cap_net_bind_service",
        why: "there is no `capabilities:` yet (issue 19). Container engines let all users have port 53 (net.ipv4.ip_unprivileged_port_start=0); Kubernetes wants the capability or that sysctl",
      },
      { what: "the commit in GitCommit", why: "a module's zip has no git; a checkout fills it" },
    ],
  },
};
