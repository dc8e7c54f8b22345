import type { Settings } from "../context.ts";
import { SENS_CHECK_WAITS_MS } from "./constants.ts";
import { startDeadline } from "./deadline.ts";
import type { Polled } from "./kind.ts";
import { mayNotBeCalled } from "./lookup.ts";
import type { SensConfig } from "./sens-config.ts";
import { byRequest, type Listed, listSens } from "./sens-list.ts";
import { readReceipt, type SensReceipt, type Taken, withStatus } from "./sens-receipt.ts";

/**
 * Asks SENS what became of the messages that it has taken on. A question that fails costs one of the few that are asked;
 * what is open after the last one stays unknown.
 */
export async function pollSens(
  config: SensConfig | null,
  stored: unknown,
  settings: Settings,
): Promise<Polled> {
  const receipt = readReceipt(stored);
  const listed = config ? await listOpen(config, receipt, settings) : [];
  const byKey = new Map(listed.map((message) => [`${message.requestId} ${message.to}`, message]));
  const checks = receipt.checks + 1;
  const waitMs = config ? SENS_CHECK_WAITS_MS[checks] : undefined;
  const messages = receipt.messages.map((taken) => {
    const known = byKey.get(`${taken.requestId} ${taken.to}`);
    const now = known && taken.status === "pending" ? learn(taken, known) : taken;
    return now.status === "pending" && waitMs === undefined
      ? { ...now, status: "unknown" as const }
      : now;
  });
  const checked = withStatus({ ...receipt, messages, checks, checkedAt: Date.now() });
  const isOpen = checked.status === "pending" && waitMs !== undefined;
  return { receipt: checked, dueAt: isOpen ? Date.now() + waitMs : null };
}

async function listOpen(
  config: SensConfig,
  receipt: SensReceipt,
  settings: Settings,
): Promise<Listed[]> {
  if (await mayNotBeCalled({ url: config.baseUrl }, settings)) return [];
  const open = receipt.messages.filter(({ status }) => status === "pending");
  const listed: Listed[] = [];
  const deadline = startDeadline(config.timeoutMs);
  try {
    for (const requestId of new Set(open.map((message) => message.requestId))) {
      const list = await listSens(config, byRequest(requestId), deadline);
      listed.push(...list.messages);
      if (!list.isWhole) break;
    }
    return listed;
  } finally {
    deadline.clear();
  }
}

/** Only a completed message has an outcome; whatever is not `success` did not arrive, whichever code it has. */
function learn(taken: Taken, listed: Listed): Taken {
  if (listed.status !== "COMPLETED") return taken;
  return {
    ...taken,
    status: listed.statusName.toLowerCase() === "success" ? "delivered" : "failed",
    statusCode: listed.statusCode || null,
    statusName: listed.statusName || null,
    statusMessage: listed.statusMessage || null,
    completedAt: listed.completedAt === null ? null : new Date(listed.completedAt).toISOString(),
  };
}
