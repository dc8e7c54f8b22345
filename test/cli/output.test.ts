import { describe, expect, test } from "vitest";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { answerJson, baton, serve } from "./support.ts";

const KEY = "bt_key";
const ESC = "\u001b";

/** A list of so many sources, in pages as the API gives them. */
function listOf(count: number) {
  return serve((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://x");
    const start = Number(searchParams.get("cursor") ?? 0);
    const limit = Number(searchParams.get("limit"));
    const end = Math.min(count, start + limit);
    const data = Array.from({ length: end - start }, (_, i) => ({
      id: `src_${start + i}`,
      slug: `slug-${start + i}`,
      name: "twin",
    }));
    answerJson(response, 200, { data, nextCursor: end < count ? String(end) : null });
  });
}

describe("lists page through cursors", () => {
  test.each([
    [[], 50, 1],
    [["--limit", "120"], 120, 2],
    [["--limit", "3"], 3, 1],
    [["--all"], 250, 3],
  ])("%j gives %i in %i calls", async (options, count, calls) => {
    const { url, requests } = await listOf(250);
    const ran = await baton(["sources", "ls", ...options, "--json", "--url", url, "--key", KEY]);
    const items = JSON.parse(ran.out) as { id: string }[];
    expect(items).toHaveLength(count);
    expect(new Set(items.map(({ id }) => id)).size).toBe(count);
    expect(requests).toHaveLength(calls);
    expect(ran.err).toBe("");
  });

  test("progress is on stderr: a line that changes on a terminal, seldom a line elsewhere", async () => {
    const { url } = await listOf(2_500);
    const words = ["sources", "ls", "--all", "--json", "--url", url, "--key", KEY];
    const onTerminal = await baton(words, { terminals: { stderr: true } });
    expect(onTerminal.err).toContain(`\r${ESC}[Kreading… 200`);
    expect(onTerminal.err.endsWith(`\r${ESC}[K`)).toBe(true);
    expect(onTerminal.err).not.toContain("\n");
    const elsewhere = await baton(words);
    expect(elsewhere.err).toBe("reading… 1000\nreading… 2000\n");
    expect(JSON.parse(elsewhere.out)).toHaveLength(2_500);
  });

  test("a terminal is told that there is more; a list in a pipe is only the list", async () => {
    const { url } = await listOf(60);
    const words = ["sources", "ls", "--url", url, "--key", KEY];
    const { err } = await baton(words, { terminals: { stderr: true } });
    expect(err).toContain("(the newest 50; more with --limit or --all)");
    expect((await baton(words)).err).toBe("");
  });

  test("a name that two have is refused with both ids", async () => {
    const { url, requests } = await listOf(2);
    const ran = await baton(["sources", "rm", "twin", "--yes", "--url", url, "--key", KEY]);
    expect(ran).toMatchObject({ code: EXIT.usage, out: "" });
    expect(ran.err).toContain("2 sources are called twin. Give an id: src_0, src_1");
    expect(requests.map(({ method }) => method)).toEqual(["GET"]);
  });
});

describe("a long list", () => {
  test("is printed page by page, as JSON and as a table", async () => {
    const { url, requests } = await listOf(101);
    const words = ["sources", "ls", "--all", "--url", url, "--key", KEY];
    const items = Array.from({ length: 101 }, (_, i) => ({
      id: `src_${i}`,
      slug: `slug-${i}`,
      name: "twin",
    }));
    const json = await baton([...words, "--json"]);
    expect(json.out).toBe(`${JSON.stringify(items, null, 2)}\n`);
    expect((await baton(words)).out.split("\n")).toHaveLength(103);
    expect(requests).toHaveLength(4);
  });

  test("is printed as far as it came when a later page fails", async () => {
    const { url } = await serve((request, response) => {
      if (request.url?.includes("cursor")) return answerJson(response, 400, { title: "Gone" });
      answerJson(response, 200, { data: [{ id: "src_1" }], nextCursor: "c" });
    });
    const ran = await baton(["sources", "ls", "--all", "--url", url, "--key", KEY]);
    expect(ran.code).toBe(EXIT.refused);
    expect(ran.out).toContain("src_1");
  });

  test("that gives the same place again ends with an error", async () => {
    const { url } = await serve((_, response) =>
      answerJson(response, 200, { data: [{ id: "src_1" }], nextCursor: "same" }),
    );
    const ran = await baton(["sources", "ls", "--all", "--url", url, "--key", KEY]);
    expect(ran.code).toBe(EXIT.unavailable);
  });
});

