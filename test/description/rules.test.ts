// The rules of single values, called by themselves: what each takes at its edges, and that nothing may stand around it.
import { describe, expect, test } from "vitest";
import {
  knownHostsLine,
  loginName,
  moduleHost,
  modulePath,
  modulePattern,
  proxyEntry,
  replacedModule,
  replacement,
  requiredVersion,
  secretId,
  sumLine,
} from "../../src/description/module-values.ts";
import { cleanPath } from "../../src/description/path.ts";
import {
  contentPath,
  fileMode,
  linkTarget,
  ownerSetting,
  stopSignal,
} from "../../src/description/content-values.ts";
import { goMinor, goVersion } from "../../src/description/go-version.ts";
import {
  baseImage,
  binaryPath,
  exposedPort,
  imageReference,
  labelKey,
  userSetting,
  workdirPath,
} from "../../src/description/image-values.ts";
import { plainText, type Problem, type Rule } from "../../src/description/rule.ts";
import {
  argName,
  binaryName,
  buildTag,
  envName,
  goVersionText,
  inModulePath,
  insidePath,
  pgoSetting,
  platformText,
  portNumber,
  serviceKey,
  serviceName,
  varName,
} from "../../src/description/values.ts";
import { cachePath, inputPath, outputPath, stepName } from "../../src/description/step-values.ts";

interface Case {
  readonly rule: Rule<string, unknown>;
  readonly takes: readonly string[];
  readonly refuses: readonly string[];
  /** Its longest value, in letters. */
  readonly most?: number;
  /** A value of so many letters. */
  readonly long?: (letters: number) => string;
}

