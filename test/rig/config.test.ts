import { describe, expect, test } from "vitest";
import { buildkitConfig } from "../../rig/config.ts";
import { mirrorReference } from "../../rig/mirrors.ts";

const settings = {
  root: "/cache/rig/a/root",
  socket: "/cache/rig/a/buildkitd.sock",
  runc: "/usr/sbin/runc",
  cgroup: "go-frontend-rig-0",
  registry: "localhost:5000",
  mirrored: [],
};

describe("buildkitConfig", () => {
  test("names no public registry when all can be reached", () => {
    const text = buildkitConfig(settings);
    expect(text).not.toContain("mirrors");
    expect(text).toContain('[registry."localhost:5000"]\n  http = true');
    expect(text).toContain('address = ["unix:///cache/rig/a/buildkitd.sock"]');
  });

  test("sends each unreachable registry to its own place in the loopback registry", () => {
    const text = buildkitConfig({ ...settings, mirrored: ["docker.io", "gcr.io"] });
    expect(text).toContain('[registry."docker.io"]\n  mirrors = ["localhost:5000"]');
    expect(text).toContain('[registry."gcr.io"]\n  mirrors = ["localhost:5000/gcr.io"]');
  });

  test("quotes what a path may hold", () => {
    expect(buildkitConfig({ ...settings, root: '/a "b"\\c' })).toContain('root = "/a \\"b\\"\\\\c"');
  });
});

describe("mirrorReference", () => {
  test.each([
    ["org/go-frontend", "localhost:5000/org/go-frontend:latest"],
    ["docker.io/org/go-frontend:latest", "localhost:5000/org/go-frontend:latest"],
    ["golang:1.26-bookworm", "localhost:5000/library/golang:1.26-bookworm"],
    ["gcr.io/distroless/static-debian12", "localhost:5000/gcr.io/distroless/static-debian12:latest"],
    ["ghcr.io/a/b@sha256:00", "localhost:5000/ghcr.io/a/b@sha256:00"],
    ["localhost:5000/x/y:1", "localhost:5000/x/y:1"],
  ])("%s → %s", (reference, expected) => {
    expect(mirrorReference("localhost:5000", reference)).toBe(expected);
  });
});
