import { expect, it } from "vitest";
import { ChannelConfig } from "../../src/destinations/channel-config.ts";

it.each(["orders.paid", "a", "...", ".a", "A_b:c-d.9", "x".repeat(100)])(
  "a channel may be %s",
  (channel) => {
    expect(ChannelConfig.safeParse({ channel }).data).toEqual({ channel, event: "message" });
  },
);

// The last two are steps in a URL's path: nobody could ever read such a channel.
it.each(["", "a b", "a/b", "한", "x".repeat(101), ".", ".."])(
  "no channel is called %j",
  (channel) => {
    const read = ChannelConfig.safeParse({ channel });
    expect(read.error?.issues).toMatchObject([
      { path: ["channel"], message: expect.stringContaining("use 1 to 100") },
    ]);
  },
);
