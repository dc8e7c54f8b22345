import { startDeadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult, Reason } from "./driver.ts";
import { exchange } from "./exchange.ts";
import { holdMemory, isHeldWhole } from "./hold-memory.ts";
import type { HttpConfig } from "./http-config.ts";
import { httpOutcome } from "./http-outcome.ts";
import { buildRequest, hasForbiddenBody, methodOf, targetUrl } from "./http-request.ts";
import { mayNotBeCalled } from "./lookup.ts";

/**
 * One call of an `http` destination: the captured bytes, method, query and end-to-end headers.
 * `timeoutMs` covers opening the body, the answer's headers and its whole body.
 */
export async function deliverHttp(config: HttpConfig, input: AttemptInput): Promise<AttemptResult> {
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
      return { ...failed(answer.failure, true), request: built.stored };
    }
    return {
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

function failed(reason: Reason, retry: boolean): AttemptResult {
  return { outcome: { ok: false, retry, reason } };
}
