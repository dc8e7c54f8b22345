/**
 * What Kakao takes of a skill's answer, as its guide says:
 * https://kakaobusiness.gitbook.io/main/tool/chatbot/skill_guide/answer_json_format. Lengths are in UTF-16 units. Where
 * Kakao only cuts what does not fit on a screen, nothing is refused.
 */

/** Bubbles of one answer. */
export const MAX_OUTPUTS = 3;
export const MAX_QUICK_REPLIES = 10;

export const MAX_SIMPLE_TEXT_CHARS = 1000;
export const MAX_ALT_TEXT_CHARS = 1000;
export const MAX_CARD_TITLE_CHARS = 50;
/** Title and description together. */
export const MAX_TEXT_CARD_CHARS = 400;
export const MAX_BASIC_CARD_CHARS = 230;
/** Descriptions of a basic and of a text card in a carousel. */
export const MAX_CAROUSEL_CARD_CHARS = 76;
export const MAX_CAROUSEL_TEXT_CHARS = 128;
export const MAX_LABEL_CHARS = 14;

export const MAX_BUTTONS = 3;
export const MAX_LIST_BUTTONS = 2;
export const MAX_LIST_ITEMS = 5;
export const MAX_CAROUSEL_LIST_ITEMS = 4;
export const MAX_CAROUSEL_ITEMS = 10;
/** Of an answer as JSON, in UTF-8: it stands in one row beside its message, which may be large itself. */
export const MAX_RESPONSE_BYTES = 64 * 1024;
