import {
  MAX_ALT_TEXT_CHARS,
  MAX_BASIC_CARD_CHARS,
  MAX_BUTTONS,
  MAX_CARD_TITLE_CHARS,
  MAX_CAROUSEL_CARD_CHARS,
  MAX_CAROUSEL_ITEMS,
  MAX_CAROUSEL_LIST_ITEMS,
  MAX_CAROUSEL_TEXT_CHARS,
  MAX_LABEL_CHARS,
  MAX_LIST_BUTTONS,
  MAX_LIST_ITEMS,
  MAX_OUTPUTS,
  MAX_QUICK_REPLIES,
  MAX_RESPONSE_BYTES,
  MAX_SIMPLE_TEXT_CHARS,
  MAX_TEXT_CARD_CHARS,
} from "./response-limits.ts";
import type { SkillResponse } from "./skill-response.ts";

export type CheckedResponse = { response: SkillResponse } | { problem: string };

/**
 * Whether Kakao would take an answer: else the first thing that it would refuse, with the field that it is in, e.g.
 * `response.template.outputs[0].simpleText.text: has 1200 characters; 1000 are the most`. What we know nothing of passes.
 */
export function checkResponse(value: unknown): CheckedResponse {
  try {
    readResponse(new Part(value, "response"));
    const size = new TextEncoder().encode(JSON.stringify(value)).length;
    if (size > MAX_RESPONSE_BYTES) {
      return { problem: `response: has ${size} bytes as JSON; ${MAX_RESPONSE_BYTES} are the most` };
    }
    return { response: value as SkillResponse };
  } catch (error) {
    if (error instanceof Wrong) return { problem: error.message };
    throw error;
  }
}

class Wrong extends Error {}

/** A value with the place where it is. */
class Part {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  fail(problem: string): never {
    throw new Wrong(`${this.path}: ${problem}`);
  }

  get isThere(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  field(name: string): Part {
    return new Part(this.object()[name], `${this.path}.${name}`);
  }

  object(): Record<string, unknown> {
    const { value } = this;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    return this.fail(this.isThere ? "must be an object" : "is missing");
  }

  list(min: number, max: number): Part[] {
    const { value } = this;
    if (!Array.isArray(value)) return this.fail(this.isThere ? "must be a list" : "is missing");
    if (value.length < min) this.fail(`must have ${min} at least`);
    if (value.length > max) this.fail(`has ${value.length} entries; ${max} are the most`);
    return value.map((each, at) => new Part(each, `${this.path}[${at}]`));
  }

  text(maxChars = Number.POSITIVE_INFINITY): string {
    const { value } = this;
    if (typeof value !== "string") return this.fail(this.isThere ? "must be a text" : "is missing");
    if (value === "") return this.fail("is empty");
    if (value.length > maxChars) {
      return this.fail(`has ${value.length} characters; ${maxChars} are the most`);
    }
    return value;
  }

  /** A text that may be left out. */
  optionalText(maxChars: number): string {
    return this.isThere && this.value !== "" ? this.text(maxChars) : "";
  }
}

type Check = (part: Part, isInCarousel: boolean) => void;

/** The kinds of bubbles that we know. */
const OUTPUTS: Record<string, Check> = {
  simpleText: (part) => part.field("text").text(MAX_SIMPLE_TEXT_CHARS),
  simpleImage: (part) => {
    part.field("imageUrl").text();
    part.field("altText").text(MAX_ALT_TEXT_CHARS);
  },
  textCard: (part, isInCarousel) => {
    const title = part.field("title").optionalText(MAX_CARD_TITLE_CHARS);
    const description = part
      .field("description")
      .optionalText(isInCarousel ? MAX_CAROUSEL_TEXT_CHARS : MAX_TEXT_CARD_CHARS);
    if (title === "" && description === "") part.fail("needs a title or a description");
    const chars = title.length + description.length;
    if (chars > MAX_TEXT_CARD_CHARS) {
      part.fail(
        `title and description have ${chars} characters together; ${MAX_TEXT_CARD_CHARS} are the most`,
      );
    }
    readButtons(part, 0, MAX_BUTTONS);
  },
  basicCard: (part, isInCarousel) => {
    part.field("title").optionalText(MAX_CARD_TITLE_CHARS);
    part
      .field("description")
      .optionalText(isInCarousel ? MAX_CAROUSEL_CARD_CHARS : MAX_BASIC_CARD_CHARS);
    const thumbnail = part.field("thumbnail");
    if (thumbnail.isThere) thumbnail.field("imageUrl").text();
    readButtons(part, 0, MAX_BUTTONS);
  },
  commerceCard: (part) => {
    const price = part.field("price");
    if (typeof price.value !== "number")
      price.fail(price.isThere ? "must be a number" : "is missing");
    for (const thumbnail of part.field("thumbnails").list(1, 1)) thumbnail.field("imageUrl").text();
    readButtons(part, 1, MAX_BUTTONS);
  },
  listCard: (part, isInCarousel) => {
    part.field("header").field("title").text();
    const max = isInCarousel ? MAX_CAROUSEL_LIST_ITEMS : MAX_LIST_ITEMS;
    for (const item of part.field("items").list(1, max)) item.field("title").text();
    readButtons(part, 0, MAX_LIST_BUTTONS);
  },
  itemCard: (part) => {
    part.field("itemList").list(1, Number.POSITIVE_INFINITY);
    readButtons(part, 0, MAX_BUTTONS);
  },
  carousel: (part) => {
    const type = part.field("type").text();
    const isKnown = type !== "carousel" && Object.hasOwn(OUTPUTS, type);
    const check = isKnown ? OUTPUTS[type] : undefined;
    for (const item of part.field("items").list(1, MAX_CAROUSEL_ITEMS)) {
      item.object();
      check?.(item, true);
    }
  },
};

function readResponse(part: Part): void {
  const version = part.field("version");
  if (version.text() !== "2.0") version.fail('must be "2.0"');
  const template = part.field("template");
  for (const output of template.field("outputs").list(1, MAX_OUTPUTS)) readOutput(output);
  const replies = template.field("quickReplies");
  if (!replies.isThere) return;
  for (const reply of replies.list(0, MAX_QUICK_REPLIES)) {
    reply.field("label").text(MAX_LABEL_CHARS);
  }
}

function readOutput(output: Part): void {
  const kinds = Object.keys(output.object());
  if (kinds.length === 0) output.fail("says nothing; give e.g. a simpleText");
  for (const kind of kinds) {
    if (Object.hasOwn(OUTPUTS, kind)) OUTPUTS[kind]?.(output.field(kind), false);
  }
}

function readButtons(card: Part, min: number, max: number): void {
  const buttons = card.field("buttons");
  if (!buttons.isThere && min === 0) return;
  for (const button of buttons.list(min, max)) {
    button.field("label").text(MAX_LABEL_CHARS);
    button.field("action").text();
  }
}
