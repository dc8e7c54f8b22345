import type { z } from "zod";
import { ChannelName, EventName } from "../channels/schemas.ts";
import { strict } from "../strict.ts";

export const ChannelConfig = strict({
  channel: ChannelName.meta({ description: "The channel that it is published on" }),
  event: EventName.default("message").meta({ description: "The frames' `event`" }),
});
export type ChannelConfig = z.infer<typeof ChannelConfig>;
