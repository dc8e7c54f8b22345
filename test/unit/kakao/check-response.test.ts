import { describe, expect, it } from "vitest";
import { checkResponse } from "../../../src/kakao/check-response.ts";

const of = (...outputs: unknown[]) => ({ version: "2.0", template: { outputs } });
const text = (value: unknown) => ({ simpleText: { text: value } });
const button = (label: unknown = "보기", more: object = {}) => ({
  label,
  action: "message",
  ...more,
});
const image = { imageUrl: "https://example.com/a.png" };
const list = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ title: `${at}`, ...image }));
const cards = (count: number, card: object = { title: "제목" }) => Array(count).fill(card);
const commerce = { price: 1000, currency: "won", thumbnails: [image], buttons: [button()] };

function problem(value: unknown): string | null {
  const checked = checkResponse(value);
  return "problem" in checked ? checked.problem : null;
}

describe("an answer that Kakao takes", () => {
  it.each<[string, unknown]>([
    ["a text", of(text("안녕"))],
    ["a text of 1,000 characters", of(text("가".repeat(1000)))],
    ["three outputs", of(text("a"), text("b"), text("c"))],
    ["an image", of({ simpleImage: { ...image, altText: "그림" } })],
    ["a text card", of({ textCard: { title: "a".repeat(50), description: "b".repeat(350) } })],
    ["a text card without a title", of({ textCard: { description: "b".repeat(400) } })],
    ["a basic card", of({ basicCard: { thumbnail: image, description: "b".repeat(230) } })],
    ["three buttons", of({ textCard: { title: "a", buttons: cards(3, button()) } })],
    ["a commerce card", of({ commerceCard: commerce })],
    [
      "a list card",
      of({ listCard: { header: { title: "h" }, items: list(5), buttons: [button(), button()] } }),
    ],
    ["a carousel", of({ carousel: { type: "basicCard", items: cards(10) } })],
    ["an output that we do not know", of({ mapCard: { anything: [] } })],
    ["a carousel of cards that we do not know", of({ carousel: { type: "mapCard", items: [{}] } })],
    ["null where a field may be left out", of({ textCard: { title: "a", buttons: null } })],
    [
      "ten quick replies",
      { ...of(), template: { outputs: [text("a")], quickReplies: cards(10, button()) } },
    ],
    ["fields that we do not know", { ...of(text("a")), context: { values: [] }, extra: 1 }],
  ])("%s", (_, value) => {
    expect(problem(value)).toBe(null);
  });
});

const OUTPUT = "response.template.outputs[0]";

