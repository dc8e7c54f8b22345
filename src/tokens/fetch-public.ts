import type { Settings } from "../context.ts";
import { mayNotBeCalled, readCapped, startDeadline } from "../destinations/index.ts";
import { ISSUER_TIMEOUT_MS, MAX_ISSUER_ANSWER_BYTES } from "./constants.ts";

/** What an identity provider publishes, or in words why it could not be read. */
export type Published = { bytes: Uint8Array; problem?: undefined } | { problem: string };

/** Reads what an identity provider publishes. An outside failure is data. A redirect is not followed: it was not checked. */
export async function fetchPublic(
  url: string,
  accept: string,
  settings: Settings,
): Promise<Published> {
  // Checked again at the call: settings and DNS may have changed since it was saved.
  if (await mayNotBeCalled({ url }, settings)) return { problem: "the address is not public" };
  const deadline = startDeadline(ISSUER_TIMEOUT_MS);
  try {
    const answer = await deadline.race(
      fetch(url, { headers: { accept }, redirect: "manual", signal: deadline.signal }),
    );
    if (answer.status !== 200 || !answer.body) {
      await answer.body?.cancel();
      return { problem: `the server answered ${answer.status}` };
    }
    const read = await readCapped(answer.body, MAX_ISSUER_ANSWER_BYTES, deadline.race);
    if (read.failed) return { problem: "the server's answer broke off" };
    if (read.truncated) {
      return { problem: `the answer is larger than ${MAX_ISSUER_ANSWER_BYTES} bytes` };
    }
    return { bytes: read.bytes };
  } catch {
    return { problem: "the server gave no answer" };
  } finally {
    deadline.clear();
  }
}
