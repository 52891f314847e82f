import type { Service } from "../service.ts";

export const syncthing: Service = {
  name: "syncthing",
  title: "Syncthing",
  modules: [{ path: "github.com/syncthing/syncthing", version: "v1.30.0", folder: "." }],
  note: "a step generates a Go file that holds the GUI: without it the service does not compile",
  versions: [{ program: "/bin/syncthing", args: ["--version"], says: /syncthing v1\.30\.0/ }],
  serving: {
    args: ["--no-browser", "--home=/tmp/syncthing"],
    env: { HOME: "/tmp", STHOMEDIR: "/tmp/syncthing" },
    port: 8384,
    questions: [{ kind: "http", path: "/rest/noauth/health", says: /"status":\s*"OK"/ }],
  },
  official: {
    image: "syncthing/syncthing",
    source: "Dockerfile and build.go of the module",
    has: [
      "/bin/syncthing with its GUI",
      "stamps of the version, tags and time",
      "user 1000",
      "CA roots and time zones",
      "ports 8384, 22000 tcp and udp, 21027 udp",
      "HOME, STGUIADDRESS, STHOMEDIR",
      "all seven labels",
    ],
    lacks: [
      {
        what: "the entrypoint script with PUID, PGID and UMASK, curl, su-exec, libcap",
        why: "there are no `files:` and `packages:` yet (issue 19)",
      },
      { what: "HEALTHCHECK by curl", why: "there is no `health:` yet (issue 19)" },
      { what: "Alpine below it", why: "not needed to run; `image.base` where it is wanted" },
      { what: "the volume /var/syncthing", why: "there are no volumes and `dirs:` yet (issue 19)" },
    ],
  },
};
