// A secret or an agent that the client did not give is reported at the line that asks for it.
import { describe, expect, test } from "vitest";
import { missingCredential } from "../../src/frontend/credentials.ts";
import { formatDiagnostics } from "../../src/description/index.ts";
import { planFiles, sums } from "../plan/support.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W";
const text = `# syntax=org/go-frontend
modules:
  auth:
    netrc: my-netrc
    git.acme.example: { token: acme }
    ssh.example: { ssh: default, knownHosts: ["ssh.example ${key}"] }
    other.example: { ssh: deploy, knownHosts: ["other.example ${key}"] }
`;

const { plan, located } = await planFiles({
  "service.yaml": text,
  "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire git.acme.example/lib v1.0.0\n",
  "go.sum": sums("git.acme.example/lib v1.0.0"),
  "main.go": 'package main\n\nimport _ "git.acme.example/lib"\n\nfunc main() {}\n',
});
const auth = plan.modules[0]?.auth ?? [];

function told(message: string, of = auth): string | undefined {
  const found = of.flatMap((each) => missingCredential(new Error(message), each, located) ?? []);
  return found.length === 0
    ? undefined
    : formatDiagnostics(found, [{ filename: "service.yaml", text }]).trimEnd();
}

describe("a secret", () => {
  test.each(["secret acme: not found", "failed to solve: secret acme: not found", "secret acme not found"])(
    "%s",
    (message) => {
      expect(told(message)).toBe(
        'service.yaml:5:32: GF050 the build needs the secret "acme", which the client did not provide\n' +
          "5 |     git.acme.example: { token: acme }\n" +
          "  |                                ^^^^\n" +
          "help: add --secret id=acme,env=TOKEN",
      );
    },
  );

  test("with a netrc file", () => {
    expect(told("secret my-netrc: not found")).toContain(
      "service.yaml:4:12: GF050 the build needs the secret",
    );
    expect(told("secret my-netrc: not found")).toContain("help: add --secret id=my-netrc,src=$HOME/.netrc");
  });
});

describe("an agent", () => {
  const ssh = auth.filter((each) => each.kind === "ssh");

  test("that was not forwarded", () => {
    const message = 'no SSH key "default" forwarded from the client';
    expect(told(message, ssh.slice(0, 1))).toContain("service.yaml:6:25: GF051");
    expect(told(message, ssh.slice(0, 1))).toContain(
      "help: add --ssh default (and load the key with ssh-add)",
    );
  });

  test("of another name is asked for by it", () => {
    const message = "unset ssh forward key deploy";
    expect(told(message, ssh.slice(1))).toContain("help: add --ssh deploy=PATH_OF_SOCKET_OR_KEY");
  });

  test("is told from another one by its id", () => {
    expect(told('no SSH key "deploy" forwarded from the client', ssh)).toContain("service.yaml:7:27: GF051");
    expect(told("unset ssh forward key deploy", ssh)).toContain("service.yaml:7:27: GF051");
  });
});

describe("what is none of these", () => {
  test.each([
    'process "/helper/go-frontend modules" did not complete successfully: exit code: 1',
    "context canceled",
    "secret other: not found",
    "secret acme-2: not found",
    "secret not-acme: not found",
    "rpc error: acme was not found, and no secret either",
    'no SSH key "elsewhere" forwarded from the client',
    "docker.io/library/golang:1.99: not found",
    "",
  ])("%j", (message) => {
    expect(told(message)).toBeUndefined();
  });

  test("anything that was thrown", () => {
    for (const each of auth) {
      expect(missingCredential(undefined, each, located)).toBeUndefined();
      expect(missingCredential("text", each, located)).toBeUndefined();
    }
  });
});
