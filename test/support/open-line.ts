import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Line = Awaited<ReturnType<typeof openLine>>;

/** A port that leads to another one, which may change; a connection ends with its other half, whole or not. */
export async function openLine(target: () => number) {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target(), "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("error", () => {});
      from.on("close", () => {
        open.delete(near);
        to.destroy();
      });
      from.pipe(to);
    }
    open.add(near);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const cut = () => {
    const count = open.size;
    for (const socket of open) socket.resetAndDestroy();
    return count;
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close: () => {
      server.close();
      cut();
    },
  };
}
