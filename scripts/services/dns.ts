import { connect } from "node:net";

const responseCodes = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"] as const;

/**
 * Asks a DNS server for the A records of a name, over TCP (RFC 1035, sections 4.1 and 4.2.2).
 *
 * @param socket a Unix socket that leads to the server
 * @returns the response code, and how many answers and additional records came with it
 * @throws Error when the connection ends without a whole answer
 */
export async function askDns(socket: string, name: string): Promise<string> {
  const header = Buffer.from([0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]);
  const labels = name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  const message = Buffer.concat([header, ...labels, Buffer.from([0, 0, 1, 0, 1])]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return new Promise((resolve, reject) => {
    const connection = connect({ path: socket, signal: AbortSignal.timeout(10_000) });
    let received = Buffer.alloc(0);
    connection.on("data", (part: Buffer) => {
      received = Buffer.concat([received, part]);
      if (received.length < 2 || received.length < received.readUInt16BE(0) + 2) return;
      const code = (received[5] ?? 0) & 0xf;
      const [answers, additional] = [received.readUInt16BE(8), received.readUInt16BE(12)];
      resolve(
        `${responseCodes[code] ?? `code ${code}`}, ${answers} answers, ${additional} additional records`,
      );
      connection.destroy();
    });
    connection.on("error", reject);
    connection.on("close", () => reject(new Error("the connection ended without an answer")));
    connection.write(Buffer.concat([length, message]));
  });
}
