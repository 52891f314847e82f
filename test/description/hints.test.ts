// Every help line leads somewhere: whoever does what it says, and what the next one says, has a valid description.
import { describe, expect, test } from "vitest";
import { exampleOf } from "../../scripts/gen-docs.ts";
import { type Diagnostic, firstLine, keyReference } from "../../src/description/index.ts";
import { parseText } from "./support.ts";
import { follow } from "./follow.ts";

function errorsOf(text: string): readonly Diagnostic[] {
  const result = parseText(text);
  return result.ok ? [] : result.diagnostics.filter((each) => each.severity === "error");
}

/** Follows the first error's help until nothing is wrong; the way there, for the failure. */
function followAll(text: string): readonly string[] {
  const way: string[] = [];
  let texts: readonly string[] = [text];
  for (let round = 0; round < 6; round++) {
    const open = texts.map((each) => ({ text: each, first: errorsOf(each)[0] }));
    if (open.some(({ first }) => first === undefined)) return way;
    const [best] = open;
    if (best?.first === undefined) break;
    way.push(`${firstLine(best.first)} | ${best.first.help ?? "no help"}`);
    texts = open.flatMap((each) => (each.first === undefined ? [] : follow(each.text, each.first)));
    way.push(texts.join("\n---\n"));
  }
  expect.fail(`the help leads nowhere:\n${text}\n${way.join("\n")}`);
}

