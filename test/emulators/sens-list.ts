import type { SensRecipient } from "./sens-message.ts";
import { badRequest } from "./sens-refusals.ts";
import type { Json } from "./serve.ts";

export type SensStored = SensRecipient & {
  messageId: string;
  status: string;
  statusCode?: string;
  statusName?: string;
  statusMessage?: string;
  completedAt?: number;
};
/** A request that was taken. */
export type SensRequest = { requestId: string; at: number; payload: Json; messages: SensStored[] };

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const MAX_WINDOW_MS = 30 * 24 * 60 * 60_000;

/** `GET …/messages`: one of the three ways to ask is mandatory. */
export function listSens(requests: SensRequest[], query: string, pageSize: number): Json {
  const asked = new URLSearchParams(query);
  const found = requests.filter(wanted(asked));
  const all = found.flatMap((request) => request.messages.map((one) => showMessage(request, one)));
  const from = Number(asked.get("nextToken") ?? 0);
  const next = from + pageSize;
  return {
    messages: all.slice(from, next),
    ...(next < all.length && { nextToken: String(next) }),
  };
}

function wanted(asked: URLSearchParams): (request: SensRequest) => boolean {
  const requestId = asked.get("requestId");
  if (requestId) return (request) => request.requestId === requestId;
  const [first, last] = [asked.get("requestStartTime"), asked.get("requestEndTime")];
  if (first === null || last === null) throw badRequest("neither requestId nor a time");
  if (!TIME.test(first) || !TIME.test(last)) throw badRequest("a time is no YYYY-MM-DD HH:mm:ss");
  const [start, end] = [first, last].map((text) => Date.parse(`${text.replace(" ", "T")}+09:00`));
  if (start === undefined || end === undefined || end - start > MAX_WINDOW_MS || end < start) {
    throw badRequest("the window is longer than 30 days");
  }
  return ({ at }) => at >= start && at <= end + 999;
}

export function showMessage({ requestId, at, payload }: SensRequest, message: SensStored): Json {
  const { completedAt, ...rest } = message;
  return {
    requestId,
    requestTime: kst(at),
    contentType: payload.contentType ?? "COMM",
    type: payload.type,
    countryCode: payload.countryCode ?? "82",
    from: payload.from,
    ...rest,
    ...(completedAt !== undefined && { completeTime: kst(completedAt), telcoCode: "KTF" }),
  };
}

/** A time on Seoul's clock, as SENS writes it. */
export function kst(ms: number): string {
  return new Date(ms + 9 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
}
