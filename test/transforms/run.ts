import { factsOf, type RequestFacts } from "../../src/rules/index.ts";
import { failureText, runTransform } from "../../src/transforms/index.ts";
import { Transform, type TransformStep } from "../../src/transforms/schemas.ts";

export const CARD =
  "[Web발신]\n신한카드(1234)승인 홍*동 12,000원(일시불)02/12 12:34 스타벅스강남점";
export const CODE = "[Web발신]\n[신한카드] 인증번호 482917 를 입력하세요";

/** 2026-02-12 12:40 in Seoul. */
export const RECEIVED_AT = Date.UTC(2026, 1, 12, 3, 40);

export const origin = {
  id: "evt_1",
  contentType: "application/json",
  receivedAt: RECEIVED_AT,
  sender: { id: null, name: "Kim's phone" },
  source: { slug: "card", name: "Company card" },
};

/** Fails the test when a script runs where none may. */
const host = { scripts: undefined as never, organizationId: "org_test" };

export function factsWith(body: string, more: Partial<RequestFacts> = {}) {
  return factsOf({
    method: "POST",
    host: "card.localhost",
    path: "/sms",
    query: "a=1&b=2&b=3",
    headers: [
      ["Content-Type", "application/json"],
      ["Authorization", "Bearer secret"],
      ["cookie", "a=b"],
    ],
    senderName: "Kim's phone",
    contentType: "application/json",
    body: new TextEncoder().encode(body),
    receivedAt: RECEIVED_AT,
    ...more,
  });
}

/** Runs a chain on a body; the output's text or JSON, or the failure as one line. */
export async function run(
  steps: TransformStep | TransformStep[],
  body = "{}",
  more: Partial<RequestFacts> = {},
) {
  const chain = Array.isArray(steps) ? steps : [steps];
  const result = await runTransform(chain, factsWith(body, more), origin, host);
  if ("failure" in result) return { failed: failureText(result.failure) };
  const { output } = result;
  return output.kind === "text"
    ? { text: output.text, contentType: output.contentType }
    : { json: output.json, contentType: output.contentType };
}

export const jsonata = (expression: string) => ({ kind: "jsonata" as const, expression });
export const template = (text: string, contentType?: string) => ({
  kind: "template" as const,
  template: text,
  ...(contentType && { contentType }),
});

/** Dotted path and message of what is wrong with a transform, as an API caller sees it. */
export function refusals(transform: unknown): string[] {
  const result = Transform.safeParse(transform);
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}