const wrong: readonly string[] = [
  // What people wrote who described known services.
  "services: { prom: { name: prometheus, main: ./cmd/prometheus } }",
  "services: { a: { args: [serve] } }",
  "services: { a: { args: { version: dev } } }",
  'image: { env: { PATH: "/opt:${PATH}" } }',
  'image: { env: { PATH: "/opt:$PATH" } }',
  'image: { env: { PATH: "$PATH:/opt/bin", B: "${HOME}/x" } }',
  "args: { x: '1' }\nimage: { args: [--uid=${x}] }",
  "args: { x: '1' }\nimage: { args: [a, --uid=${x}/y, ${x}] }",
  "args: { x: '1' }\nimage: { env: { A: a${x}, B: c } }",
  "args: { x: '1' }\nimage: { args: [\n  --uid=${x}\n] }",
  "image: { args: [--match={a}] }",
  "build: { buildmode: pie }",
  "build: { env: { GOEXPERIMENT: jsonv2 } }",
  "image: { from: alpine }",
  ...["healthcheck", "volumes", "assets", "packages", "dirs", "symlinks", "capabilities", "stopsignal"].map(
    (key) => `image: { ${key}: [x] }`,
  ),
  ...["generate", "steps", "test", "healthCheck", "stop_signal", "sbom", "provenance"].map(
    (key) => `${key}: [x]`,
  ),
  // Keys at other places, keys of other tools, slips.
  "tags: [netgo]",
  "nmae: x",
  "prots: [8080]",
  "image: { cmd: [serve] }",
  "cmd: [serve]",
  "command: [serve]",
  "environment: { A: b }",
  "expose: [8080]",
  "from: alpine",
  "workingdir: /srv",
  "cgo: true",
  "build: { cgo: { image: x } }",
  "build: { flags: [-x] }",
  "build: { args: { version: dev } }",
  "build: { goos: linux }",
  "image: { name: acme/orders }",
  "image: { tags: [latest] }",
  "image: { go: '1.26' }",
  "services: { a: { go: '1.26' } }",
  "services: { a: { ports: [8080] } }",
  "services: { a: { tags: [netgo] } }",
  "services: { a: { platform: [linux/amd64] } }",
  "services: { a: { image: { main: ./cmd/a } } }",
  "services: { binary: { main: ./cmd/a } }",
  "goprivate: [github.com/acme/*]",
  "goproxy: [direct]",
  "private: [github.com/acme/*]",
  "modules: { goproxy: [direct] }",
  "name: shop\nservices: { a: {} }",
  "services: {}",
  // Types.
  "ports: 8080",
  "image:\n  ports: 8080,9090",
  "image: { entrypoint: serve --now }",
  "image: { env: [LOG=info, MODE=] }",
  "image: { args: [a: b] }",
  "image: { labels: { a:b } }",
  "image: { ports: }",
  "image: { env: { A: } }",
  "name: [orders]",
  "build: { strip: 'yes' }",
  "go: 1.26",
  "go: 1.20",
  "go: v1.26",
  "go: go1.26.1",
  "platforms: linux/amd64",
  "image: debian:bookworm-slim",
  "build: ./services/orders",
  "services: { orders: ./cmd/orders }",
  "services: [orders, worker]",
  "modules: { auth: { github.com: my-token } }",
  "modules: { github.com: { token: t } }",
  "image: { ports: [[8080, 53/udp]] }",
  "image: { args: [[serve, now]] }",
  "image: { labels: [a.b=c] }",
  "image: { args: '@x' }",
  "platforms: '*'",
  // Values.
  "platforms: [linux/x86_64, arm64, linux]",
  "platforms: ['linux/amd64,linux/arm64']",
  "platforms: [linux/s390x/v1]",
  "image: { ports: [8080:80] }",
  "image: { ports: ['8080:80'] }",
  "image: { workdir: 'C:\\x' }",
  "image: { workdir: app/x }",
  "image: { workdir: ~/x }",
  "image: { workdir: /a/../b }",
  "image: { workdir: '/srv/${x}' }",
  "image: { base: https://example.com/x }",
  "image: { base: Debian }",
  "image: { base: '${base}' }",
  "image: { user: 'Web User' }",
  "main: 'cmd\\orders'",
  "main: 'C:\\cmd\\orders'",
  "main: /cmd/orders",
  "main: '!x'",
  "main: ''",
  "module: ./cmd/*",
  "build: { tags: ['a b'] }",
  "build: { vars: { version: x } }",
  "build: { vars: { main.version: '${versoin}' } }\nargs: { version: dev }",
  "build: { vars: { main.version: '${version' } }\nargs: { version: dev }",
  "build: { vars: { main.version: '${version:-dev}' } }",
  "build: { vars: { main.version: $version } }",
  "build: { vars: { main.version: $version } }\nargs: { version: dev }",
  "build: { vars: { main.price: '5$' } }",
  "build: { vars: { main.version: $(git describe) } }",
  "args: { my-arg: x }",
  "args: { HTTP_PROXY: x }",
  "image: { env: { A-B: x } }",
  "image: { labels: { moby.buildkit.x: y } }",
  // YAML.
  "name:\torders\nimage:\n\tports: [8080]",
  "image: { ports: [8080 }",
  "image:\n  args: - serve",
  "image:\n  workdir: /srv: x",
  "name: My Orders",
  "name: acme/orders",
  "services: { Orders.API: {} }",
  "name: 'orders",
  "image: { args: [@x] }",
  "image: { args: [*x] }",
];

test.each(wrong)("%s", (text) => {
  expect(errorsOf(text)).not.toEqual([]);
  followAll(`${text}\n`);
});

describe("a key at a place where it cannot stand", () => {
  const places = ["", "build", "image", "modules", "services.a", "services.a.build", "services.a.image"];
  const keys = keyReference().filter(({ path }) => !path.includes("*") && path[0] !== "services");
  test.each(places)("in %j", (place) => {
    for (const key of keys) {
      const above = place === "" ? [] : place.split(".");
      const lines = above.map((step, depth) => `${"  ".repeat(depth)}${step}:\n`).join("");
      const isVars = exampleOf(key).startsWith("args: { version: dev }\n");
      const needs = isVars ? "args: { version: dev }\n" : "";
      const text = `${needs}${lines}${"  ".repeat(above.length)}${key.doc.example}\n`;
      if (errorsOf(text).length === 0) continue;
      const [first] = errorsOf(text);
      expect(first?.code, text).toMatch(/^GF02[15]$/);
      followAll(text);
    }
  });
});
