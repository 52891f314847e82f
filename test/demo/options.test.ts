import { describe, expect, test } from "vitest";
import { type Build, buildctlArguments, buildxArguments } from "../../scripts/demo/build.ts";
import { ordersExample, readOptions } from "../../scripts/demo/options.ts";

const build: Build = {
  source: { folder: "/s", file: "/s/service.yaml" },
  reference: "localhost:1/demo/x:latest",
  platforms: [],
  target: "worker",
  syntax: undefined,
  caBundle: undefined,
  git: [],
};

describe("the demo's options", () => {
  test("--target names one of several services, for docker buildx and for buildctl", () => {
    expect(readOptions(["--target", "worker"], "/")).toMatchObject({ target: "worker" });
    expect(buildxArguments(build).join(" ")).toContain("--target worker");
    expect(buildctlArguments(build).join(" ")).toContain("--opt target=worker");
    const without = { ...build, target: undefined };
    expect(buildxArguments(without).join(" ")).not.toContain("target");
    expect(buildctlArguments(without).join(" ")).not.toContain("target");
  });

  test("no builder and no rig unless one is named; both is a mistake", () => {
    expect(readOptions([], "/")).toEqual({
      subject: { kind: "folder", folder: ordersExample },
      platforms: [],
      call: "/",
    });
    expect(readOptions(["--rig", "fresh"], "/")).toMatchObject({ rig: "fresh" });
    expect(() => readOptions(["--rig", "fresh", "--builder", "auto"], "/")).toThrow(/not beside --builder/);
  });
});
