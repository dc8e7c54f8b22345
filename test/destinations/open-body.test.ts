import { expect, it } from "vitest";
import { startDeadline } from "../../src/destinations/deadline.ts";
import { openBody } from "../../src/destinations/open-body.ts";
import { eventWith, httpConfig, inputOf } from "./fixtures.ts";

const HMAC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ED25519 = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

it.each([HMAC, ED25519])(
  "a stored body that breaks off while it is signed is an error, not a body that is gone: %s",
  async (secret) => {
    const broken = async () => {
      const chunks = [new Uint8Array([1, 2, 3])];
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          const chunk = chunks.pop();
          if (chunk) controller.enqueue(chunk);
          else controller.error(new Error("storage went away"));
        },
      });
    };
    const config = httpConfig("https://receiver.example/", {
      sign: { scheme: "standard-webhooks", secret },
    });
    const deadline = startDeadline(5000);
    const input = inputOf(eventWith("", { size: 9, openBody: broken }));
    await expect(openBody(config, input, 1_700_000_000, deadline)).rejects.toThrow("broke off");
    deadline.clear();
  },
);
