import type { z } from "zod";
import { ChatError, MAX_TEMP_ID_CHARS } from "../chat/index.ts";
import { exceedsDepth } from "../json-depth.ts";
import { jsonObjectOf } from "../json-object.ts";
import { MAX_FRAME_BYTES, MAX_FRAME_DEPTH } from "./constants.ts";
import type { About } from "./error-frame.ts";

type JsonObject = Record<string, unknown>;

/** `forbidden`: nothing that the gateway which these clients were made for could route. */
export type Parsed<F> =
  | { kind: "frame"; frame: F }
  | { kind: "fault"; error: ChatError; about: About }
  | { kind: "forbidden" };

export type Grammar = {
  /** What follows each action. */
  shapes: Record<string, z.ZodObject>;
  /** Refuses what it does not know by a fault that says so; else unknown fields are ignored, and unknown actions `forbidden`. */
  isStrict: boolean;
};

/** What a message says, or what is wrong with it. */
export function parseFrame<F>(message: string | ArrayBuffer, grammar: Grammar): Parsed<F> {
  const fault = (error: ChatError, about: About = {}): Parsed<F> => ({
    kind: "fault",
    error,
    about,
  });
  const unroutable = (error: ChatError, about: About = {}) =>
    grammar.isStrict ? fault(error, about) : ({ kind: "forbidden" } as const);
  if (typeof message !== "string") {
    return unroutable(new ChatError("bad_frame", "Send frames as text."));
  }
  if (isTooLong(message)) return fault(tooLarge(), aboutText(message));
  const json = readObject(message);
  if (!json) return unroutable(new ChatError("bad_frame", "Send one JSON object a frame."));
  const where = aboutObject(json);
  const { action } = json;
  if (action === undefined || action === null) {
    return unroutable(new ChatError("missing_field", "Missing 'action' in the frame."), where);
  }
  const shape = typeof action === "string" ? ownShape(grammar, action) : undefined;
  if (!shape) return unroutable(unknownAction(grammar), where);
  const error = grammar.isStrict ? unknownField(json, shape) : null;
  if (error) return fault(error, where);
  const read = shape.safeParse(json);
  if (!read.success) return fault(firstFault(read.error, json), where);
  return { kind: "frame", frame: { action, ...read.data } as F };
}

function isTooLong(text: string): boolean {
  if (text.length > MAX_FRAME_BYTES) return true;
  // A UTF-16 unit makes 3 bytes at most.
  return (
    text.length * 3 > MAX_FRAME_BYTES && new TextEncoder().encode(text).length > MAX_FRAME_BYTES
  );
}

function tooLarge(): ChatError {
  return new ChatError("frame_too_large", `A frame may have ${MAX_FRAME_BYTES} bytes at most.`);
}

function readObject(text: string): JsonObject | null {
  return exceedsDepth(text, MAX_FRAME_DEPTH) ? null : jsonObjectOf(text);
}

function ownShape({ shapes }: Grammar, action: string): z.ZodObject | undefined {
  return Object.hasOwn(shapes, action) ? shapes[action] : undefined;
}

function unknownAction({ shapes }: Grammar): ChatError {
  const known = Object.keys(shapes).join(", ");
  return new ChatError("unknown_action", `There is no such action; there are: ${known}.`);
}

function unknownField(json: JsonObject, shape: z.ZodObject): ChatError | null {
  const unknown = Object.keys(json).find(
    (key) => key !== "action" && !Object.hasOwn(shape.shape, key),
  );
  if (unknown === undefined) return null;
  const name = unknown.slice(0, MAX_TEMP_ID_CHARS);
  return new ChatError("unknown_field", `'${name}' is no field of this action; remove it.`);
}

/** Of several faults the one of the first field, as the clients expect. */
function firstFault({ issues }: z.ZodError, json: JsonObject): ChatError {
  const [issue] = issues;
  const name = String(issue?.path[0] ?? "");
  const value = json[name];
  if (value === undefined || value === null || (value === "" && name === "content")) {
    return new ChatError("missing_field", `Missing '${name}' in the frame.`);
  }
  return new ChatError("invalid_field", `'${name}': ${issue?.message ?? "is not valid"}.`);
}

/** Which frame it is, as far as it says so. */
function aboutObject({ action, tempMessageId }: JsonObject): About {
  const isShown = (JSON.stringify(tempMessageId) ?? "").length <= MAX_TEMP_ID_CHARS;
  return {
    ...(typeof action === "string" && { action: action.slice(0, MAX_TEMP_ID_CHARS) }),
    ...(tempMessageId !== undefined && isShown && { tempMessageId }),
  };
}

/** The same of a frame that is too long to be parsed: its client waits for an answer too. */
function aboutText(text: string): About {
  const found = /"tempMessageId"\s*:\s*"([^"\\]{1,200})"/.exec(text)?.[1];
  return found === undefined ? {} : { tempMessageId: found };
}