test("JSON cannot steer a terminal, and says the same", async () => {
  const name = "a\u009b2Jb\u202ec\u2028승인";
  const { url } = await serve((_, response) =>
    answerJson(response, 200, { data: [{ id: "src_1", name }], nextCursor: null }),
  );
  const { out } = await baton(["sources", "ls", "--json", "--url", url, "--key", KEY]);
  expect(out).toContain(String.raw`"a\u009b2Jb\u202ec\u2028승인"`);
  expect(JSON.parse(out)).toEqual([{ id: "src_1", name }]);
});

test("progress fits the terminal: a line that wraps could not be taken back", async () => {
  const { url } = await listOf(150);
  const words = ["sources", "ls", "--all", "--url", url, "--key", KEY];
  const env = { BATON_LANG: "ko" };
  const { err } = await baton(words, { env, terminals: { stderr: true }, columns: 9 });
  expect(err).toBe(`\r${ESC}[K읽고 있\r${ESC}[K`);
});

describe("colours", () => {
  test.each<[string, object, string[], boolean]>([
    ["on a terminal", {}, [], true],
    ["with NO_COLOR", { NO_COLOR: "1" }, [], false],
    ["on a dumb terminal", { TERM: "dumb" }, [], false],
    ["with --no-color", {}, ["--no-color"], false],
  ])("%s", async (_, env, options, coloured) => {
    const { url } = await listOf(1);
    const words = ["sources", "ls", ...options, "--url", url, "--key", KEY];
    const { out } = await baton(words, { env: { ...env }, terminals: { stdout: true } });
    expect(out.includes(ESC)).toBe(coloured);
  });

  test("none in a pipe, also when stderr is a terminal; --no-color may stand before the command", async () => {
    const { url } = await listOf(1);
    const words = ["sources", "ls", "--url", url, "--key", KEY];
    expect((await baton(words, { terminals: { stderr: true } })).out).not.toContain(ESC);
    const before = await baton(["--no-color", ...words], { terminals: { stdout: true } });
    expect(before.out).not.toContain(ESC);
  });
});

describe("deleting asks on a terminal", () => {
  const terminals = { stdin: true, stderr: true };

  test.each([
    ["y\n", 0, ["DELETE"]],
    ["예\n", 0, ["DELETE"]],
    ["n\n", EXIT.refused, []],
    ["\n", EXIT.refused, []],
    ["", EXIT.refused, []],
  ])("%j ends with %i", async (stdin, code, methods) => {
    const { url, requests } = await serve((_, response) => response.writeHead(204).end());
    const words = ["sources", "rm", "src_00000000000000000000000000", "--url", url, "--key", KEY];
    const ran = await baton(words, { terminals, stdin });
    expect(ran.code).toBe(code);
    expect(ran.err).toContain("Delete the source src_00000000000000000000000000? [y/N]");
    expect(requests.map(({ method }) => method)).toEqual(methods);
  });
});

describe("an event's body", () => {
  const bytes = Buffer.from([0, 255, 27, 91, 50, 74, 10]);

  test("goes to a pipe byte for byte, and not to a terminal that it could steer", async () => {
    const { url } = await serve((_, response) => response.end(bytes));
    const words = ["events", "body", "evt_1", "--url", url, "--key", KEY];
    expect((await baton(words)).out).toBe(bytes.toString("utf8"));
    const ran = await baton(words, { terminals: { stdout: true } });
    expect(ran).toMatchObject({ code: EXIT.usage, out: "" });
    expect(ran.err).toContain("-o FILE");
  });
});
