import { expect, it } from "vitest";
import { NOTICE_TEXTS, sayNotice } from "../../src/cli/tail-notice-texts.ts";
import type { Notice } from "../../src/tail/index.ts";

/** A value for every name that a notice may have. */
const VALUES = {
  pattern: "logs/[z-a]",
  name: "pollMs",
  value: -1,
  least: 0,
  match: "/(/",
  flags: "gm",
  reason: "ERR_ONE",
  path: "/var/log/one.log",
  aside: "/var/log/two",
  limit: 77,
  offset: 4711,
  origin: "https://baton.example.com",
  retrySeconds: 61,
  status: 409,
  text: "quoted answer",
  slug: "some-slug",
};

const codes = Object.keys(NOTICE_TEXTS.en) as Notice["code"][];

it.each(codes)("%s has one line in both languages, with the same values", (code) => {
  const used = new Set<string>();
  const values = new Proxy(VALUES, {
    get: (all, name) => (used.add(String(name)), Reflect.get(all, name)),
  });
  const english = sayNotice({ ...VALUES, code } as Notice, NOTICE_TEXTS.en);
  const korean = sayNotice({ ...VALUES, code } as Notice, NOTICE_TEXTS.ko);
  for (const texts of [NOTICE_TEXTS.en, NOTICE_TEXTS.ko]) {
    (texts[code] as (all: typeof VALUES) => string)(values);
  }
  for (const text of [english, korean]) {
    expect(text).not.toMatch(/undefined|\n/);
    for (const name of used) {
      const value = Reflect.get(VALUES, name) as string | number;
      // An answer's status also chooses the remedy.
      expect(text).toContain(String(value));
    }
  }
  expect(korean).toMatch(/[가-힣]/);
  expect(english).not.toMatch(/[가-힣]/);
});

it.each([401, 403, 404, 413])("a refusal with %i has a remedy of its own", (status) => {
  for (const texts of [NOTICE_TEXTS.en, NOTICE_TEXTS.ko]) {
    const say = (one: number) =>
      sayNotice({ code: "source_refused", status: one, text: "", retrySeconds: 60 }, texts);
    expect(say(status)).not.toBe(say(409).replace("409", String(status)));
  }
});
