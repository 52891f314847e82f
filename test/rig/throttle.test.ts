import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import { expect, test } from "vitest";
import { startThrottle } from "../../rig/throttle.ts";

test("the throttle passes every byte both ways and counts them", async () => {
  const body = randomBytes(3_000_000);
  const server = createServer((request, response) => {
    const hash = createHash("sha256");
    request.on("data", (chunk: Buffer) => hash.update(chunk));
    request.on("end", () => response.setHeader("x-sum", hash.digest("hex")).end(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const throttle = await startThrottle({ target: `localhost:${port}`, bitsPerSecond: 400_000_000 });
  try {
    const response = await fetch(`http://${throttle.host}/`, { method: "POST", body });
    const sum = createHash("sha256").update(body).digest("hex");
    expect(response.headers.get("x-sum")).toBe(sum);
    expect(
      createHash("sha256")
        .update(Buffer.from(await response.arrayBuffer()))
        .digest("hex"),
    ).toBe(sum);
    expect(throttle.passed().toTarget).toBeGreaterThan(body.length);
    expect(throttle.passed().fromTarget).toBeGreaterThan(body.length);
  } finally {
    await throttle.close();
    server.close();
  }
});

test("a target that is not there closes the connection", async () => {
  const throttle = await startThrottle({ target: "localhost:1", bitsPerSecond: 1_000_000 });
  await expect(fetch(`http://${throttle.host}/`)).rejects.toThrow(/fetch failed/);
  await throttle.close();
});