const cases: Readonly<Record<string, Case>> = {
  "a step's name": {
    rule: stepName,
    takes: ["a", "web", "gen-2", "a_b"],
    refuses: ["", "Web", "-a", "a-", "a.b", "a/b", "a b"],
    most: 63,
  },
  "a step's cache": {
    rule: cachePath,
    takes: ["/root/.npm", "/var/cache/apt/", "web/.cache", "./a", "/srcs"],
    refuses: [
      "",
      ".",
      "/",
      "..",
      "../x",
      "/src",
      "/src/web",
      "/run/secrets/x",
      "/proc",
      "/tmp",
      "/a/../b",
      "a/*",
      "$HOME/.npm",
    ],
  },
  "a step's output": {
    rule: outputPath,
    takes: ["dist", "./web/dist", "internal/gen/names.go", "go.mod.tmpl"],
    refuses: ["", ".", "..", "../x", "/x", "a/*", "!a", "go.mod", "x/go.sum", "go.work", "x/vendor"],
  },
  "a step's input": {
    rule: inputPath,
    takes: [".", "web", "./web/src", "*.go", "api/**/*.proto", "**/x", "a?c/b"],
    refuses: [
      "",
      "..",
      "../x",
      "../*",
      "/x",
      "/*",
      "a**",
      "x/**y",
      "!web/*",
      "a\\*",
      "[ab].go",
      "{a,b}",
      "a\n*",
    ],
  },
  "a secret's id": {
    rule: secretId,
    takes: ["a", "Z9", "0-a._b", "github-token"],
    refuses: ["", "-a", ".a", "_a", "a/b", "a,b", "a=b"],
    most: 64,
  },
  "a login's name": {
    rule: loginName,
    takes: ["git", "_x", "0a", "a.b_c+d@e-f"],
    refuses: ["", "-oProxyCommand=x", ".a", "+a", "@a", "a:b", "a/b"],
    most: 64,
  },
  "a host": {
    rule: moduleHost,
    takes: ["github.com", "localhost", "a.b", "x-1.y--2.z", "1.2.3.4"],
    refuses: [
      "",
      "github",
      ".a",
      "a.",
      "a..b",
      "-a.b",
      "a-.b",
      "a.-b",
      "a.b-",
      "GitHub.com",
      "a.b:80",
      "a.b/c",
    ],
    most: 253,
    long: (letters) => `a.${"b".repeat(letters - 2)}`,
  },
  "a pattern of module paths": {
    rule: modulePattern,
    takes: ["github.com/acme/*", "*.corp.example", "?x", "[a-c]/d", "a_b~c+d^e"],
    refuses: ["", "-a", ".a", "a,b", "https://a", "a:b"],
    most: 256,
  },
  "a module that is required": {
    rule: modulePath,
    takes: ["golang.org/x/net", "a", "gopkg.in/yaml.v3", "a.b/~c/_d/.e"],
    refuses: ["", "-a", "/a", "a/", "a//b", "a b", "a@v1.0.0", "a\n", "a//c"],
    most: 256,
  },
  "a version of a module": {
    rule: requiredVersion,
    takes: ["none", "v0.38.0", "v0.0.0-20240101000000-abcdefabcdef", "v2.0.0+incompatible", "v1.0.0-rc.1"],
    refuses: ["", "latest", "v1", "v1.2", "1.2.3", "v1.2.3+meta", "v1.2.3 ", "nonee", "xnone", "v1.2.3\n"],
  },
  "a module that is replaced": {
    rule: replacedModule,
    takes: ["example.com/lib", "example.com/lib@v1.2.3"],
    refuses: ["", "-a", "a@", "a@v1", "a b", "a//b", "a@v1.0.0@v1.0.0"],
  },
  "what replaces a module": {
    rule: replacement,
    takes: [
      "none",
      ".",
      "..",
      "./",
      "./a",
      "../../a/",
      "../a/b@1",
      "context:lib",
      "context:a.b/c",
      "a.b/c@v1.0.0",
    ],
    refuses: [
      "",
      "a",
      "a@v1",
      "/a",
      "./a b",
      "./a,b",
      "context:",
      "context:-a",
      "context:A",
      "a@v1.0.0 ",
      ".a",
      "./a//b",
      "a//b@v1.0.0",
      "./a\n",
    ],
  },
  "a line of go.sum": {
    rule: sumLine,
    takes: [`a.b/c v1.0.0 h1:${"A".repeat(43)}=`, `a.b/c v1.0.0/go.mod h1:${"/".repeat(43)}=`],
    refuses: [
      "",
      "a.b/c v1.0.0",
      `a.b/c v1.0.0 h1:${"A".repeat(42)}=`,
      `a.b/c v1.0.0 h2:${"A".repeat(43)}=`,
      `a.b/c v1.0.0/go.sum h1:${"A".repeat(43)}=`,
      `a.b/c v1.0.0  h1:${"A".repeat(43)}=`,
      `a.b/c v1.0.0 h1:${"A".repeat(43)}=\nx`,
    ],
  },
  "a proxy": {
    rule: proxyEntry,
    takes: ["direct", "off", "http://athens", "https://a-1.b:65535/c/d.e_f~g-h/", "https://a:1"],
    refuses: [
      "",
      "on",
      "ftp://a",
      "file:///a",
      "https://",
      "https://user@a",
      "HTTPS://u:p@a",
      "https://a:123456",
      "https://a/?b",
      "https://a/%2e",
      "xhttps://a",
    ],
    most: 256,
    long: (letters) => `https://${"a".repeat(letters - 8)}`,
  },
  "a service's name": {
    rule: serviceName,
    takes: ["a", "A1", "a.b_c-d", "0"],
    refuses: ["", "-a", "a-", ".a", "a.", "_a", "a/b", "a@b"],
    most: 63,
  },
  "the name of a binary": {
    rule: binaryName,
    takes: ["a", "A1", "a.b_c-d", "7z", "0a"],
    refuses: ["", "0", "12", "-a", "a-", ".a", "a.", "_a", "a/b", "a@b"],
    most: 63,
  },
  "a service's key": {
    rule: serviceKey,
    takes: ["a", "a1", "a_b-c", "0", "images", "binary2"],
    refuses: ["", "image", "binary", "A", "-a", "a-", "_a", "a_", "a.b"],
    most: 63,
  },
  "an argument's name": {
    rule: argName,
    takes: ["version", "_x", "A1", "xBUILDKIT_A", "SOURCE_DATE_EPOCHS", "MY_HTTP_PROXY", "HTTP_PROXY_"],
    refuses: [
      "",
      "1a",
      "a-b",
      "a.b",
      "BUILDKIT_A",
      "buildkit_",
      "SOURCE_DATE_EPOCH",
      "HTTP_PROXY",
      "https_proxy",
      "FTP_PROXY",
      "NO_PROXY",
      "all_proxy",
    ],
    most: 128,
  },
  "an environment variable's name": {
    rule: envName,
    takes: ["PATH", "_", "a1"],
    refuses: ["", "1a", "a=b", "a-b"],
    most: 128,
  },
  "a build tag": {
    rule: buildTag,
    takes: ["netgo", "go1.26", "größe", "_x", "1"],
    refuses: ["", "-x", "a-b", "a,b", "!a", "a/b"],
    most: 128,
  },
  "a variable's name": {
    rule: varName,
    takes: ["main.version", "example.com/a-b/c.d_1", "a.b.Größe", "0/x~y+z.N"],
    refuses: ["", "version", ".x", "main.", "main.1x", "-a.b", "main.x=y", "/a.b", "a b.c"],
    most: 512,
    long: (letters) => `main.${"v".repeat(letters - 5)}`,
  },
  "a port": {
    rule: exposedPort,
    takes: ["1", "80", "65535", "53/udp", "9000/sctp", "1/tcp"],
    refuses: ["", "0", "080", "65536", "123456", "80/http", "8080:80", "tcp/80", "80/tcp/udp"],
  },
  "a user": {
    rule: userSetting,
    takes: ["0", "4294967294", "1000:1000", "nobody", "_apt", "a-b_c1:root", `a${"b".repeat(31)}`],
    refuses: [
      "",
      ":",
      "a:",
      ":a",
      "a:b:c",
      "4294967295",
      "1:4294967295",
      "12345678901",
      "A",
      "-a",
      "1a",
      `a${"b".repeat(32)}`,
    ],
  },
  "a label's key": {
    rule: labelKey,
    takes: [
      "a",
      "org.opencontainers.image.title",
      "com.example/team-a_b",
      "moby.buildkit",
      "xmoby.buildkit.a",
    ],
    refuses: ["", "moby.buildkit.x", "containerimage.x", "a.", ".a", "-a", "a-", "a=b"],
    most: 256,
  },
  "an image": {
    rule: imageReference,
    takes: ["debian", "a/b:c", "localhost:5000/a", `a@sha256:${"0".repeat(64)}`],
    refuses: ["", "Debian", "a:b:c", "https://a", "user:pw@a/b", "${a}", "a@sha256:1"],
  },
  "a Go version": {
    rule: goVersionText,
    takes: ["1.26", "1.26.3", "1.27rc1", "1.9beta12", "1.0", "10.123"],
    refuses: [
      "",
      "1",
      "go1.26",
      "v1.26",
      "1.026",
      "01.2",
      "1.26.",
      "1.26.3rc1",
      "1.26rc0",
      "1.26alpha1",
      "latest",
    ],
  },
  "a platform": {
    rule: platformText,
    takes: ["linux/amd64", "linux/arm/v6"],
    refuses: ["", "linux", "linux/amd46", "linux/amd64/v9"],
  },
  "a profile": {
    rule: pgoSetting,
    takes: ["auto", "off", "cpu.pprof"],
    refuses: ["", "/p", "../p", "a*"],
  },
  "a line of text": {
    rule: plainText,
    takes: ["", " ", 'it\'s "x" $y', "größe"],
    refuses: ["a\nb", "a\tb", "\u0000", "\u001b[2J", "\u202ea"],
    most: 4096,
  },
  "a working directory": {
    rule: workdirPath,
    takes: ["/", "/var/lib/orders", "/a b", "/..a"],
    refuses: ["", "app", "~/x", "$HOME", "C:\\x", "/a/../b", "/..", "/a${b}", "/a\nb"],
    most: 1024,
    long: (letters) => `/${"a".repeat(letters - 1)}`,
  },
  "a directory of the image": {
    rule: contentPath,
    takes: ["/a", "/data/", "/device/a", "/a/b+c@d_e-f.g"],
    refuses: ["", "/", "//.", "data", "/a/../b", "/a${b}", "/dev", "/proc/a", "//./sys", "/a\nb"],
    most: 1024,
    long: (letters) => `/${"a".repeat(letters - 1)}`,
  },
  "a mode": {
    rule: fileMode,
    takes: ["755", "0755", "1777", "01777", "000"],
    refuses: ["", "0", "75", "7", "888", "0o755", "000755", "17777", "u+x", "-755", "7 5"],
  },
  "an owner": {
    rule: ownerSetting,
    takes: ["0", "65532", "65532:0", "root", "nobody:nonroot", "4294967294"],
    refuses: ["", ":", "0:", ":0", "a b", "Root", "-1", "1.5", "4294967295", "0:99999999999"],
  },
  "what a link leads to": {
    rule: linkTarget,
    takes: ["/usr/local/bin/x", "../x", "x", "/a b"],
    refuses: ["", "a\nb", "/a${b}", "\u202ea"],
    most: 1024,
  },
  "a signal": {
    rule: stopSignal,
    takes: ["SIGTERM", "SIGWINCH", "1", "64", "SIGRTMIN", "SIGRTMIN+15", "SIGRTMAX-14"],
    refuses: ["", "TERM", "sigterm", "0", "65", "-1", "SIGRTMIN+0", "SIGRTMIN+16", "SIGRTMAX-15", "SIGNAL"],
  },
  "a file of the image": {
    rule: binaryPath,
    takes: ["/a", "/bin/orders", "/device/a", "/sysx", "/usr/proc/a", "/a/b+c@d_e-f.g"],
    refuses: [
      "",
      "/",
      "//",
      "/.",
      "/bin/",
      "bin/a",
      "/a/../b",
      "/a${b}",
      "/dev",
      "/dev/a",
      "/proc/a",
      "/sys/a/b",
      "//./proc/a",
    ],
    most: 1024,
    long: (letters) => `/${"a".repeat(letters - 1)}`,
  },
};

