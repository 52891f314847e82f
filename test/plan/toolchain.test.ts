// Which Go release compiles, and in which image it is.
import { describe, expect, test } from "vitest";
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
    ["a toolchain line is a minimum too", "go 1.25.0\ntoolchain go1.26.3\n", "1.26"],
    ["a suffix of a custom toolchain is no release", "go 1.25.0\ntoolchain go1.26.3-corp\n", "1.26"],
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
    ["by number, not by letter", "go 1.9.7\ntoolchain go1.21.10\n", "1.21"],
    ["a toolchain line without a go line", "toolchain go1.25.1\n", "1.25"],
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
    expect(await chosen(mod("go 1.24\n"), "", both)).toBe("1.26 golang:1.26-alpine");
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

describe("files whose place in the build the toolchain decides", () => {
  const on = (line: string): string => `//go:build ${line}\n\npackage main\n`;
  const files = {
    "go.mod": mod("go 1.25\n"),
    "main.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n',
    "has25.go": on("go1.25"),
    "not25.go": on("!go1.25"),
    "has26.go": on("go1.26"),
    "not26.go": on("!go1.26"),
    "jsonv2.go": on("goexperiment.jsonv2"),
    "boring.go": on("boringcrypto"),
    "level3.go": on("amd64.v3"),
    "arm.go": on("arm64.v8.1"),
    "windows.go": on("windows && go1.26"),
    "both.go": on("linux && (go1.26 || mytag)"),
  };
  const sent = async (description: string, request = {}): Promise<string> => {
    const text = `# syntax=org/go-frontend\n${description}`;
    const { plan } = await planFiles({ ...files, "service.yaml": text }, request);
    return plan.service.files.filter((path) => path.endsWith(".go") && path !== "main.go").join(" ");
  };
  const open = "boring.go both.go has25.go has26.go jsonv2.go level3.go not26.go";

  test("are chosen by the release where it is the official image's", async () => {
    expect(await sent("")).toBe("has25.go not26.go");
    expect(await sent('go: "1.26"\n')).toBe("both.go has25.go has26.go");
  });

  test("are all sent where the description names the image: it may hold any release that takes the module", async () => {
    expect(await sent("toolchain: golang:1.26.8-alpine\n")).toBe(open);
    expect(await sent('toolchain: corp.example/go:1\ngo: "1.25"\n')).toBe(open);
  });

  test("and where the client puts another in its place", async () => {
    for (const name of ["golang", "golang:1.25-alpine"]) {
      expect(await sent("", { imageContexts: [name] })).toBe(open);
    }
    expect(await sent("", { imageContexts: ["debian", "golang:1.26-alpine"] })).toBe("has25.go not26.go");
  });

  test("a level that the platform names is known", async () => {
    const v3 = { os: "linux", architecture: "amd64", variant: "v3" };
    const v2 = { os: "linux", architecture: "amd64", variant: "v2" };
    expect(await sent("toolchain: corp.example/go:1\n", { platforms: [v3] })).toContain("level3.go");
    expect(await sent("toolchain: corp.example/go:1\n", { platforms: [v2] })).not.toContain("level3.go");
  });

  test("a workspace's go line, or none, says what an image must hold at least", async () => {
    const { plan } = await planFiles({
      ...files,
      "go.work": "go 1.26\n\nuse .\n",
      "service.yaml": "toolchain: corp.example/go:1\n",
    });
    expect(plan.toolchain.atLeast).toBe("1.26");
    const old = { ...files, "go.mod": mod(""), "service.yaml": "toolchain: corp.example/go:1\n" };
    const planned = await planFiles(old);
    expect(planned.plan.toolchain.atLeast).toBe("1.21");
    // And nothing of a later release is compiled ahead, which the image may not have.
    const ahead = planned.plan.service.platforms[0]?.links[0]?.variant.std.packages ?? [];
    expect(ahead).toContain("slices");
    expect(ahead).not.toContain("unique");
  });

  test("what such a file imports or embeds may lead nowhere: only Go knows whether it is in the build", async () => {
    const planned = await planFiles({
      ...files,
      "service.yaml": "toolchain: corp.example/go:1\n",
      "later.go": `//go:build go1.99\n\npackage main\n\nimport (\n\t_ "embed"\n\t_ "encoding/json/v3"\n\t_ "example.com/tool/gone"\n\t_ "nowhere.example/x"\n)\n\n//go:embed gone.txt\nvar x string\n`,
      "sub/s.go": "package sub\n",
      "newer.go": `//go:build go1.26\n\npackage main\n\nimport _ "example.com/tool/sub"\n`,
    });
    expect(planned.plan.service.files).toEqual(expect.arrayContaining(["later.go", "newer.go", "sub/s.go"]));
    expect(planned.plan.service.platforms[0]?.links[0]?.variant.deps).toBeUndefined();
  });
});

test("of a release newer than those known here, the experiments are not known", async () => {
  const files = {
    "x.go": "//go:build goexperiment.newthing\n\npackage main\n",
    "y.go": "//go:build go1.99\n\npackage main\n",
  };
  const { plan } = await planFiles({ ...tool, ...files, "go.mod": mod("go 1.77\n") });
  expect(plan.service.files).toEqual(["go.mod", "main.go", "x.go"]);
});
