import type { Service } from "../service.ts";

export const oauth2Proxy: Service = {
  name: "oauth2-proxy",
  title: "OAuth2 Proxy",
  modules: [{ path: "github.com/oauth2-proxy/oauth2-proxy/v7", version: "v7.15.6", folder: "." }],
  versions: [{ program: "/bin/oauth2-proxy", args: ["--version"], says: /v7\.15\.6/ }],
  serving: {
    args: [
      "--http-address=0.0.0.0:4180",
      "--email-domain=*",
      "--upstream=static://200",
      "--provider=github",
      "--client-id=id",
      "--client-secret=secret",
      "--cookie-secret=0123456789abcdef",
    ],
    port: 4180,
    questions: [{ kind: "http", path: "/ping", says: /^OK/ }],
  },
  official: {
    image: "quay.io/oauth2-proxy/oauth2-proxy",
    source: "Dockerfile and Makefile of the module",
    has: [
      "/bin/oauth2-proxy, with its pages embedded",
      "the version",
      "CA roots",
      "a user that is not root",
      "its labels",
    ],
    lacks: [
      {
        what: "the empty file /etc/ssl/private/jwt_signing_key.pem",
        why: "there is no `files:` yet (issue 19)",
      },
    ],
  },
};
