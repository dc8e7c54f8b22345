import type { Context } from "../context.ts";
import { toBase64 } from "../crypto.ts";
import { type Output, runTransform } from "../transforms/index.ts";
import { MAX_TEST_OUTPUT_BYTES } from "./constants.ts";
import { factsOf } from "./facts.ts";
import { loadEvent, type TestRequest } from "./load-event.ts";
import { explainMatch } from "./match.ts";
import type { RuleTestResult, TestRule } from "./schemas.ts";
import { testRequestOf } from "./test-request.ts";

/**
 * Tries a match and a transform on a stored or a made-up event: why it matches or not, and what would be sent. Stores
 * nothing.
 */
export async function testRule(ctx: Context, input: TestRule): Promise<RuleTestResult> {
  const request = input.event
    ? testRequestOf(input.event)
    : await loadEvent(ctx, input.eventId ?? "");
  const facts = factsOf(request);
  const result = explainMatch(input.match, facts);
  if (!result.matched) return result;
  if (!input.transform) return { ...result, output: outputOf(request) };
  const { contentType, receivedAt = Date.now(), origin } = request;
  const made = await runTransform(
    input.transform,
    facts,
    { ...origin, contentType, receivedAt },
    ctx,
  );
  if ("failure" in made) return { ...result, outputError: made.failure };
  return { ...result, output: transformed(made.output) };
}

function transformed(output: Output): RuleTestResult["output"] {
  const body = output.kind === "text" ? output.text : JSON.stringify(output.json);
  const size = new TextEncoder().encode(body).byteLength;
  return { contentType: output.contentType, size, truncated: false, body };
}

/** Without a transform a body is sent as it came. */
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
