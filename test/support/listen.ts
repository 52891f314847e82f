import type { Server } from "node:net";

/**
 * Has a server listen on the loopback interface, and says on which port.
 *
 * @param at port 0 is any that is free
 */
export function listen(
  server: Server,
  at: { readonly address: string; readonly port: number } = { address: "127.0.0.1", port: 0 },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.address, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
