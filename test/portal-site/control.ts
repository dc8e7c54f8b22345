import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { strict } from "../../src/strict.ts";
import { type Answer, json } from "./answer.ts";
import { readText } from "./handle-request.ts";
import type { PortalControl } from "./index.ts";
import { Patch, type SettingsPatch } from "./settings.ts";

const Expire = strict({
  username: z.string().optional(),
  /** The oldest ones; all when absent. */
  count: z.number().int().min(1).optional(),
});
const Stray = strict({
  code: z.string().min(1),
  phone: z.string().optional(),
  delayMs: z.number().int().min(0).optional(),
});

/** Verbs of `POST /__control/<verb>`. Each gives what it did. */
const VERBS: Record<string, (control: PortalControl, body: unknown) => unknown> = {
  async set(control, body) {
    const { now, ...patch } = Patch.parse(body);
    control.set(patch as SettingsPatch);
    if (now !== undefined) await control.setNow(now);
    return { arrived: control.takeArrived(), nextSmsAt: control.nextSmsAt() };
  },
  expire(control, body) {
    const { username, count } = Expire.parse(body);
    return { ended: control.expire(username, count) };
  },
  unlock(control) {
    control.unlock();
    return {};
  },
  sms(control, body) {
    const { code, phone, delayMs } = Stray.parse(body);
    control.sendSms(code, phone, delayMs);
    return {};
  },
  reset(control) {
    control.forgetRecord();
    return {};
  },
};

/**
 * `GET /__control` tells everything; `POST /__control` sets (as `/__control/set`). For this machine's programs only: a
 * page in a browser, which sends its origin, has no part in it.
 */
export async function answerControl(
  control: PortalControl,
  request: IncomingMessage,
): Promise<Answer> {
  const from = request.socket.remoteAddress ?? "";
  if (!/^(127\.|::1$|::ffff:127\.)/.test(from) || request.headers.origin !== undefined) {
    return json(403, { error: "the control is for programs of this machine" });
  }
  const path = new URL(request.url ?? "/", "http://x").pathname;
  if (request.method === "GET" && path === "/__control") return json(200, control.look());
  const verb = VERBS[path === "/__control" ? "set" : path.slice("/__control/".length)];
  if (request.method !== "POST" || !verb) return json(404, { error: "no such verb" });
  try {
    const body: unknown = JSON.parse((await readText(request)) || "{}");
    return json(200, (await verb(control, body)) as Record<string, unknown>);
  } catch (error) {
    return json(400, { error: String(error) });
  }
}
