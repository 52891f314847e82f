// Digests that Go's client/llb and a BuildKit daemon gave for these graphs.
import { describe, expect, test } from "vitest";
import {
  addMount,
  addSecret,
  args,
  asPersistentCacheDir,
  cacheMountLocked,
  copy,
  diff,
  image,
  linuxAmd64,
  local,
  merge,
  mkdir,
  mkfile,
  netModeNone,
  network,
  scratch,
  secretID,
  sessionID,
  sha256,
  withParents,
  type State,
} from "../../src/llb/index.ts";
import { encodeCanonical } from "../../src/proto/index.ts";

const v1 = image("alpine", linuxAmd64);
const v2 = v1.run(args(["echo", "hi"])).root();
const v3 = scratch().file(mkfile("/a", 0o644, "x"));
const v4 = v1.file(copy(local("context", sessionID("s1")), "/src", "/dst"));
const v7 = v1.run(
  args(["true"]),
  network(netModeNone),
  addMount("/c", scratch(), asPersistentCacheDir("gomod", cacheMountLocked)),
  addSecret("/run/secrets/t", secretID("t")),
);

const vectors: readonly (readonly [string, State, string, string])[] = [
  [
    "V1",
    v1,
    "a7f9733e307dd352c82d43053b783dd17bb2ec2c36214908ce393e41545c8b51",
    "91d1ea452bdb17a7987049c214be5a0ebfc499b11003e057978043b827bee403",
  ],
  [
    "V2",
    v2,
    "0bca3f14b63ad1ebaad8b9557838b64ec46b4128f3a917db8a46634e370f6bfa",
    "d18a388fd2d9d62cfdd9aa80e888c92b9e44b10da89793dc4d5b89a62ca3294c",
  ],
  [
    "V3",
    v3,
    "2ceaba8e5ffb5e926fbea3aab09b60349400c88319194549e18e556ae3b3e612",
    "247fb1c11b6690ba1edaa784eb78d5fdfbb9134e220a2167f57766b8c73041b0",
  ],
  [
    "V4",
    v4,
    "a821968c9c41e51b24feb391dd0cbcbd50b7ec5fbb4db804b8237415db8aced5",
    "66437f7602cb864e5ac89a9e2dad0797c55aca3e8d9dd548f44a3961f41a3c65",
  ],
  [
    "V5",
    merge([v1, v3]),
    "d3ee8e42e4d292ac4e2bd02648cb401b81592355d0aa3a0456a2440f277fde13",
    "ea05c17945ba0c6d5d52f49ce7ee28353c6effff94be0af64230726fb8e8b675",
  ],
  [
    "V6",
    diff(v1, v2),
    "874cf054761d7fa04334eac3477965d1bdbbebf8cdfdc79d1e5c12844ffbd4ba",
    "10a10e159e6f5321998f5b31aff6149179d75fe73a87c73611b9a8cfc9a4b6ec",
  ],
  [
    "V7",
    v7,
    "6b90091ebfd18931128844edb62d7c2a19a964fb7274e6bf4fe2a1f4eb925cda",
    "8e3e053ef8b3807ee8212744c6605a93e63adba07a0dadc2f76c3bb4cba7cd92",
  ],
];

describe("digests of the Go encoder, confirmed by a daemon", () => {
  test.each(vectors)("%s", (_name, state, op, terminal) => {
    const { def, head } = state.marshal(linuxAmd64);
    expect(head).toBe(`sha256:${op}`);
    expect(sha256(def.at(-1) ?? new Uint8Array())).toBe(`sha256:${terminal}`);
  });

  test("V4a, a local source", () => {
    expect(local("context", sessionID("s1")).marshal().head).toBe(
      "sha256:fbe4a890a9f14cd426139404ab1f7902056af26ba467ec9398d37c20459edb79",
    );
  });
});

test("what dockerfile2llb makes of a small Dockerfile", () => {
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const base = scratch()
    .dir("/x")
    .file(mkdir("/x", 0o755, withParents(true)));
  const heredoc = scratch().file(mkfile("/EOF", 0o644, "hello\n"));
  const copied = base.file(copy(heredoc, "/EOF", "/f", { createDestPath: true }));
  const run = copied.addEnv("PATH", path).run(args(["/f"]), network(netModeNone));
  const digests = [base, heredoc, copied, run].map((state) => state.marshal(linuxAmd64).head);
  expect(digests).toEqual([
    "sha256:f5f83dd4c9862983f8f60b519a499ad3ea67b55e1b982f33c3e70bebbb130880",
    "sha256:556fbb7cc8fc0f8e2ea3afe32a3ad40adf35000f35898dfa6fb984486fefe7fa",
    "sha256:59244b43b07235507a1f57ae89a4e95c52b099c4008ea3a42f5a333ab90cb7ee",
    "sha256:13385c7ccd2342c4709388fd53371cc4b2eced922e9bc7b34dde94198b7880f2",
  ]);
});

test("BuildKit's own fixture: an op without platform or constraints, and its terminal op", () => {
  const op = sha256(
    encodeCanonical("pb.Op", { source: { identifier: "docker-image://docker.io/library/busybox:latest" } }),
  );
  expect(op).toBe("sha256:74ecb5d790c33a213ba00f8f43d62947df1d4dea72f5ec13353a9b943f469f0f");
  expect(sha256(encodeCanonical("pb.Op", { inputs: [{ digest: op, index: 0 }] }))).toBe(
    "sha256:fdd990931001ae92f1971673ff21204ef6a5ccc8c1a4dd133d8f0f9bff67a3c2",
  );
});