/** What is wrong with a value, if anything. */
function wrong<Written>(rule: Rule<Written, unknown>, written: Written): Problem | undefined {
  const result = rule(written);
  return result.ok ? undefined : result.problem;
}

describe.each(Object.entries(cases))("%s", (_what, { rule, takes, refuses, most, long }) => {
  test.each(takes.map((value) => [value]))("may be %j", (value) => {
    expect(wrong(rule, value)).toBeUndefined();
  });

  test.each(refuses.map((value) => [value]))("may not be %j, and the help says what may", (value) => {
    expect(wrong(rule, value)?.message).toBeTruthy();
    expect(wrong(rule, value)?.help.length).toBeGreaterThan(8);
  });

  test("has an end", () => {
    if (most === undefined) return;
    const letters = long ?? ((count: number) => "a".repeat(count));
    expect(wrong(rule, letters(most))).toBeUndefined();
    expect(wrong(rule, letters(most + 1))?.message).toBeTruthy();
  });
});

test.each(
  Object.entries(cases).filter(
    ([what]) =>
      ![
        "a line of text",
        "a working directory",
        "a directory of the image",
        "what a link leads to",
        "a profile",
        "a step's output",
        "a step's input",
      ].includes(what),
  ),
)("nothing may stand around %s", (_what, { rule, takes }) => {
  for (const value of takes) {
    for (const around of [` ${value}`, `${value} `, `${value}\n`, `\n${value}`, `$(${value}`, `${value})`]) {
      expect(wrong(rule, around)?.message, JSON.stringify(around)).toBeTruthy();
    }
  }
});

