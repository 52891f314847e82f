// Run by container.ts inside a container's network: SOCKET PORT. What connects to the Unix socket is connected to that
// port of the container's loopback address. Ends with its stdin.
import { connect, createServer } from "node:net";

const [socket = "", port = "0"] = process.argv.slice(2);
const server = createServer((client) => {
  const upstream = connect(Number(port), "localhost");
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
  }
});
server.listen(socket, () => console.log("ready"));
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
