// The image's configuration: what the description says over what the base says, and nothing of how the base was made.
import { describe, expect, test } from "vitest";
import { baseLabels } from "../../src/plan/oci-labels.ts";
import type { BuildRequest, ContainerConfig, ImageConfig } from "../../src/plan/index.ts";
import { buildOf, golangImage, planFiles, tool } from "../plan/support.ts";

async function configOf(
  description: string,
  base: ImageConfig = {},
  request: Partial<BuildRequest> = {},
): Promise<ImageConfig> {
  const files = { ...tool, "service.yaml": `# syntax=org/go-frontend\n${description}` };
  const planned = await planFiles(files, request);
  const build = buildOf(planned, {}, planned.plan, golangImage, base);
  return build.results[0]?.config ?? expect.fail("no configuration");
}

const onBase = async (base: ContainerConfig, image = ""): Promise<ContainerConfig> =>
  (await configOf(`image: { base: debian${image} }\n`, { config: base })).config ?? {};

describe("of our own base", () => {
  test("is whole, fixed in time, and the same every time", async () => {
    expect(await configOf("")).toEqual({
      created: "1970-01-01T00:00:00Z",
      architecture: "amd64",
      os: "linux",
      config: {
        User: "65532:65532",
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        Entrypoint: ["/usr/local/bin/tool"],
        Labels: { "org.opencontainers.image.title": "tool" },
        WorkingDir: "/",
      },
      history: [
        {
          created: "1970-01-01T00:00:00Z",
          created_by: "rootfs: CA roots, time zones, users",
          comment: "go-frontend",
        },
        {
          created: "1970-01-01T00:00:00Z",
          created_by: "go build example.com/tool (/usr/local/bin/tool)",
          comment: "go-frontend",
        },
      ],
    });
  });

  test("has one layer and one line of history less on scratch", async () => {
    const { history } = await configOf("image: { base: scratch }\n");
    expect(history?.map((entry) => entry.created_by)).toEqual([
      "go build example.com/tool (/usr/local/bin/tool)",
    ]);
  });

  test("carries the time that the client chose", async () => {
    const created = "2023-11-14T22:13:20Z";
    const config = await configOf("", {}, { epoch: 1_700_000_000 });
    expect(config).toMatchObject({ created });
    expect(config.history?.map((entry) => entry.created)).toEqual([created, created]);
  });

  test("names the target platform, its variant too", async () => {
    const platforms = [{ os: "linux", architecture: "arm", variant: "v7" }];
    expect(await configOf("", {}, { platforms })).toMatchObject({
      os: "linux",
      architecture: "arm",
      variant: "v7",
    });
    expect(await configOf("")).not.toHaveProperty("variant");
  });

  test("holds what the description says", async () => {
    const { config } = await configOf(
      "image: { user: '1000:1000', ports: [8080, 53/udp], env: { A: b=c }, args: [x], labels: { com.example.a: b }, workdir: /w }\n",
    );
    expect(config).toMatchObject({
      User: "1000:1000",
      ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
      Env: [expect.stringMatching(/^PATH=/), "A=b=c"],
      Cmd: ["x"],
      Labels: { "com.example.a": "b" },
      WorkingDir: "/w",
    });
  });

  test("has no entrypoint where the description says so, and the arguments begin with the program", async () => {
    const { config } = await configOf("image: { entrypoint: [], args: [/usr/local/bin/tool, serve] }\n");
    expect(config).not.toHaveProperty("Entrypoint");
    expect(config?.Cmd).toEqual(["/usr/local/bin/tool", "serve"]);
  });

  test("is not there for the bare executable", async () => {
    const { results } = buildOf(await planFiles(tool, { target: "binary" }));
    expect(results.map(({ config }) => config)).toEqual([undefined]);
  });
});

