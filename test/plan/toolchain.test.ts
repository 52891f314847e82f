// Which Go release compiles, and in which image it is.
import { describe, expect, test } from "vitest";
import { minorOf } from "../../src/plan/toolchain.ts";
import { complaintOf, type Files, planFiles, tool } from "./support.ts";

const mod = (lines: string): string => `module example.com/tool\n\n${lines}`;

async function chosen(goMod: string, description = "", files = {}): Promise<string> {
  const text = `# syntax=org/go-frontend\n${description}`;
  const { plan } = await planFiles({ ...tool, "go.mod": goMod, "service.yaml": text, ...files });
  return `${plan.toolchain.goVersion} ${plan.toolchain.reference}`;
}

describe("from go.mod", () => {
  test.each([
    ["the newest patch of the go line's release", "go 1.26\n", "1.26"],
    ["a go line is a minimum, patches are security fixes", "go 1.25.3\n", "1.25"],
    ["a release candidate has no newer patch", "go 1.27rc1\n", "1.27rc1"],
    ["the toolchain line names it exactly", "go 1.25.0\ntoolchain go1.26.3\n", "1.26.3"],
    ["a suffix of a custom toolchain is no release", "go 1.25.0\ntoolchain go1.26.3-corp\n", "1.26.3"],
    [
      "unless the go line is newer: Go takes the newer of the two",
      "go 1.26.0\ntoolchain go1.25.14\n",
      "1.26",
    ],
    ["by a patch", "go 1.26.3\ntoolchain go1.26.2\n", "1.26"],
    ["or by a candidate's number", "go 1.27rc2\ntoolchain go1.27rc1\n", "1.27rc2"],
    [
      "a candidate comes before the release, a language version before both",
      "go 1.27\ntoolchain go1.27rc1\n",
      "1.27rc1",
    ],
    ["by number, not by letter", "go 1.21.9\ntoolchain go1.21.10\n", "1.21.10"],
    ["a toolchain line without a go line", "toolchain go1.25.1\n", "1.25.1"],
    ["toolchain default says nothing", "go 1.25\ntoolchain default\n", "1.25"],
    ["releases before the newest flags are built by a new one", "go 1.20\n", "1.26"],
    ["so is a module without a go line", "", "1.26"],
    ["the oldest release that is used as it is", "go 1.21\n", "1.21"],
  ])("%s", async (_why, lines, version) => {
    expect(await chosen(mod(lines))).toBe(`${version} golang:${version}-alpine`);
  });

  test("go.work comes before go.mod", async () => {
    expect(await chosen(mod("go 1.24\n"), "", { "go.work": "go 1.25\n\nuse .\n" })).toBe(
      "1.25 golang:1.25-alpine",
    );
    const both = { "go.work": "go 1.25.0\ntoolchain go1.26.1\n\nuse .\n" };
    expect(await chosen(mod("go 1.24\n"), "", both)).toBe("1.26.1 golang:1.26.1-alpine");
  });

  test("in a workspace go.work's lines alone count", async () => {
    const old = mod("go 1.25.0\ntoolchain go1.25.14\n");
    expect(await chosen(old, "", { "go.work": "go 1.26.0\n\nuse .\n" })).toBe("1.26 golang:1.26-alpine");
    const newer = mod("go 1.25.0\ntoolchain go1.26.5\n");
    expect(await chosen(newer, "", { "go.work": "go 1.25.0\n\nuse .\n" })).toBe("1.25 golang:1.25-alpine");
  });
});

describe("the image on Debian, which has git", () => {
  const of = async (description: string, buildArgs: Record<string, string> = {}): Promise<string> => {
    const files = { ...tool, "service.yaml": `# syntax=org/go-frontend\n${description}` };
    return (await planFiles(files, { buildArgs })).plan.toolchain.reference;
  };

  test.each([
    ["modules are private", "modules: { private: [git.acme.example/*] }\n"],
    ["a login is asked for", "modules: { private: [a.example/*], auth: { netrc: my-netrc } }\n"],
    ["the proxies end in direct", "modules: { proxy: [https://a.example, direct] }\n"],
  ])("where %s", async (_why, description) => {
    expect(await of(description)).toBe("golang:1.26-bookworm");
  });

  test.each([
    ["GOPROXY", "https://a.example,direct"],
    ["GOPROXY", "https://a.example|direct"],
    ["GONOPROXY", "git.acme.example"],
    ["GOINSECURE", "git.acme.example"],
  ])("where the client says %s=%s", async (name, value) => {
    expect(await of("", { [name]: value })).toBe("golang:1.26-bookworm");
  });

  test("not where every module comes from a proxy", async () => {
    expect(await of("", { GOPROXY: "https://a.example" })).toBe("golang:1.26-alpine");
    expect(await of("modules: { proxy: [https://a.example] }\n", { GOPROXY: "direct" })).toBe(
      "golang:1.26-alpine",
    );
  });

  test("nor where the description names the image", async () => {
    expect(await of("toolchain: corp.example/go:1\nmodules: { private: [a.example/*] }\n")).toBe(
      "corp.example/go:1",
    );
  });
});

