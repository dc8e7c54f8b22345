import { z } from "zod";
import { TokenParameter } from "../tokens/schemas.ts";
import {
  MAX_CHANNEL_NAME_CHARS,
  MAX_EVENT_NAME_CHARS,
  MAX_FRAME_BYTES,
  MAX_POLL_WAIT_SECONDS,
  MAX_PUBLISH_FRAMES,
  RESERVED_EVENTS,
} from "./constants.ts";
import { parsePosition } from "./frame-id.ts";

/** `[A-Za-z0-9_.:-]{1,100}`, but none that a URL's path takes for a step: it could not be asked for. */
export const ChannelName = z
  .string()
  .regex(new RegExp(`^(?!\\.{1,2}$)[A-Za-z0-9_.:-]{1,${MAX_CHANNEL_NAME_CHARS}}$`), {
    error: `use 1 to ${MAX_CHANNEL_NAME_CHARS} letters, digits, \`_\`, \`.\`, \`:\` and \`-\`, not just \`.\` or \`..\``,
  })
  .meta({ example: "orders.paid" });

/** A frame's `event`: like a channel's name, and none of the channel's own. */
export const EventName = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9_.:-]{1,${MAX_EVENT_NAME_CHARS}}$`), {
    error: `use 1 to ${MAX_EVENT_NAME_CHARS} letters, digits, \`_\`, \`.\`, \`:\` and \`-\``,
  })
  .refine((name) => !RESERVED_EVENTS.some((reserved) => reserved === name), {
    error: `${RESERVED_EVENTS.map((name) => `\`${name}\``).join(", ")} are the channel's own; use another name`,
  });

const Data = z
  .unknown()
  .refine(
    (data) => new TextEncoder().encode(JSON.stringify(data) ?? "").length <= MAX_FRAME_BYTES,
    { error: `may have ${MAX_FRAME_BYTES} bytes at most, as JSON` },
  )
  .meta({ description: `Any JSON value of at most ${MAX_FRAME_BYTES} bytes` });

const NewFrame = z.strictObject({
  event: EventName.default("message"),
  data: Data.refine((data) => data !== undefined, {
    error: "is missing: expected any JSON value",
  }),
});

/** `POST /channels/{name}/publish`: one frame as `{"event"?, "data"}`, or `{"events": […]}`. */
export const PublishFrames = z
  .strictObject({
    event: EventName.optional().meta({ description: "`message` when it is left out" }),
    data: Data.optional(),
    events: z.array(NewFrame).min(1).max(MAX_PUBLISH_FRAMES).optional().meta({
      description: "Instead of `data`: several frames, kept one after the other, all or none",
    }),
  })
  .superRefine((input, ctx) => {
    const isOne = input.data !== undefined || input.event !== undefined;
    const refuse = (path: string, message: string) =>
      ctx.addIssue({ code: "custom", path: [path], message });
    if (input.events !== undefined && isOne) {
      refuse("events", "send either `data` or `events`, not both");
    } else if (input.events === undefined && input.data === undefined) {
      refuse("data", "is missing: expected any JSON value, or `events`");
    }
  });
export type PublishFrames = z.infer<typeof PublishFrames>;

export const PublishedIds = z
  .object({ ids: z.array(z.string()).meta({ example: ["m3k9x2ab0f3c1de-42"] }) })
  .meta({ id: "PublishedIds" });

export const ChannelDescription = z
  .object({
    name: z.string(),
    subscribers: z.int().meta({ description: "Open now, waiting polls among them" }),
    position: z.string().meta({ description: "Id of its last frame: use it as `since`" }),
  })
  .meta({ id: "Channel" });
export type ChannelDescription = z.infer<typeof ChannelDescription>;

/** A frame as subscribers get it. */
export const Frame = z
  .object({
    id: z.string().nullable(),
    event: z.string(),
    data: z.unknown(),
    at: z.iso.datetime(),
  })
  .meta({ id: "Frame" });

export const Polled = z.object({ data: z.array(Frame), next: z.string() }).meta({ id: "Polled" });

export const Since = z
  .string()
  .refine((text) => text === "all" || text === "latest" || parsePosition(text) !== null, {
    error: "use a frame's id, `all` or `latest`, or leave it out to begin with what comes now",
  });

/** What a subscriber may say. */
export const Subscribe = z.strictObject({
  since: Since.optional().meta({
    description:
      "A frame's id: what came after it. `all`: what the channel has kept. `latest`: its last frame. Left out: from now on. The header `Last-Event-ID` says the same and wins",
  }),
  slow: z.enum(["drop", "disconnect"]).default("drop").meta({
    description:
      "What happens to a reader that is too slow: it is told of frames it cannot have any more, or it is closed (4408)",
  }),
  token: TokenParameter,
});
export const PollChannel = Subscribe.extend({
  wait: z
    .string()
    .regex(/^\d{1,2}$/, { error: `use seconds, 0 to ${MAX_POLL_WAIT_SECONDS}` })
    .transform(Number)
    .pipe(z.number().max(MAX_POLL_WAIT_SECONDS))
    .default(MAX_POLL_WAIT_SECONDS)
    .meta({ description: "Seconds to wait for a frame when there is none" }),
});
export const SubscribeSocket = Subscribe.extend({
  batch: z.enum(["0", "1"]).default("0").meta({
    description: "`1`: a message may hold several frames, one a line",
  }),
  acks: z.enum(["0", "1"]).default("0").meta({
    description:
      "`1`: the reader says how much it has read, `ack <units>`; without it, it is sent 4 MiB at most between its pings",
  }),
});