describe("folders of PATH", () => {
  const pathOf = async (image: string, base?: ImageConfig): Promise<readonly string[]> =>
    (await configOf(`image: { ${image} }\n`, base)).config?.Env ?? [];

  test("stand before those of our own base, of an image as base, and of env", async () => {
    expect(await pathOf("path: [/opt/a, /opt/b]")).toEqual([
      "PATH=/opt/a:/opt/b:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
    const base = { config: { Env: ["A=1", "PATH=/base", "B=2"] } };
    expect(await pathOf("base: debian, path: [/opt/a]", base)).toEqual(["A=1", "PATH=/opt/a:/base", "B=2"]);
    expect(await pathOf("base: debian, path: [/opt/a], env: { PATH: /mine }", base)).toEqual([
      "A=1",
      "PATH=/opt/a:/mine",
      "B=2",
    ]);
  });

  test("on an image that says nothing of PATH stand before what container engines have", async () => {
    expect(await pathOf("base: debian, path: [/opt/a]", {})).toEqual([
      "PATH=/opt/a:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
  });
});

describe("on another image", () => {
  test("keeps the base's settings, with ours over them", async () => {
    const config = await onBase(
      {
        Env: ["PATH=/base/bin", "A=base", "B=base"],
        ExposedPorts: { "9090/tcp": {} },
        Labels: { one: "base", two: "base" },
        Volumes: { "/data": {} },
        StopSignal: "SIGINT",
        WorkingDir: "/base",
      },
      ", env: { A: ours, C: ours }, ports: [8080], labels: { two: ours }",
    );
    expect(config).toMatchObject({
      Env: ["PATH=/base/bin", "A=ours", "B=base", "C=ours"],
      ExposedPorts: { "8080/tcp": {}, "9090/tcp": {} },
      Labels: { one: "base", two: "ours" },
      Volumes: { "/data": {} },
      StopSignal: "SIGINT",
      WorkingDir: "/base",
    });
  });

  test("says what it stands on, and nothing that the base says of itself alone", async () => {
    const of = (key: string): string => `org.opencontainers.image.${key}`;
    const base = { [of("version")]: "22.04", [of("title")]: "Ubuntu", [of("vendor")]: "Acme", other: "base" };
    const { Labels } = await onBase({ Labels: base }, `, labels: { ${of("base.name")}: mine }`);
    expect(Labels).toEqual({
      [of("base.name")]: "mine",
      [of("title")]: "tool",
      [of("vendor")]: "Acme",
      other: "base",
    });
    expect(baseLabels({ reference: `debian:12@sha256:${"0".repeat(64)}`, config: {} })).toEqual({
      [of("base.name")]: "docker.io/library/debian:12",
      [of("base.digest")]: `sha256:${"0".repeat(64)}`,
    });
    expect(baseLabels({ reference: "debian:12", config: {}, replaced: true })).toEqual({});
  });

  test("never keeps the base's command beside our entrypoint", async () => {
    const base = { Entrypoint: ["/bin/sh"], Cmd: ["-c", "old"] };
    expect(await onBase(base)).toMatchObject({ Entrypoint: ["/usr/local/bin/tool"] });
    expect(await onBase(base)).not.toHaveProperty("Cmd");
    expect((await onBase(base, ", args: [new]")).Cmd).toEqual(["new"]);
  });

  test("takes no trigger, no health check and no other field that OCI does not have", async () => {
    const base = {
      ArgsEscaped: true,
      AttachStdout: true,
      Domainname: "",
      Healthcheck: { Test: ["CMD", "/bin/old"] },
      Hostname: "5b1a3e",
      Image: "sha256:00",
      OnBuild: ["COPY . /app"],
      Shell: ["/bin/bash", "-c"],
      StopSignal: "SIGINT",
      Volumes: { "/data": {} },
    };
    expect(Object.keys(await onBase(base)).toSorted()).toEqual([
      "Entrypoint",
      "Env",
      "Labels",
      "StopSignal",
      "User",
      "Volumes",
      "WorkingDir",
    ]);
  });

  test("of which a field is null, as Docker writes them", async () => {
    const text = '{ "Env": null, "Labels": null, "ExposedPorts": null, "Volumes": null, "OnBuild": null }';
    expect(Object.keys(await onBase(JSON.parse(text) as ContainerConfig)).toSorted()).toEqual([
      "Entrypoint",
      "Env",
      "Labels",
      "User",
      "WorkingDir",
    ]);
  });

  test.each([
    [undefined, "65532:65532"],
    ["", "65532:65532"],
    ["root", "65532:65532"],
    ["0", "65532:65532"],
    ["0:0", "65532:65532"],
    ["root:root", "65532:65532"],
    ["1000", "1000"],
    ["app:app", "app:app"],
  ])("base's user %s becomes %s", async (user, ours) => {
    expect((await onBase(user === undefined ? {} : { User: user })).User).toBe(ours);
  });

  test("a root user can be had by saying so", async () => {
    expect((await onBase({ User: "app" }, ", user: 0")).User).toBe("0");
  });

  test("takes the base's history and none of how the base was built", async () => {
    const base = {
      architecture: "amd64",
      os: "linux",
      author: "somebody",
      created: "2024-01-01T00:00:00Z",
      container_config: { Cmd: ["secret"] },
      "moby.buildkit.cache.v0": "AAAA",
      rootfs: { type: "layers", diff_ids: ["sha256:00"] },
      history: [{ created: "2024-01-01T00:00:00Z", created_by: "ADD rootfs" }],
      config: {},
    };
    const config = await configOf("image: { base: debian }\n", base);
    expect(Object.keys(config).toSorted()).toEqual([
      "architecture",
      "author",
      "config",
      "created",
      "history",
      "os",
    ]);
    expect(config.history?.map((entry) => entry.created_by)).toEqual([
      "ADD rootfs",
      "go build example.com/tool (/usr/local/bin/tool)",
    ]);
    expect(config).toMatchObject({ created: "1970-01-01T00:00:00Z" });
  });
});
