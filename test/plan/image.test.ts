// What an image says of itself, before any builder is asked.
import { describe, expect, test } from "vitest";
import type { BuildRequest, ImagePlan } from "../../src/plan/index.ts";
import { amd64, complaintOf, planFiles, tool } from "./support.ts";

async function imageOf(description: string, request: Partial<BuildRequest> = {}): Promise<ImagePlan> {
  const files = { ...tool, "service.yaml": `# syntax=org/go-frontend\n${description}` };
  const image = (await planFiles(files, request)).plan.service.platforms[0]?.image;
  if (image === undefined) expect.fail("no image");
  return image;
}

describe("defaults", () => {
  test("of the smallest file", async () => {
    expect(await imageOf("")).toEqual({
      base: { kind: "static" },
      user: "65532:65532",
      ports: [],
      env: [["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]],
      entrypoint: ["/usr/local/bin/tool"],
      args: [],
      labels: { "org.opencontainers.image.title": "tool" },
      workdir: "/",
    });
  });

  test("on another image are that image's", async () => {
    const image = await imageOf("image: { base: debian:bookworm-slim }\n");
    expect(image).toMatchObject({ user: undefined, workdir: undefined, env: [] });
    expect(image.base).toMatchObject({
      kind: "image",
      reference: "debian:bookworm-slim",
      at: { file: "service.yaml", range: { start: { line: 2, column: 16 } } },
    });
  });

  test("of scratch are those of our own base", async () => {
    expect(await imageOf("image: { base: scratch }\n")).toEqual({
      ...(await imageOf("")),
      base: { kind: "scratch" },
    });
  });
});

test("every key arrives", async () => {
  const image = await imageOf(`image:
  user: 1000
  ports: [8080, 53/udp, 8080/tcp]
  env: { B: "2", A: "1" }
  entrypoint: [/usr/local/bin/tool, serve]
  args: [--config, /etc/x]
  labels: { z.example: last, a.example: first }
  workdir: /var//lib/./x
`);
  expect(image).toMatchObject({
    user: "1000",
    ports: ["8080/tcp", "53/udp"],
    entrypoint: ["/usr/local/bin/tool", "serve"],
    args: ["--config", "/etc/x"],
    workdir: "/var/lib/x",
  });
  // The order of the file is kept for people; PATH of our own bases stands first.
  expect(image.env.map(([name]) => name)).toEqual(["PATH", "B", "A"]);
  expect(Object.keys(image.labels)).toEqual(["a.example", "org.opencontainers.image.title", "z.example"]);
});

test("a PATH of the description replaces ours", async () => {
  expect((await imageOf("image: { env: { PATH: /bin } }\n")).env).toEqual([["PATH", "/bin"]]);
});

describe("labels", () => {
  const commit = "0123456789abcdef";
  const source = "https://git.example/shop";
  const title = { "org.opencontainers.image.title": "tool" };

  test("tell the commit and its origin when the client does", async () => {
    expect((await imageOf("", { revision: { commit, source } })).labels).toEqual({
      "org.opencontainers.image.revision": commit,
      "org.opencontainers.image.source": source,
      ...title,
    });
  });

  test("tell when it was built, and the version, where they are known", async () => {
    const request = { epoch: 1_769_851_800, revision: { commit, tag: "v1.2.3", dirty: false } };
    expect((await imageOf("", request)).labels).toEqual({
      "org.opencontainers.image.created": "2026-01-31T09:30:00Z",
      "org.opencontainers.image.revision": commit,
      "org.opencontainers.image.version": "v1.2.3",
      ...title,
    });
  });

  test("say that the tree differs where it does, or where only the client says so", async () => {
    for (const [of, label] of [
      [{ dirty: true }, `${commit}-dirty`],
      [{ saidDirty: true }, `${commit}-dirty`],
      [{ saidDirty: true, dirty: false }, commit],
      [{}, commit],
    ] as const) {
      const { labels } = await imageOf("", { revision: { commit, ...of } });
      expect(labels["org.opencontainers.image.revision"], JSON.stringify(of)).toBe(label);
    }
  });

  test("the description comes before what we know, the client before the description", async () => {
    const description =
      "image: { labels: { org.opencontainers.image.source: mine, com.example.a: file, com.example.b: file } }\n";
    const labels = { "com.example.b": "client", "com.example.c": "client" };
    expect((await imageOf(description, { revision: { source }, labels })).labels).toEqual({
      ...title,
      "com.example.a": "file",
      "com.example.b": "client",
      "com.example.c": "client",
      "org.opencontainers.image.source": "mine",
    });
  });
});

describe("variables", () => {
  const fill = async (template: string, request: Partial<BuildRequest> = {}, args = "{ version: dev }") => {
    const image = await imageOf(
      `name: orders\nargs: ${args}\nimage: { args: [${JSON.stringify(template)}] }\n`,
      request,
    );
    return image.args[0];
  };

  test.each([
    ["${version}", "dev"],
    ["v${version}-${version}", "vdev-dev"],
    ["$$5 and $${version}", "$5 and ${version}"],
    ["${git.commit}", "unknown"],
    ["${git.source}", "unknown"],
    ["${target.platform}", "linux/arm/v7"],
    ["${target.os}|${target.arch}|${target.variant}", "linux|arm|v7"],
    ["${go.version}", "1.26"],
    ["${module.path}", "example.com/tool"],
    ["${service.name}", "orders"],
  ])("%s", async (template, value) => {
    const platforms = [{ os: "linux", architecture: "arm", variant: "v7" }];
    expect(await fill(template, { platforms })).toBe(value);
  });

  test("the client's value wins, an empty one too, and is not looked at again", async () => {
    expect(await fill("${version}", { buildArgs: { version: "1.2" } })).toBe("1.2");
    expect(await fill("${version}", { buildArgs: { version: "" } })).toBe("");
    expect(await fill("${version}", { buildArgs: { version: "${git.commit} $$ $(id)" } })).toBe(
      "${git.commit} $$ $(id)",
    );
    expect(await fill("${git.commit}", { revision: { commit: "abc" } })).toBe("abc");
  });

  test("an argument that is not declared fills nothing", async () => {
    const files = {
      ...tool,
      "service.yaml": '# syntax=org/go-frontend\nimage: { args: ["${version}"] }\n',
    };
    const building = planFiles(files, { buildArgs: { version: "1" } });
    await expect(building).rejects.toThrow(/GF042/);
  });

  test.each(["constructor", "toString", "hasOwnProperty"])(
    "an argument called %s is one like others",
    async (name) => {
      expect(await fill(`\${${name}}`, {}, `{ ${name}: mine }`)).toBe("mine");
      const buildArgs = Object.fromEntries([[name, "client"]]);
      expect(await fill(`\${${name}}`, { buildArgs }, `{ ${name}: mine }`)).toBe("client");
    },
  );

  test("each platform has its own values", async () => {
    const files = {
      ...tool,
      "service.yaml":
        "# syntax=org/go-frontend\nplatforms: [linux/amd64, linux/arm64]\n" +
        'build: { vars: { main.arch: "${target.arch}" } }\nimage: { labels: { com.example.arch: "${target.arch}" } }\n',
    };
    const { platforms } = (await planFiles(files)).plan.service;
    expect(platforms.map(({ image }) => image.labels["com.example.arch"])).toEqual(["amd64", "arm64"]);
    expect(
      platforms
        .flatMap(({ links }) => links)
        .map(({ argv }) => argv.find((each) => each.startsWith("-ldflags="))),
    ).toEqual(["-ldflags=-s -w -buildid= -X main.arch=amd64", "-ldflags=-s -w -buildid= -X main.arch=arm64"]);
  });

  test("a stamp that cannot be said to the linker is refused wherever it came from", async () => {
    const files = {
      ...tool,
      "service.yaml": 'args: { v: "" }\nbuild: { vars: { main.v: "${v}" } }\n',
    };
    const buildArgs = { v: `'"` };
    expect(await complaintOf(planFiles(files, { buildArgs, platforms: [amd64] }))).toContain("GF040");
  });
});

describe("the name", () => {
  const nameOf = async (goMod: string, description = ""): Promise<string> => {
    const files = {
      ...tool,
      "go.mod": `module ${goMod}\n\ngo 1.26\n`,
      "service.yaml": `# syntax=org/go-frontend\n${description}`,
    };
    return (await planFiles(files)).plan.service.name;
  };

  test.each([
    ["example.com/shop/orders", "orders"],
    ["example.com/shop/orders/v2", "orders"],
    ["orders", "orders"],
    ["gopkg.in/yaml.v3", "yaml.v3"],
  ])("of module %s is %s", async (module, name) => {
    expect(await nameOf(module)).toBe(name);
  });

  test("is what the description says", async () => {
    expect(await nameOf("example.com/x", "name: billing\n")).toBe("billing");
  });
});

describe("values with variables put in", () => {
  const many = "${a}".repeat(1000);
  const complaint = (description: string, a = "", request: Partial<BuildRequest> = {}) =>
    complaintOf(
      planFiles(
        { ...tool, "service.yaml": `# syntax=org/go-frontend\nargs: { a: "${a}", b: "y" }\n${description}` },
        request,
      ),
    );
  const long = "x".repeat(4096);

  test.each([
    ["a variable of the environment", `image:\n  env:\n    NAME: "${many}"\n`, "5:11", "image.env.NAME"],
    ["a label", `image:\n  labels:\n    com.example.x: "${many}"\n`, "5:20", "image.labels.com.example.x"],
    ["an argument", `image:\n  args:\n    - "ok"\n    - "${many}"\n`, "6:7", "image.args[1]"],
    ["what the linker sets", `build:\n  vars:\n    main.x: "${many}"\n`, "5:13", "build.vars.main.x"],
  ])("%s may not be longer than one that is written out", async (_what, description, place, key) => {
    expect(await complaint(description, long)).toBe(
      `service.yaml:${place}: GF040 ${key} is longer than 4096 characters once its variables are put in
help: \`\${a}\` stands for 4096000 of 4096000 characters: give a shorter value, or write it less often`,
    );
  });

  test("what the client gives counts, and is not printed", async () => {
    const a = "secret".repeat(30_000);
    const said = await complaint('build:\n  vars:\n    main.x: "v${a}"\n', "", { buildArgs: { a } });
    expect(said).toMatch(/^service\.yaml:5:13: GF040 build\.vars\.main\.x is longer than 4096 characters/);
    expect(said).not.toContain("secret");
  });

  test("4096 characters are let in", async () => {
    const image = await imageOf(`args: { a: "${"x".repeat(4090)}" }\nimage: { args: ["123456\${a}"] }\n`);
    expect(image.args[0]?.length).toBe(4096);
  });

  test.each([
    ["env", "image:\n  env:\n", (index: number) => `    N${index}: "\${a}"\n`, "image.env"],
    ["labels", "image:\n  labels:\n", (index: number) => `    n${index}: "\${a}"\n`, "image.labels"],
    ["args", "image:\n  args:\n", () => `    - "\${a}"\n`, "image.args"],
    ["vars", "build:\n  vars:\n", (index: number) => `    main.n${index}: "\${a}"\n`, "build.vars"],
  ])("all of %s together have a limit too", async (_what, head, line, key) => {
    const lines = Array.from({ length: 17 }, (_, index) => line(index)).join("");
    const said = await complaint(`${head}${lines}`, long);
    expect(said).toMatch(
      new RegExp(`^service\\.yaml:\\d+:\\d+: GF040 ${key} holds \\d+ characters; 65536 is the most once`),
    );
  });
});
