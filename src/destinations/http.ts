import { startDeadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult, Reason } from "./driver.ts";
import { exchange } from "./exchange.ts";
import { holdMemory, isHeldWhole } from "./hold-memory.ts";
import type { HttpConfig } from "./http-config.ts";
import { httpOutcome } from "./http-outcome.ts";
import { buildRequest, hasForbiddenBody, methodOf, targetUrl } from "./http-request.ts";
import { mayNotBeCalled } from "./lookup.ts";

/** Headers that describe the captured body, and no other one. */
const OF_BODY: ReadonlySet<string> = new Set([
  "content-type",
  "content-encoding",
  "content-language",
  "content-md5",
  "content-digest",
  "repr-digest",
  "digest",
  "content-range",
]);

/**
 * One call of an `http` destination: the captured bytes, method, query and end-to-end headers.
 * `timeoutMs` covers opening the body, the answer's headers and its whole body.
 */
export async function deliverHttp(config: HttpConfig, given: AttemptInput): Promise<AttemptResult> {
  const { input, requestBody } = asSent(given);
  // Checked again at the call: settings, own hosts and DNS may have changed since it was saved.
  const method = methodOf(config, input.event);
  if (await mayNotBeCalled(config, input.settings)) {
    const request = { method, url: config.url, headers: [] };
    return { ...failed("blocked_url", false), request };
  }
  const request = { method, url: targetUrl(config, input.event), headers: [] };
  if (hasForbiddenBody(method, input.event.size)) {
    return { ...failed("unsendable_request", false), request };
  }
  const deadline = startDeadline(config.timeoutMs);
  let release: (() => void) | null = null;
  try {
    if (isHeldWhole(config, input.event.size)) {
      release = await holdMemory(deadline, config.timeoutMs);
      if (!release) return { ...failed("timeout", true), request };
    }
    const built = await buildRequest(config, input, deadline);
    if (built.problem !== undefined) {
      return { ...failed(built.problem, built.problem === "timeout"), request };
    }
    const answer = await exchange(built.request, deadline);
    if (answer.failure !== undefined) {
      return { ...failed(answer.failure, true), request: built.stored, ...requestBody };
    }
    return {
      ...requestBody,
      outcome: answer.timedOut
        ? { ok: false, retry: true, reason: "timeout" }
        : httpOutcome(answer.status, answer.retryAfter, Date.now()),
      request: built.stored,
      response: answer.response,
      responseBody: answer.responseBody,
    };
  } finally {
    release?.();
    deadline.clear();
  }
}

/** A try whose event has the transform's output for a body: it is signed, measured and recorded as such. */
function asSent(input: AttemptInput): {
  input: AttemptInput;
  requestBody?: Pick<AttemptResult, "requestBody">;
} {
  const { event, output } = input;
  if (!output) return { input };
  const text = output.kind === "text" ? output.text : (JSON.stringify(output.json) ?? "null");
  const bytes = new Uint8Array(new TextEncoder().encode(text));
  const { contentType } = output;
  return {
    input: {
      ...input,
      event: {
        ...event,
        contentType,
        size: bytes.byteLength,
        headers: withContent(event.headers, contentType),
        openBody: async () => bytes,
      },
    },
    requestBody: { requestBody: bytes },
  };
}

/** Captured headers without those that told of the captured body. */
function withContent(headers: [string, string][], contentType: string): [string, string][] {
  const kept = headers.filter(([name]) => !OF_BODY.has(name.toLowerCase()));
  return [...kept, ["content-type", contentType]];
}

function failed(reason: Reason, retry: boolean): AttemptResult {
  return { outcome: { ok: false, retry, reason } };
}
