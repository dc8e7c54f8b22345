import { ByteBuffer } from "../byte-buffer.ts";
import { MAX_KAKAO_BODY_BYTES } from "./constants.ts";

/** A body whole in memory; null when it is larger than 1 MiB, or broke off. */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  const body = new ByteBuffer();
  try {
    for await (const chunk of request.body ?? []) {
      if (body.size + chunk.byteLength > MAX_KAKAO_BODY_BYTES) return null;
      body.push(chunk);
    }
  } catch {
    return null;
  }
  return body.take();
}

/** True when a request says itself that its body is over the limit. */
export function declaresTooMuch({ headers }: Request): boolean {
  return Number(headers.get("content-length") ?? 0) > MAX_KAKAO_BODY_BYTES;
}