describe("an answer that Kakao refuses", () => {
  it.each<[unknown, string]>([
    [undefined, "response: is missing"],
    [null, "response: is missing"],
    ["안녕", "response: must be an object"],
    [[], "response: must be an object"],
    [{ template: { outputs: [text("a")] } }, "response.version: is missing"],
    [{ ...of(text("a")), version: "1.0" }, 'response.version: must be "2.0"'],
    [{ version: "2.0" }, "response.template: is missing"],
    [{ version: "2.0", template: {} }, "response.template.outputs: is missing"],
    [{ version: "2.0", template: { outputs: {} } }, "response.template.outputs: must be a list"],
    [of(), "response.template.outputs: must have 1 at least"],
    [of(...cards(4, text("a"))), "response.template.outputs: has 4 entries; 3 are the most"],
    [of("안녕"), `${OUTPUT}: must be an object`],
    [of({}), `${OUTPUT}: says nothing; give e.g. a simpleText`],
    [of(text("")), `${OUTPUT}.simpleText.text: is empty`],
    [of(text(1)), `${OUTPUT}.simpleText.text: must be a text`],
    [of({ simpleText: "a" }), `${OUTPUT}.simpleText: must be an object`],
    [
      of(text("a"), text("a".repeat(1001))),
      "response.template.outputs[1].simpleText.text: has 1001 characters; 1000 are the most",
    ],
    [of({ simpleImage: { altText: "a" } }), `${OUTPUT}.simpleImage.imageUrl: is missing`],
    [of({ simpleImage: image }), `${OUTPUT}.simpleImage.altText: is missing`],
    [of({ textCard: {} }), `${OUTPUT}.textCard: needs a title or a description`],
    [
      of({ textCard: { title: "a".repeat(51) } }),
      `${OUTPUT}.textCard.title: has 51 characters; 50 are the most`,
    ],
    [
      of({ textCard: { title: "aa", description: "b".repeat(399) } }),
      `${OUTPUT}.textCard: title and description have 401 characters together; 400 are the most`,
    ],
    [
      of({ basicCard: { description: "a".repeat(231) } }),
      `${OUTPUT}.basicCard.description: has 231 characters; 230 are the most`,
    ],
    [of({ basicCard: { thumbnail: {} } }), `${OUTPUT}.basicCard.thumbnail.imageUrl: is missing`],
    [
      of({ basicCard: { title: "a", buttons: cards(4, button()) } }),
      `${OUTPUT}.basicCard.buttons: has 4 entries; 3 are the most`,
    ],
    [
      of({ basicCard: { title: "a", buttons: [button("a".repeat(15))] } }),
      `${OUTPUT}.basicCard.buttons[0].label: has 15 characters; 14 are the most`,
    ],
    [
      of({ basicCard: { title: "a", buttons: [{ label: "a" }] } }),
      `${OUTPUT}.basicCard.buttons[0].action: is missing`,
    ],
    [
      of({ commerceCard: { ...commerce, price: undefined } }),
      `${OUTPUT}.commerceCard.price: is missing`,
    ],
    [
      of({ commerceCard: { ...commerce, thumbnails: [image, image] } }),
      `${OUTPUT}.commerceCard.thumbnails: has 2 entries; 1 are the most`,
    ],
    [
      of({ commerceCard: { ...commerce, buttons: undefined } }),
      `${OUTPUT}.commerceCard.buttons: is missing`,
    ],
    [of({ listCard: { items: list(1) } }), `${OUTPUT}.listCard.header: is missing`],
    [
      of({ listCard: { header: { title: "h" }, items: list(6) } }),
      `${OUTPUT}.listCard.items: has 6 entries; 5 are the most`,
    ],
    [
      of({ listCard: { header: { title: "h" }, items: list(1), buttons: cards(3, button()) } }),
      `${OUTPUT}.listCard.buttons: has 3 entries; 2 are the most`,
    ],
    [
      of({ carousel: { type: "textCard", items: cards(11) } }),
      `${OUTPUT}.carousel.items: has 11 entries; 10 are the most`,
    ],
    [
      of({ carousel: { type: "basicCard", items: [{ description: "a".repeat(77) }] } }),
      `${OUTPUT}.carousel.items[0].description: has 77 characters; 76 are the most`,
    ],
    [
      of({ carousel: { type: "textCard", items: [{ description: "a".repeat(129) }] } }),
      `${OUTPUT}.carousel.items[0].description: has 129 characters; 128 are the most`,
    ],
    [
      of({ carousel: { type: "listCard", items: [{ header: { title: "h" }, items: list(5) }] } }),
      `${OUTPUT}.carousel.items[0].items: has 5 entries; 4 are the most`,
    ],
    [
      of({ commerceCard: { ...commerce, price: "1000" } }),
      `${OUTPUT}.commerceCard.price: must be a number`,
    ],
    [of({ carousel: { items: cards(1) } }), `${OUTPUT}.carousel.type: is missing`],
    [
      { version: "2.0", template: { outputs: [text("a")], quickReplies: cards(11, button()) } },
      "response.template.quickReplies: has 11 entries; 10 are the most",
    ],
    [
      {
        version: "2.0",
        template: { outputs: [text("a")], quickReplies: [button("a".repeat(15))] },
      },
      "response.template.quickReplies[0].label: has 15 characters; 14 are the most",
    ],
  ])("%j", (value, expected) => {
    expect(problem(value)).toBe(expected);
  });

  it("one that no row can hold beside its message is refused, by its bytes as they are stored", () => {
    const shell = JSON.stringify(of({ mapCard: "" })).length;
    const filled = (bytes: number) => of({ mapCard: "가".repeat(Math.floor((bytes - shell) / 3)) });
    expect(problem(filled(64 * 1024))).toBe(null);
    expect(problem(filled(64 * 1024 + 3))).toMatch(/^response: has \d+ bytes as JSON; 65536 are/);
  });

  it("names of JavaScript itself are no kinds of outputs or carousels", () => {
    expect(problem(of({ constructor: {}, toString: 1 }))).toBe(null);
    expect(problem(of({ carousel: { type: "constructor", items: [{}] } }))).toBe(null);
    expect(problem(of({ carousel: { type: "carousel", items: [{}] } }))).toBe(null);
  });
});