describe("numbers", () => {
  test.each([
    [portNumber, 1, 65535],
    [userSetting, 0, 4294967294],
  ] as const)("have a least and a most", (rule, least, most) => {
    for (const value of [least, least + 1, most]) expect(wrong(rule, value)).toBeUndefined();
    for (const value of [least - 1, most + 1, 1.5, NaN, Infinity]) {
      expect(wrong(rule, value)?.message).toContain(`(${value})`);
      expect(wrong(rule, value)?.help).toContain(`${least} to ${most}`);
    }
  });
});

describe("what a value is read as", () => {
  const reads = (rule: unknown, written: unknown): unknown => (rule as Rule<unknown, unknown>)(written);
  test.each([
    [pgoSetting, "auto", { kind: "auto" }],
    [pgoSetting, "off", { kind: "off" }],
    [pgoSetting, "./auto", { kind: "profile", path: "auto" }],
    [baseImage, "static", { kind: "static" }],
    [baseImage, "scratch", { kind: "scratch" }],
    [baseImage, "debian:12", { kind: "image", reference: "debian:12" }],
    [exposedPort, 8080, "8080/tcp"],
    [exposedPort, "8080", "8080/tcp"],
    [exposedPort, "53/udp", "53/udp"],
    [userSetting, 0, "0"],
    [userSetting, "1000:1000", "1000:1000"],
    [platformText, "linux/arm", { os: "linux", architecture: "arm", variant: "v7" }],
    [insidePath, "./a/../b/", "b"],
    [inModulePath, "./a/", "a"],
    [goVersionText, "1.26", "1.26"],
    [varName, "main.x", "main.x"],
    [serviceName, "A.b", "A.b"],
    [workdirPath, "/var//lib/./orders/", "/var/lib/orders"],
    [workdirPath, "/", "/"],
  ])("%#: %j is %j", (rule, written, value) => {
    expect(reads(rule, written)).toEqual({ ok: true, value });
  });
});

