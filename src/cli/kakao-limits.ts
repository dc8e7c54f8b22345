/** An answer as it came; every field is doubted. */
export type Json = Record<string, unknown>;

const MAX_OUTPUTS = 3;
const MAX_QUICK_REPLIES = 10;
const MAX_LABEL_CHARS = 14;
const MAX_TEXT_CHARS = 1_000;
const MAX_ALT_TEXT_CHARS = 1_000;
const MAX_TITLE_CHARS = 50;
const MAX_TEXT_CARD_CHARS = 400;
const MAX_DESCRIPTION_CHARS = 230;
const MAX_CAROUSEL_DESCRIPTION_CHARS = 128;
const MAX_BUTTONS = 3;
const MAX_LIST_BUTTONS = 2;
const MAX_LIST_ITEMS = 5;
const MAX_CAROUSEL_LIST_ITEMS = 4;
const MAX_CAROUSEL_ITEMS = 10;

class Fault extends Error {}

/**
 * Why Kakao would not show this answer of a skill server, as `<field>: <reason>`; undefined: it would. After the skill
 * guide's "SkillResponse", version 2.0. Kinds of outputs that are not known here pass.
 * https://kakaobusiness.gitbook.io/main/tool/chatbot/skill_guide/answer_json_format
 */
export function answerFault(answer: unknown): string | undefined {
  try {
    checkAnswer(objectAt("body", answer));
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

function checkAnswer({ version, template }: Json): void {
  if (version !== "2.0") throw new Fault('version: must be "2.0"');
  const { outputs, quickReplies } = objectAt("template", template);
  for (const [i, output] of listAt("template.outputs", outputs, MAX_OUTPUTS).entries()) {
    checkOutput(`template.outputs[${i}]`, output);
  }
  if (quickReplies === undefined || quickReplies === null) return;
  const replies = listAt("template.quickReplies", quickReplies, MAX_QUICK_REPLIES, 0);
  for (const [i, reply] of replies.entries()) {
    const at = `template.quickReplies[${i}]`;
    checkLabel(at, objectAt(at, reply));
  }
}

const CHECKS: Record<string, (at: string, output: Json, inCarousel: boolean) => void> = {
  simpleText: (at, { text }) => textAt(`${at}.text`, text, MAX_TEXT_CHARS),
  simpleImage: (at, { imageUrl, altText }) => {
    textAt(`${at}.imageUrl`, imageUrl);
    textAt(`${at}.altText`, altText, MAX_ALT_TEXT_CHARS);
  },
  textCard: (at, { title, description, buttons }, inCarousel) => {
    if (!title && !description) throw new Fault(`${at}: needs a title or a description`);
    if (title) textAt(`${at}.title`, title, MAX_TITLE_CHARS);
    const left = MAX_TEXT_CARD_CHARS - (typeof title === "string" ? title.length : 0);
    const most = inCarousel ? MAX_CAROUSEL_DESCRIPTION_CHARS : left;
    if (description) textAt(`${at}.description`, description, most);
    checkButtons(at, buttons, MAX_BUTTONS);
  },
  basicCard: (at, { title, description, thumbnail, buttons }) => {
    textAt(`${at}.thumbnail.imageUrl`, objectAt(`${at}.thumbnail`, thumbnail).imageUrl);
    if (title) textAt(`${at}.title`, title, MAX_TITLE_CHARS);
    if (description) textAt(`${at}.description`, description, MAX_DESCRIPTION_CHARS);
    checkButtons(at, buttons, MAX_BUTTONS);
  },
  commerceCard: (at, { price, currency, thumbnails, buttons }) => {
    if (typeof price !== "number") throw new Fault(`${at}.price: must be a number`);
    if (currency !== "won") throw new Fault(`${at}.currency: must be "won"`);
    listAt(`${at}.thumbnails`, thumbnails, 1);
    listAt(`${at}.buttons`, buttons, MAX_BUTTONS);
    checkButtons(at, buttons, MAX_BUTTONS);
  },
  listCard: (at, { header, items, buttons }, inCarousel) => {
    textAt(`${at}.header.title`, objectAt(`${at}.header`, header).title);
    const most = inCarousel ? MAX_CAROUSEL_LIST_ITEMS : MAX_LIST_ITEMS;
    for (const [i, item] of listAt(`${at}.items`, items, most).entries()) {
      textAt(`${at}.items[${i}].title`, objectAt(`${at}.items[${i}]`, item).title);
    }
    checkButtons(at, buttons, MAX_LIST_BUTTONS);
  },
  carousel: (at, { type, items }) => {
    if (typeof type !== "string") throw new Fault(`${at}.type: must be a text`);
    for (const [i, item] of listAt(`${at}.items`, items, MAX_CAROUSEL_ITEMS).entries()) {
      const where = `${at}.items[${i}]`;
      const check = type === "carousel" ? undefined : CHECKS[type];
      check?.(where, objectAt(where, item), true);
    }
  },
};

function checkOutput(at: string, output: unknown): void {
  const kinds = Object.entries(objectAt(at, output));
  const [kind, more] = kinds;
  if (!kind || more) throw new Fault(`${at}: must have exactly one kind of output`);
  const [name, value] = kind;
  const fields = objectAt(`${at}.${name}`, value);
  if (Object.hasOwn(CHECKS, name)) CHECKS[name]?.(`${at}.${name}`, fields, false);
}

function checkButtons(at: string, buttons: unknown, most: number): void {
  if (buttons === undefined || buttons === null) return;
  for (const [i, button] of listAt(`${at}.buttons`, buttons, most, 0).entries()) {
    const where = `${at}.buttons[${i}]`;
    const fields = objectAt(where, button);
    checkLabel(where, fields);
    if (typeof fields.action !== "string") throw new Fault(`${where}.action: must be a text`);
  }
}

function checkLabel(at: string, { label }: Json): void {
  textAt(`${at}.label`, label, MAX_LABEL_CHARS);
}

function objectAt(at: string, value: unknown): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new Fault(`${at}: must be an object`);
}

function listAt(at: string, value: unknown, most: number, least = 1): unknown[] {
  if (!Array.isArray(value)) throw new Fault(`${at}: must be a list`);
  if (value.length < least || value.length > most) {
    throw new Fault(`${at}: has ${value.length}, must have ${least} to ${most}`);
  }
  return value as unknown[];
}

function textAt(at: string, value: unknown, most = Number.POSITIVE_INFINITY): void {
  if (typeof value !== "string" || value === "") throw new Fault(`${at}: must be a text`);
  if (value.length > most)
    throw new Fault(`${at}: has ${value.length} characters, at most ${most}`);
}
