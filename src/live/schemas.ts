import { z } from "zod";
import { CURSOR_PATTERN } from "./cursor.ts";

const Since = z
  .string()
  .refine((text) => text === "all" || text === "latest" || CURSOR_PATTERN.test(text), {
    error: "is `all`, `latest`, or the `id` of a frame of this stream",
  });

/** `?since=`, and the header that an `EventSource` sends when it comes back. */
export const WatchLive = z.strictObject({
  since: Since.optional().meta({
    description:
      "Where to begin: `all`, `latest` (default), or the `id` of the last frame that was read. `Last-Event-ID` goes before it",
  }),
  token: z.string().optional().meta({
    description:
      "An API key, for an `EventSource`, which cannot send one in a header. URLs are written to logs: prefer the header",
  }),
});
export type WatchLive = z.infer<typeof WatchLive>;

export const LastEventId = z.object({ "last-event-id": Since.optional() });
