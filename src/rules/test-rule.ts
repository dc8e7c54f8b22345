import type { Context } from "../context.ts";
import { toBase64 } from "../crypto.ts";
import { MAX_TEST_OUTPUT_BYTES } from "./constants.ts";
import { factsOf } from "./facts.ts";
import { loadEvent, type TestRequest } from "./load-event.ts";
import { explainMatch } from "./match.ts";
import type { RuleTestResult, TestRule } from "./schemas.ts";
import { testRequestOf } from "./test-request.ts";

/** Tries a match on a stored or a made-up event: why it matches or not, and what would be sent. Stores nothing. */
export async function testRule(ctx: Context, input: TestRule): Promise<RuleTestResult> {
  const request = input.event
    ? testRequestOf(input.event)
    : await loadEvent(ctx, input.eventId ?? "");
  const result = explainMatch(input.match, factsOf(request));
  return result.matched ? { ...result, output: outputOf(request) } : result;
}

/** Nothing changes a body on its way in this version, so it is sent as it came. */
function outputOf({ contentType, size, body }: TestRequest): RuleTestResult["output"] {
  const shown = (body ?? new Uint8Array()).subarray(0, MAX_TEST_OUTPUT_BYTES);
  const truncated = shown.byteLength < size;
  return { contentType, size, truncated, ...asText(shown, truncated) };
}

function asText(bytes: Uint8Array, truncated: boolean) {
  try {
    // `stream` forgives a character that the cut went through.
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { body: decoder.decode(bytes, { stream: truncated }) };
  } catch {
    return { bodyBase64: toBase64(bytes) };
  }
}
