import { ByteBuffer } from "../byte-buffer.ts";
import { ChatError } from "../chat/index.ts";
import { exceedsDepth } from "../json-depth.ts";
import { isObject } from "../json-object.ts";
import { MAX_CHAT_BODY_BYTES, MAX_CHAT_JSON_DEPTH } from "./constants.ts";

export type Body = Record<string, unknown>;

/** The JSON object of a body; without a body an empty one. Its type does not matter: clients send several. */
export async function readBody(request: Request): Promise<Body> {
  const text = decode(await readCapped(request));
  if (text.trim() === "") return {};
  if (exceedsDepth(text, MAX_CHAT_JSON_DEPTH)) {
    throw new ChatError(
      "bad_frame",
      `The body is nested deeper than ${MAX_CHAT_JSON_DEPTH} levels`,
    );
  }
  const body = parse(text);
  if (!isObject(body)) throw new ChatError("bad_frame", "The body is no JSON object");
  return body;
}

async function readCapped(request: Request): Promise<Uint8Array> {
  const tooLarge = new ChatError(
    "frame_too_large",
    `A body may have ${MAX_CHAT_BODY_BYTES} bytes at most`,
  );
  if (Number(request.headers.get("content-length")) > MAX_CHAT_BODY_BYTES) throw tooLarge;
  const bytes = new ByteBuffer();
  try {
    for await (const chunk of request.body ?? []) {
      bytes.push(chunk);
      if (bytes.size > MAX_CHAT_BODY_BYTES) throw tooLarge;
    }
  } catch (error) {
    throw error === tooLarge ? error : new ChatError("bad_frame", "The body broke off");
  }
  return bytes.take();
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new ChatError("bad_frame", "The body is not valid UTF-8");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ChatError("bad_frame", "The body is not JSON");
  }
}
