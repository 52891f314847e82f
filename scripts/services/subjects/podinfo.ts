import type { Service } from "../service.ts";

export const podinfo: Service = {
  name: "podinfo",
  title: "podinfo and podcli",
  modules: [
    {
      path: "github.com/stefanprodan/podinfo",
      version: "v1.8.1-0.20250910200901-e86405a8674e",
      folder: ".",
    },
  ],
  note: "two binaries in one image; its newer tags are no versions of the module, so this is a commit",
  versions: [
    { program: "/home/app/podinfo", args: ["--version"], says: /\d+\.\d+\.\d+/ },
    { program: "/usr/local/bin/podcli", args: ["version"], says: /\d+\.\d+\.\d+/ },
  ],
  serving: {
    args: [],
    port: 9898,
    questions: [{ kind: "http", path: "/healthz", says: /"status":\s*"OK"/ }],
  },
  official: {
    image: "stefanprodan/podinfo",
    source: "Dockerfile of the module",
    has: [
      "/home/app/podinfo and /usr/local/bin/podcli",
      "CA roots",
      "the working directory",
      "a user that is not root",
      "its label",
    ],
    lacks: [
      { what: "/home/app/ui, the pages it reads when it runs", why: "there is no `files:` yet (issue 19)" },
      { what: "curl and netcat", why: "there is no `packages:` yet (issue 19)" },
      { what: "the user's name, app", why: "named users are not there yet (issue 19)" },
      { what: "CMD in place of an entrypoint", why: "not there yet (issue 19); the same program starts" },
      { what: "Alpine below it", why: "not needed to run; `image.base` where it is wanted" },
    ],
  },
};
