import { describe, expect, it } from "vitest";
import { fromBase64 } from "../../src/crypto.ts";
import { parseSms, smsTextOf } from "../../src/sms/index.ts";
import messages from "./messages.json" with { type: "json" };

type Sample = {
  id: string;
  category: string;
  sender?: string;
  receivedAt?: string;
  text?: string;
  contentType?: string;
  body?: string;
  bodyBase64?: string;
  expected: Record<string, unknown>;
  trap?: string;
};
const SAMPLES = messages as Sample[];
const isTransport = ({ category }: Sample) => category === "transport";

describe("the sample messages", () => {
  it.each(SAMPLES.filter((sample) => !isTransport(sample)))(
    "$id ($category): $trap",
    ({ text = "", sender, receivedAt = "", expected }) => {
      expect(parseSms({ text, sender, receivedAt: Date.parse(receivedAt) })).toEqual(expected);
    },
  );

  it.each(SAMPLES.filter(isTransport))(
    "$id: its text and sender are found in $contentType: $trap",
    ({ contentType, body, bodyBase64, expected }) => {
      const bytes = bodyBase64 ? fromBase64(bodyBase64) : new TextEncoder().encode(body);
      const { text, sender } = expected;
      expect(smsTextOf(contentType ?? null, bytes)).toMatchObject({ text, sender });
    },
  );
});
