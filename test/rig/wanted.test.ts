import { describe, expect, test } from "vitest";
import { standInsFor } from "../../rig/standins/wanted.ts";

const mirrored = ["docker.io", "gcr.io"];
const newest = async (minor: string): Promise<string> => Promise.resolve(`${minor}.9`);

/** What is found for one reference, in short. */
const found = async (reference: string, hosts: readonly string[] = mirrored): Promise<unknown> =>
  (await standInsFor([reference], hosts, newest)).map(({ repository, tags, layers, go }) => ({
    repository,
    tags,
    go,
    git: layers.includes("forGo"),
  }));

describe("standInsFor", () => {
  test("any Go release, as alpine and as Debian: the planner's default is golang:V-alpine", async () => {
    expect(await found("golang:1.26.11-alpine")).toEqual([
      { repository: "library/golang", tags: ["1.26.11-alpine"], go: "1.26.11", git: false },
    ]);
    expect(await found("docker.io/library/golang:1.24.3")).toEqual([
      { repository: "library/golang", tags: ["1.24.3-bookworm", "1.24.3"], go: "1.24.3", git: true },
    ]);
    expect(await found("golang:1.27rc1-bookworm")).toEqual([
      { repository: "library/golang", tags: ["1.27rc1-bookworm", "1.27rc1"], go: "1.27rc1", git: true },
    ]);
  });

  test("a minor release is its newest patch, under both names", async () => {
    expect(await found("golang:1.27-alpine")).toEqual([
      { repository: "library/golang", tags: ["1.27.9-alpine", "1.27-alpine"], go: "1.27.9", git: false },
    ]);
  });

  test("the releases of the list are those of the list", async () => {
    expect(await found("golang:1.26-alpine")).toEqual([
      {
        repository: "library/golang",
        tags: ["1.26.8-alpine", "1.26-alpine", "1-alpine", "alpine"],
        go: "1.26.8",
        git: false,
      },
    ]);
  });

  test("bases, each once", async () => {
    const standIns = await standInsFor(
      ["busybox", "docker.io/library/busybox:latest", "gcr.io/distroless/static-debian12:nonroot"],
      mirrored,
    );
    expect(standIns.map(({ repository }) => repository)).toEqual([
      "library/busybox",
      "distroless/static-debian12",
    ]);
  });

  test("nothing for what can be reached, and for what nothing stands in for", async () => {
    expect(await found("golang:1.26-alpine", ["gcr.io"])).toEqual([]);
    expect(await found("golang:1.26-windowsservercore")).toEqual([]);
    expect(await found("alpine:3.22")).toEqual([]);
    expect(await found("registry.example.com/golang:1.26-alpine")).toEqual([]);
    expect(await found(`golang:1.26-alpine@sha256:${"0".repeat(64)}`)).toEqual([]);
  });
});
