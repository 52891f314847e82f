import type { Service } from "../service.ts";
import { caddy } from "./caddy.ts";
import { coredns } from "./coredns.ts";
import { etcd } from "./etcd.ts";
import { goHttpbin } from "./go-httpbin.ts";
import { hugo } from "./hugo.ts";
import { kine } from "./kine.ts";
import { litestream } from "./litestream.ts";
import { mailpit } from "./mailpit.ts";
import { miniflux } from "./miniflux.ts";
import { natsServer } from "./nats-server.ts";
import { nodeExporter } from "./node-exporter.ts";
import { oauth2Proxy } from "./oauth2-proxy.ts";
import { opa } from "./opa.ts";
import { pocketbase } from "./pocketbase.ts";
import { podinfo } from "./podinfo.ts";
import { prometheus } from "./prometheus.ts";
import { registry } from "./registry.ts";
import { statsdExporter } from "./statsd-exporter.ts";
import { syncthing } from "./syncthing.ts";

/** All services, the quickest to build first. */
export const services: readonly Service[] = [
  goHttpbin,
  statsdExporter,
  nodeExporter,
  miniflux,
  natsServer,
  podinfo,
  pocketbase,
  oauth2Proxy,
  mailpit,
  registry,
  litestream,
  opa,
  syncthing,
  etcd,
  coredns,
  caddy,
  prometheus,
  kine,
  hugo,
];
