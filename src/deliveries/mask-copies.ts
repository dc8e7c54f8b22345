import type { Context } from "../context.ts";
import { maskFields, phoneMask } from "../sms/index.ts";
import { phoneSources, sourcesOfPreset } from "../sources/index.ts";
import { callbackMask } from "./callback-mask.ts";

type Bytes = Uint8Array<ArrayBuffer>;
export type Mask = (text: string) => string;

/** What tells which codes an event has. */
export type Origin = {
  contentType: string | null;
  query: string;
  receivedAt: number;
  body: Bytes | null;
};

/**
 * Masks the codes of a phone's event, and the callback URL of a KakaoTalk channel's, and of the body that a replay put
 * in its place, in whatever shows a delivery. Null when it has none. Nobody loses them: the event's own body is given
 * out exactly as it came.
 */
export async function copyMask(
  ctx: Context,
  sourceId: string,
  origin: Origin | undefined,
  editBody: Bytes | null,
): Promise<Mask | null> {
  const [phones, channels] = await Promise.all([
    phoneSources(ctx, [sourceId]),
    sourcesOfPreset(ctx, "kakao", [sourceId]),
  ]);
  const requests = [
    ...(origin ? [origin] : []),
    ...(editBody
      ? [{ contentType: null, query: "", receivedAt: 0, ...origin, body: editBody }]
      : []),
  ];
  const masks = [
    ...(phones.has(sourceId) ? requests.map(phoneMask) : []),
    ...(channels.has(sourceId) ? requests.map(({ body }) => callbackMask(body)) : []),
  ].filter((mask) => mask !== null);
  return masks.length === 0 ? null : (text) => masks.reduce((shown, mask) => mask(shown), text);
}

/** A request whose URL shows no code in its query. */
export function maskUrl<T extends { url: string }>(request: T, mask: Mask | null): T {
  const at = request.url.indexOf("?");
  if (!mask || at < 0) return request;
  const [path, query] = [request.url.slice(0, at + 1), request.url.slice(at + 1)];
  return { ...request, url: path + maskFields(query, mask) };
}

export function contentTypeOf(headers: [string, string][]): string | null {
  return headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? null;
}
