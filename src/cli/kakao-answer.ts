import { answerFault, type Json } from "./kakao-limits.ts";

/** What a skill server's answer means to Kakao. */
export type SkillAnswer =
  /** Shown at once. */
  | { kind: "inline"; answer: Json }
  /** The answer comes to the callback URL; `waiting` is what the user sees meanwhile. */
  | { kind: "callback"; waiting?: string }
  /** The user sees Kakao's own excuse. */
  | { kind: "fault"; why: string };

/** Reads the answer to a request that had a callback URL, or none. */
export function readSkillAnswer(
  status: number,
  contentType: string | null,
  text: string,
  hadCallbackUrl: boolean,
): SkillAnswer {
  const answer = parseObject(text);
  if (status !== 200) return fault(`${status} ${errorOf(answer)}`.trim());
  if (!/^application\/json\b/i.test(contentType ?? "")) return fault(`content-type ${contentType}`);
  if (!answer) return fault("body: must be a JSON object");
  if (answer.useCallback !== true) {
    const why = answerFault(answer);
    return why === undefined ? { kind: "inline", answer } : fault(why);
  }
  if (answer.version !== "2.0") return fault('version: must be "2.0"');
  if (!hadCallbackUrl) return fault("useCallback: the request had no callback URL");
  const { text: waiting } = (answer.data ?? {}) as Json;
  return { kind: "callback", ...(typeof waiting === "string" ? { waiting } : {}) };
}

/** What the user reads, line by line. Pictures are their description, buttons stand in brackets. */
export function answerLines(answer: Json): string[] {
  const { outputs = [], quickReplies } = (answer.template ?? {}) as {
    outputs?: Json[];
    quickReplies?: Json[];
  };
  const lines = outputs.flatMap((output) =>
    Object.entries(output).flatMap(([kind, value]) => outputLines(kind, value as Json)),
  );
  return [...lines, ...labels(quickReplies)];
}

function outputLines(kind: string, value: Json): string[] {
  const { items, header, title, description, text, altText, buttons } = value;
  if (kind === "simpleText") return String(text).split("\n");
  const inner = Array.isArray(items) ? (items as Json[]) : [];
  const innerKind = typeof value.type === "string" ? value.type : kind;
  const parts = [(header as Json | undefined)?.title, title, description, altText];
  return [
    ...parts.filter((part) => typeof part === "string").flatMap((part) => part.split("\n")),
    ...inner.flatMap((item) => outputLines(innerKind, item)),
    ...labels(buttons),
  ];
}

function labels(buttons: unknown): string[] {
  if (!Array.isArray(buttons) || buttons.length === 0) return [];
  return [(buttons as Json[]).map(({ label }) => `[${String(label)}]`).join(" ")];
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // What is no JSON is judged as that.
  }
  return undefined;
}

function errorOf(answer: Json | undefined): string {
  return typeof answer?.error === "string" ? answer.error : "";
}

function fault(why: string): SkillAnswer {
  return { kind: "fault", why };
}
