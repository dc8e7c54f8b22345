import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Answers an upgrade: from then on the socket carries frames. */
export function acceptSocket(request: IncomingMessage, socket: Socket): void {
  const key = `${request.headers["sec-websocket-key"]}${GUID}`;
  const accept = createHash("sha1").update(key).digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`);
}

export function messageFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([frameHead(1, payload.length), payload]);
}

export function closeFrame(code: number, reason: string): Buffer {
  const payload = Buffer.from(`  ${reason}`);
  payload.writeUInt16BE(code);
  return Buffer.concat([frameHead(8, payload.length), payload]);
}

export function frameHead(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  const isShort = length < 65_536;
  const head = Buffer.alloc(isShort ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = isShort ? 126 : 127;
  if (isShort) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Frames of a client: they are masked, and shorter than 64 KiB. */
export function readMasked(socket: Socket, take: (opcode: number, payload: Buffer) => void): void {
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const [first = 0, second = 0] = held;
      const short = second & 0x7f;
      const at = short === 126 ? 4 : 2;
      if (held.length < at + 4) return;
      if (!(second & 0x80) || short === 127) return void socket.destroy();
      const length = short === 126 ? held.readUInt16BE(2) : short;
      if (held.length < at + 4 + length) return;
      const mask = held.subarray(at, at + 4);
      const payload = held
        .subarray(at + 4, at + 4 + length)
        .map((byte, i) => byte ^ (mask[i % 4] ?? 0));
      held = held.subarray(at + 4 + length);
      take(first & 0x0f, Buffer.from(payload));
    }
  });
}