describe("from the description", () => {
  test("go names the release", async () => {
    expect(await chosen(mod("go 1.25.0\ntoolchain go1.25.4\n"), 'go: "1.26.2"\n')).toBe(
      "1.26.2 golang:1.26.2-alpine",
    );
  });

  test("toolchain names the image, and go.mod still says what can be compiled", async () => {
    const description = "toolchain: registry.corp.example/go:patched\n";
    expect(await chosen(mod("go 1.25\n"), description)).toBe("1.25 registry.corp.example/go:patched");
    expect(await chosen(mod("go 1.25\n"), `${description}go: "1.26.1"\n`)).toBe(
      "1.26.1 registry.corp.example/go:patched",
    );
  });

  test("a release older than go.mod asks for is refused at its line, with what to write", async () => {
    const text = '# syntax=org/go-frontend\ngo: "1.25"\n';
    const building = planFiles({ ...tool, "go.mod": mod("go 1.26.1\n"), "service.yaml": text });
    expect(await complaintOf(building, text)).toMatchInlineSnapshot(`
      "service.yaml:2:5: GF014 go.mod asks for Go 1.26.1, which is newer than 1.25
      2 | go: "1.25"
        |     ^^^^^^
      help: write \`go: "1.26.1"\`, or leave \`go\` out and let go.mod decide"
    `);
  });

  test.each([
    // go:, the go line of go.mod, whether Go would take it
    ["1.26", "1.26.5", true], // the newest patch
    ["1.26.4", "1.26.5", false],
    ["1.26.5", "1.26.5", true],
    ["1.27", "1.26.5", true],
    ["1.9", "1.26", false], // by number, not by letter
    ["1.27rc1", "1.27", true], // a release candidate of what the line means
    ["1.27rc1", "1.27.0", false],
    ["1.27rc1", "1.27rc2", false],
    ["1.27rc10", "1.27rc9", true],
    ["1.27beta2", "1.27rc1", false],
    ["1.27.0", "1.27rc1", true],
  ])("go: %s for a module of go %s", async (go, line, taken) => {
    const files = { ...tool, "go.mod": mod(`go ${line}\n`), "service.yaml": `go: "${go}"\n` };
    if (taken) expect((await planFiles(files)).plan.toolchain.goVersion).toBe(go);
    else {
      const complaint = await complaintOf(planFiles(files));
      expect(complaint).toContain(`GF014 go.mod asks for Go ${line}, which is newer than ${go}`);
    }
  });

  test("in a workspace go.work has the say", async () => {
    const files = { ...tool, "go.mod": mod("go 1.24\n"), "go.work": "go 1.26.2\n\nuse .\n" };
    expect(await complaintOf(planFiles({ ...files, "service.yaml": 'go: "1.25"\n' }))).toContain(
      "GF014 go.work asks for Go 1.26.2, which is newer than 1.25",
    );
  });
});

describe("the place that explains the choice", () => {
  const place = async (goMod: string, description: string, files: Files = {}): Promise<string> => {
    const text = `# syntax=org/go-frontend\n${description}`;
    const { plan } = await planFiles({ ...tool, "go.mod": goMod, "service.yaml": text, ...files });
    const { file, range } = plan.toolchain.at;
    return `${file ?? "?"}:${range.start.line}:${range.start.column}`;
  };

  test("is the key that was written, else the line of go.mod, else the description", async () => {
    expect(await place(mod("go 1.26\n"), "toolchain: corp/go:1\n")).toBe("service.yaml:2:12");
    expect(await place(mod("go 1.26\n"), 'name: x\ngo: "1.26"\n')).toBe("service.yaml:3:5");
    expect(await place(mod("go 1.26\n"), "")).toBe("go.mod:3:4");
    expect(await place(mod("go 1.26\ntoolchain go1.26.1\n"), "")).toBe("go.mod:4:11");
    expect(await place(mod("go 1.26.0\ntoolchain go1.25.1\n"), "")).toBe("go.mod:3:4");
    expect(await place(mod(""), "")).toBe("service.yaml:1:1");
    expect(await place(mod("go 1.25\n"), "", { "go.work": "go 1.26\n\nuse .\n" })).toBe("go.work:1:4");
  });
});

test("the minor release of a version that cannot be told is the oldest that is known", () => {
  expect(["1.26.3", "1.27rc1", "1.9", "tip", ""].map(minorOf)).toEqual([26, 27, 9, 21, 21]);
});