describe("what is meant is told", () => {
  test.each([
    [serviceName, "my service!", "write `my-service`"],
    [serviceKey, "My Service", "write `my-service`"],
    [serviceName, "--my  !  service..", "write `my-service`"],
    [envName, `${"a".repeat(59)}-`, `write \`${"a".repeat(59)}_\``],
    [serviceName, "!!", "names hold"],
    [serviceKey, "My  !  Service", "write `my-service`"],
    [serviceKey, "binary", "like `binary-service`"],
    [envName, "A-B", "write `A_B`"],
    [envName, "1A", "write `_1A`"],
    [buildTag, "a, b", "write `[a, b]`"],
    [varName, "version", "like `main.version`"],
    [varName, "a b", "write the import path"],
    [exposedPort, "8080:80", "write `80`"],
    [exposedPort, "x", "written like `8080`"],
    [goVersionText, "go1.26", 'write `go: "1.26"`'],
    [goVersionText, "v1.26.3", 'write `go: "1.26.3"`'],
    [goVersionText, "go12.345.678", 'write `go: "12.345.678"`'],
    [goVersionText, "v1.27rc12", 'write `go: "1.27rc12"`'],
    [goVersionText, "xgo1.26", 'written like `"1.26"`'],
    [goVersionText, "go1.26x", 'written like `"1.26"`'],
    [goVersionText, "go1.026", 'written like `"1.26"`'],
    [exposedPort, "x8080:80", "written like `8080`"],
    [exposedPort, "8080:80x", "written like `8080`"],
    [buildTag, "abc,  d-e, -f, g!", "write `[abc]`"],
    [workdirPath, "a~/b", 'write "/a~/b"'],
    [goVersionText, "go1", 'written like `"1.26"`'],
    [workdirPath, "app", 'write "/app"'],
    [workdirPath, "C:\\a\\.\\b", 'write "/a/b"'],
    [workdirPath, "/a/../b", 'write "/b"'],
    [workdirPath, "~/x", "like `/home/nonroot`"],
    [plainText, "a\n", "`|-`"],
    [plainText, "a\tb", "leave the character out"],
  ] as const)("%#: %j", (rule, value, help) => {
    expect(wrong(rule as Rule<string, unknown>, value)?.help).toContain(help);
  });
});

