/**
 * Named places where a test may end the whole process, as a power cut would: an exception inside a function would
 * leave the rest of the process to tidy up after itself.
 */
export type CrashPoint =
  | "before-insert"
  | "after-insert"
  | "before-send"
  | "event-missing"
  | "before-save-routed"
  | "after-claim-before-call"
  | "after-call-before-write"
  | "after-write-before-task"
  | "before-ack"
  | "sweep-after-interrupt"
  | "sweep-after-send";

/** Origin of the test's control server; undefined when there is none, as everywhere but in a crash test. */
let controlUrl: string | undefined;

/** Reads the test-only variable `CRASH_URL`. Honoured only in a local session, whatever a deployment's variables say. */
export function setCrashPoints(env: { BASE_DOMAIN: string }): void {
  const { CRASH_URL } = env as { CRASH_URL?: unknown };
  controlUrl =
    env.BASE_DOMAIN === "localhost" && typeof CRASH_URL === "string" ? CRASH_URL : undefined;
}

/**
 * Waits until the control server lets the process go on; it may also never answer, or kill the process.
 * Undefined when there is no such server: wait only for what is there, so that the hot path has no turn more.
 */
export function crashPoint(name: CrashPoint): Promise<void> | undefined {
  return controlUrl === undefined ? undefined : visit(`${controlUrl}/${name}`);
}

async function visit(url: string): Promise<void> {
  const answer = await fetch(url, { method: "POST" });
  await answer.body?.cancel();
}
