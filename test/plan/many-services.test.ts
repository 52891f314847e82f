// Hundreds of services in one description: planning all of them looks at each a fixed number of times.
import { expect, test } from "vitest";
import { planEach, type Inspected } from "../../src/plan/index.ts";
import { plainRequest, planFiles } from "./support.ts";

/** How often services are looked at while all of them are planned. */
async function looks(count: number, goMod: string): Promise<number> {
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  const lib = Array.from({ length: 70 }, (_, index) => `p${index}`);
  const { located, inspected } = await planFiles(
    {
      "service.yaml": `# syntax=org/go-frontend\nservices:\n${names
        .map((name) => `  ${name}: { main: ./cmd/${name} }\n`)
        .join("")}`,
      "go.mod": goMod,
      "go.sum": `example.org/other v1.0.0 h1:${"A".repeat(43)}=\nexample.org/other v1.0.0/go.mod h1:${"A".repeat(43)}=\n`,
      ...Object.fromEntries(
        names.map((name) => [
          `cmd/${name}/main.go`,
          `package main\n\nimport _ "example.org/other"\n${lib.map((each) => `import _ "example.test/app/${each}"\n`).join("")}func main() {}\n`,
        ]),
      ),
      ...Object.fromEntries(lib.map((each) => [`${each}/x.go`, `package ${each}\n`])),
    },
    { target: "s0" },
  );
  let sum = 0;
  const counted = inspected.services.map(
    (service) =>
      new Proxy(service, {
        get: (target, key): unknown => {
          sum++;
          return Reflect.get(target, key);
        },
      }),
  );
  const watched: Inspected = { ...inspected, services: counted };
  const plans = planEach(located, watched, plainRequest);
  expect(plans.length).toBe(count);
  expect(plans[1]?.service.platforms[0]?.links[0]?.ownPackages?.strata.length).toBeGreaterThan(0);
  return sum;
}

test.each([
  ["of a module", "module example.test/app\n\ngo 1.26\n\nrequire example.org/other v1.0.0\n"],
  ["of a module before Go 1.17", "module example.test/app\n\ngo 1.16\n\nrequire example.org/other v1.0.0\n"],
])("services %s", async (_what, goMod) => {
  const [few, many] = [await looks(20, goMod), await looks(80, goMod)];
  expect(many / few).toBeLessThan(4.5);
});
