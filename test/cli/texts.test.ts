import type { Command } from "commander";
import { expect, test } from "vitest";
import { textsIn } from "../../src/cli/texts.ts";
import { baton } from "./support.ts";

type Leaf = { path: string; text: string };

/** Every text with its path; functions are called with values of no meaning. */
function leaves(value: unknown, path = ""): Leaf[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value === "function") {
    const text = value.call(undefined, "sources", "x", ["y", "z"]) as string;
    return [{ path, text }];
  }
  return Object.entries(value as object).flatMap(([name, inner]) =>
    leaves(inner, `${path}.${name}`),
  );
}

test("every text is there in both languages; what people read in sentences is Korean in Korean", () => {
  const english = leaves(textsIn("en"));
  const korean = leaves(textsIn("ko"));
  expect(korean.map(({ path }) => path)).toEqual(english.map(({ path }) => path));
  const untranslated = korean.filter(({ text }) => !/[가-힣]/.test(text)).map(({ path }) => path);
  expect(untranslated).toEqual([
    ".columns.id",
    ".columns.slug",
    ".columns.url",
    ".columns.ip",
    ".yesOrNo",
  ]);
});

test.each([
  [{ BATON_LANG: "ko" }, "사용법:"],
  [{ LANG: "ko_KR.UTF-8" }, "사용법:"],
  [{ LANG: "ko_KR.UTF-8", BATON_LANG: "en" }, "Usage:"],
  [{ LANG: "C" }, "Usage:"],
])("help with %j begins with %s", async (env, expected) => {
  const { code, out } = await baton(["rules", "create", "--help"], { env });
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^${expected}`));
});

test("Korean help has no English of commander's", async () => {
  const env = { BATON_LANG: "ko" };
  const test = await baton(["rules", "test", "--help"], { env });
  expect(test.out).toMatch(/^사용법: baton rules test \[옵션\]\n/);
  expect(test.out).toContain("(기본: POST)");
  const tail = await baton(["tail", "--help"], { env });
  expect(tail.out).toContain("(환경 변수: BATON_SENDER_KEY)");
  const all = await baton(["--help"], { env });
  expect(test.out + tail.out + all.out).not.toMatch(/\((default|env)|\[(options|command)\]/);
});

test("every command describes itself and its options, in both languages", async () => {
  const { createProgram } = await import("../../src/cli/program.ts");
  for (const language of ["en", "ko"] as const) {
    const cli = { say: textsIn(language), env: {}, stdout: {}, stderr: {} };
    const walk = (command: Command): string[] => [
      ...(command.description() ? [] : [command.name()]),
      ...command.options.filter(({ description }) => !description).map(({ flags }) => flags),
      ...command.commands.flatMap(walk),
    ];
    expect(walk(createProgram(cli as never))).toEqual([]);
  }
});