test("what is meant is not told where it is longer than a name", () => {
  expect(wrong(envName, `${"a".repeat(60)}-`)?.help).toMatch(/^names hold/);
});

describe("a line of known_hosts", () => {
  const blob = (type: string, tail = "x".repeat(32)): string => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(type.length);
    return Buffer.concat([length, Buffer.from(type + tail)]).toString("base64");
  };
  const types = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
  ];
  test.each(types)("may have a key of type %s", (type) => {
    expect(wrong(knownHostsLine, `a.example ${type} ${blob(type)}`)).toBeUndefined();
    expect(wrong(knownHostsLine, `a.example ${type} ${blob("ssh-other")}`)?.message).toContain(
      "not of the type",
    );
  });

  const key = blob("ssh-ed25519");
  test.each([
    `a.example ssh-ed25519 ${key}`,
    `  a.example   ssh-ed25519  ${key} comment of some words `,
    `@cert-authority *.example ssh-ed25519 ${key}`,
    `@revoked a.example ssh-ed25519 ${key}`,
    `[a.example]:22,10.0.0.1,!b_c ssh-ed25519 ${key}`,
    `|1|abc+/=|def= ssh-ed25519 ${key}`,
  ])("may be %s", (line) => {
    expect(wrong(knownHostsLine, line)).toBeUndefined();
  });

  test.each([
    ["", "is not a line of known_hosts"],
    ["a.example", "is not a line of known_hosts"],
    ["a.example ssh-ed25519", "is not a line of known_hosts"],
    [`@other a.example ssh-ed25519 ${key}`, "is not a line of known_hosts"],
    [`$(id) ssh-ed25519 ${key}`, "is not a line of known_hosts"],
    [`a.example;x ssh-ed25519 ${key}`, "is not a line of known_hosts"],
    [`a.example ssh-dss ${key}`, "unknown key type"],
    ["a.example ssh-ed25519 AAAA", "not base64"],
    [`a.example ssh-ed25519 -${key}`, "not base64"],
    [`a.example ssh-ed25519 ${key}-`, "not base64"],
    [`a.example ssh-ed25519 ${key}===`, "not base64"],
    [`a.example ssh-ed25519 ${"A".repeat(17)}`, "not base64"],
    [`a.example ssh-ed25519 ${key}\nb.example ssh-ed25519 ${key}`, "one line each"],
    [`a.example ssh-ed25519 ${key} ${"x".repeat(4096)}`, "longer than 4096 characters"],
  ])("may not be %s: %s", (line, message) => {
    expect(wrong(knownHostsLine, line)).toMatchObject({
      code: "GF054",
      message: expect.stringContaining(message) as string,
    });
    expect(wrong(knownHostsLine, line)?.help.length).toBeGreaterThan(8);
  });

  test("may have a key as long as RSA's, and as short as it can be", () => {
    const type = "ssh-rsa";
    expect(wrong(knownHostsLine, `a ${type} ${blob(type, "x".repeat(512))}`)).toBeUndefined();
    expect(wrong(knownHostsLine, `a ${type} ${blob(type, "x")}`)).toBeUndefined();
    expect(wrong(knownHostsLine, `a ${type} ${"x".repeat(5000)}`)?.message).toContain("longer than");
  });
});

