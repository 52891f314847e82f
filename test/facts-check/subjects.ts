/**
 * The services that `--builds` compares when none is named: of many shapes, and small enough that all take minutes.
 * Workspaces, vendored modules, modules from before Go 1.17, with assembly, with embedded files.
 */
export const builtSubjects: readonly string[] = [
  // A module of its own with a handful of requirements, and the same vendored.
  "github.com/mccutchen/go-httpbin/v2@v2.26.0",
  "vendor:github.com/mccutchen/go-httpbin/v2@v2.26.0",
  // Before Go 1.17: the whole module graph counts.
  "github.com/rakyll/hey@v0.1.4",
  "github.com/tsenart/vegeta/v12@v12.8.4",
  "vendor:github.com/tsenart/vegeta/v12@v12.8.4",
  // With assembly of its own modules and many packages.
  "github.com/nats-io/nats-server/v2@v2.12.0",
  "vendor:github.com/nats-io/nats-server/v2@v2.12.0",
  // Workspaces: the second module is taken from the folder, not from the proxy.
  "work:github.com/nats-io/nats-server/v2@v2.12.0+github.com/nats-io/nkeys@v0.4.11",
  "work:github.com/tsenart/vegeta/v12@v12.8.4+github.com/influxdata/tdigest@v0.0.1",
  "work:github.com/mccutchen/go-httpbin/v2@v2.26.0+github.com/rakyll/hey@v0.1.4",
];
