import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBuilder } from "../../rig/found-builder.ts";

let folder = "";
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "found-builder-"));
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Looks where there is no docker command. */
const find = async (BUILDKIT_HOST: string) => findBuilder({ PATH: folder, BUILDKIT_HOST });

describe("findBuilder", () => {
  test("finds nothing, and passes nothing over, where there is nothing", async () => {
    expect(await find("")).toEqual({ found: undefined, passedOver: [] });
  });

  test("takes the BuildKit of BUILDKIT_HOST that answers", async () => {
    const socket = join(folder, "buildkitd.sock");
    const listening = createServer((client) => client.on("error", () => undefined));
    server = listening;
    await new Promise<void>((resolve) => listening.listen(socket, resolve));
    const address = `unix://${socket}`;
    expect(await find(address)).toEqual({
      found: {
        builder: { kind: "buildkit", buildkitHost: address },
        name: `the BuildKit at ${address} (BUILDKIT_HOST)`,
        engine: undefined,
      },
      passedOver: [],
    });
  });

  test("passes over one that does not answer, and one that does not see this machine's loopback address", async () => {
    const nowhere = `unix://${folder}/none.sock`;
    expect(await find(nowhere)).toEqual({
      found: undefined,
      passedOver: [`the BuildKit of BUILDKIT_HOST=${nowhere} does not answer`],
    });
    const { found, passedOver } = await find("tcp://192.0.2.1:1234");
    expect(found).toBeUndefined();
    expect(passedOver).toEqual([expect.stringContaining("is not on this machine's network")]);
    expect((await find("docker-container://other")).passedOver).toHaveLength(1);
  });
});