describe("a path", () => {
  test.each([
    ["cmd/-x", "cmd/-x"],
    ["a/C:x", "a/C:x"],
    ["./a//b/./c/", "a/b/c"],
    ["a/../b", "b"],
    ["..a/b..", "..a/b.."],
    ["a/..", "."],
    [`${"a".repeat(255)}/b`, `${"a".repeat(255)}/b`],
    [`${"a/".repeat(511)}aa`, `${"a/".repeat(511)}aa`],
  ])("%s is %s", (text, path) => {
    expect(cleanPath(text)).toEqual({ ok: true, value: path });
  });

  test.each([
    ["", "is empty", "write `.`"],
    ["/a", "is an absolute path", "relative"],
    ["c:a", "is an absolute path", "relative"],
    ["a\\b", "holds a backslash", 'write "a/b": paths use forward slashes'],
    ["-a", 'starts with "-"', "rename the directory"],
    ["./-a", 'starts with "-"', "rename the directory"],
    ["!a-", 'starts with "!"', 'write "./!a-" if the name is meant'],
    ["~a", 'starts with "~"', 'write "./~a" if the name is meant'],
    ["a?", 'holds the pattern character "?"', "patterns are not supported here"],
    ["a]", 'holds the pattern character "]"', "patterns are not supported here"],
    ["../a", "points outside", "name a path below it"],
    ["a/../../b", "points outside", "name a path below it"],
    ["a\u0000", "holds a control or invisible character", "leave the character out"],
    [`${"a".repeat(256)}/b`, "holds a name longer than 255 bytes", "write a shorter one"],
    [`${"é".repeat(128)}/b`, "holds a name longer than 255 bytes", "write a shorter one"],
    [`${"a/".repeat(511)}aaa`, "is longer than 1024 bytes", "write a shorter path"],
  ])("%s %s", (text, message, help) => {
    const result = cleanPath(text);
    if (result.ok) expect.fail(result.value);
    expect(result.problem.message).toContain(message);
    expect(result.problem.help).toContain(help);
  });

  test("outside: where paths start is part of the help", () => {
    expect(wrong(insidePath, "..")).toMatchObject({
      code: "GF003",
      help: expect.stringContaining("`module:`") as string,
    });
    expect(wrong(inModulePath, "..")).toMatchObject({
      code: "GF003",
      help: expect.stringContaining("start at the module's directory") as string,
    });
    expect(inModulePath("/a")).toEqual(insidePath("/a"));
    expect([wrong(insidePath, "a"), wrong(inModulePath, "a")]).toEqual([undefined, undefined]);
  });
});

describe("versions of Go", () => {
  test("are read with what they say and nothing else", () => {
    expect(goVersion("1.26")).toEqual({ major: 1, minor: 26 });
    expect(Object.keys(goVersion("1.26") ?? {})).toEqual(["major", "minor"]);
    expect(goVersion("1.26.13")).toEqual({ major: 1, minor: 26, patch: 13 });
    expect(goVersion("1.26rc12")).toEqual({ major: 1, minor: 26, prerelease: "rc12" });
    expect(goVersion("1234.1234.1234")).toEqual({ major: 1234, minor: 1234, patch: 1234 });
    const tooLong = ["12345.1", "1.12345", "1.1.12345", "1.1rc1234"];
    expect(tooLong.map(goVersion)).toEqual(tooLong.map(() => undefined));
  });

  test("have a minor release, wherever it is named", () => {
    expect(["1.26", "go1.26.3-custom", "1.9rc1"].map(goMinor)).toEqual([26, 26, 9]);
    expect(["2.0", "12.3"].map(goMinor)).toEqual([Infinity, Infinity]);
    expect(["", "go", "1", "x1.26", "1.12345", "latest"].map(goMinor)).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
  });
});
