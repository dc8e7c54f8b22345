import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { textsIn } from "../../src/cli/texts.ts";
import { pickPort } from "../support/pick-port.ts";
import { ROOT } from "../support/run-program.ts";
import { answerJson, baton, newFolder, serve } from "./support.ts";

const SECRET = "bt_secret_of_the_test";

function problem(status: number, detail: string, errors?: object[]) {
  return serve((_, response) =>
    answerJson(response, status, { title: "T", status, detail, errors }),
  );
}

describe("an error is one line on stderr, with its exit code", () => {
  test.each<[number, string, number]>([
    [400, "cursor: not one of this list's", EXIT.refused],
    [401, "This API key is unknown", EXIT.unauthorized],
    [403, "This key has no scope `admin`", EXIT.unauthorized],
    [409, "The slug is taken", EXIT.refused],
    [422, "slug: is reserved", EXIT.refused],
    [429, "Too many", EXIT.unavailable],
    [500, "Baton failed here", EXIT.unavailable],
    [503, "Not now", EXIT.unavailable],
  ])("%i ends with the problem's sentence", async (status, detail, code) => {
    const { url } = await problem(status, detail);
    const ran = await baton(["sources", "ls", "--url", url, "--key", SECRET]);
    expect(ran).toMatchObject({ code, out: "" });
    expect(ran.err).toMatch(/^baton: [^\n]+\n$/);
    expect(ran.err).toContain(detail);
  });

  test("fields that the sentence does not name are named", async () => {
    const { url } = await problem(422, "slug: too short", [
      { path: "slug", message: "too short" },
      { path: "name", message: "is blank" },
    ]);
    const { err } = await baton(["sources", "create", "--url", url, "--key", SECRET]);
    expect(err).toBe("baton: slug: too short · name: is blank (422)\n");
  });

  test.each([
    ["a problem", { title: "T", status: 429, detail: "Too many" }],
    ["a gateway's page", {}],
  ])("%s with Retry-After says when to try again", async (_, body) => {
    const { url } = await serve((_, response) => {
      response.setHeader("retry-after", "30");
      answerJson(response, 429, body);
    });
    const ran = await baton(["sources", "ls", "--url", url, "--key", SECRET]);
    expect(ran).toMatchObject({ code: EXIT.unavailable, out: "" });
    expect(ran.err).toMatch(/ Try again in 30 s\.\n$/);
  });

  test("404 says where to look", async () => {
    const { url } = await problem(404, "There is no delivery dlv_1.");
    const { err } = await baton(["deliveries", "get", "dlv_1", "--url", url, "--key", SECRET]);
    expect(err).toBe(
      "baton: There is no delivery dlv_1. (404) See what there is: baton deliveries ls\n",
    );
  });

  test("nobody answers there", async () => {
    const port = await pickPort();
    const ran = await baton([
      "sources",
      "ls",
      "--url",
      `http://127.0.0.1:${port}`,
      "--key",
      SECRET,
    ]);
    expect(ran.code).toBe(EXIT.unavailable);
    expect(ran.err).toBe(
      `baton: http://127.0.0.1:${port} cannot be reached (ECONNREFUSED). Check the address (--url), or start the local session: npm start\n`,
    );
  });

  test("somebody else answers there", async () => {
    const { url } = await serve((_, response) => response.end("<html>"));
    const list = await baton(["sources", "ls", "--url", url, "--key", SECRET]);
    expect(list).toMatchObject({ code: EXIT.unavailable });
    expect(list.err).toContain("does not answer as Baton does");
    const health = await baton(["health", "--url", url]);
    expect(health).toMatchObject({ code: EXIT.refused, out: "" });
  });

  test.each(["null", "[]", "{}", '{"received":true}', '"x"', '{"data":[],"nextCursor":""}'])(
    "somebody else answers %s to everything, as the receiver does",
    async (answer) => {
      const { url } = await serve((_, response) => response.end(answer));
      const id = "src_00000000000000000000000000";
      for (const words of [
        ["sources", "ls"],
        ["sources", "get", id],
        ["sources", "create"],
        ["sources", "rm", id, "--yes"],
        ["events", "get", "evt_1"],
        ["events", "replay", "evt_1"],
        ["deliveries", "get", "dlv_1"],
        ["deliveries", "failures"],
        ["deliveries", "retry", "dlv_1"],
        ["rules", "test", "--match", "{}", "--body", "x"],
        ["stats"],
      ]) {
        const ran = await baton([...words, "--url", url, "--key", SECRET]);
        expect({ words, ...ran }).toMatchObject({ words, code: EXIT.unavailable, out: "" });
        expect(ran.err).toMatch(/^baton: [^\n]+ does not answer as Baton does\. [^\n]+\n$/);
      }
    },
  );

  test("problems of others, with fields in other forms", async () => {
    for (const problem of [
      { title: "T", errors: { name: ["is blank"] } },
      { title: "T", detail: 7, errors: [null, {}] },
    ]) {
      const { url } = await serve((_, response) => answerJson(response, 400, problem));
      const ran = await baton(["sources", "ls", "--url", url, "--key", SECRET]);
      expect(ran).toMatchObject({ code: EXIT.refused, out: "" });
    }
  });

  test("an answer that ends in its middle", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write("{");
      setImmediate(() => response.destroy());
    });
    const folder = newFolder();
    const file = ["-o", join(folder, "body")];
    for (const words of [
      ["sources", "ls"],
      ["health"],
      ["events", "body", "evt_1"],
      ["events", "body", "evt_1", ...file],
      ["deliveries", "curl", "dlv_1", "1"],
    ]) {
      const ran = await baton([...words, "--url", url, "--key", SECRET]);
      expect({ words, ...ran }).toMatchObject({ words, code: EXIT.unavailable, out: "" });
      expect(ran.err).toBe(`baton: ${url} ended its answer in the middle. Try again\n`);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a redirect is not followed: the key stays here", async () => {
    const other = await serve((_, response) =>
      answerJson(response, 200, { data: [], nextCursor: null }),
    );
    const { url } = await serve((_, response) => {
      response.writeHead(308, { location: `${other.url}/api/v1/sources` });
      response.end();
    });
    const ran = await baton(["sources", "ls", "--url", url, "--key", SECRET]);
    expect(ran.code).toBe(EXIT.refused);
    expect(ran.err).toContain(`redirects to ${other.url}`);
    expect(other.requests).toEqual([]);
  });

  test("a part that failed is exit 3 in health, with the report", async () => {
    const report = { status: "degraded", parts: { control: "ok", events_0: "failed" } };
    const { url, requests } = await serve((_, response) => answerJson(response, 503, report));
    const ran = await baton(["health", "--json", "--url", url]);
    expect(ran.code).toBe(EXIT.unavailable);
    expect(JSON.parse(ran.out)).toEqual(report);
    expect(ran.err).toContain("events_0");
    expect(requests).toEqual([{ method: "GET", url: "/health?deep=1", authorization: undefined }]);
  });

  test("the key is in no error", async () => {
    const { url } = await problem(401, "This API key is unknown");
    for (const words of [["sources", "ls"], ["login"], ["sources", "ls", "--oops"]]) {
      const { err, out } = await baton([...words, "--url", url, "--key", SECRET]);
      expect(err).not.toContain(SECRET);
      expect(out).not.toContain(SECRET);
    }
    const broken = await baton(["sources", "ls", "--url", url, "--key", `${SECRET}\n`]);
    expect(broken).toMatchObject({ code: EXIT.usage });
    expect(broken.err).not.toContain(SECRET);
  });

  test.each([
    [["sources", "ls", `--kee=${SECRET}`]],
    [["sources", "ls", "--url", `https://me:${SECRET}@127.0.0.1/`]],
    [["sources", "ls", "--url", `https://127.0.0.1/?key=${SECRET}`]],
    [["destinations", "create", "--config", `secretKey:=${SECRET}`]],
    [["destinations", "create", "--config", SECRET]],
    [["rules", "test", "--match", "{}", "--body", "x", "--header", `authorization ${SECRET}`]],
    [["send", "x", "--header", `authorization: ${SECRET}\u0000`]],
  ])("what may be a key is not shown: %j", async (words) => {
    const { code, out, err } = await baton(words);
    expect([code, out]).toEqual([EXIT.usage, ""]);
    expect(err).toMatch(/^baton: [^\n]+\n$/);
    expect(err).not.toContain(SECRET);
  });

  test("a line of progress on a terminal is gone before the error", async () => {
    const { url } = await serve((request, response) => {
      if (request.url?.includes("cursor")) return answerJson(response, 500, { title: "Oh no" });
      answerJson(response, 200, { data: [{ id: "src_1" }], nextCursor: "c" });
    });
    const words = ["sources", "ls", "--all", "--url", url, "--key", SECRET];
    const { err } = await baton(words, { terminals: { stderr: true } });
    expect(err).toBe("\r\u001b[Kreading… 1\r\u001b[Kbaton: Oh no (500)\n");
  });

  test("stopped by a signal", async () => {
    const controller = new AbortController();
    const { url } = await serve(() => controller.abort());
    const ran = await baton(["sources", "ls", "--url", url, "--key", SECRET], {
      signal: controller.signal,
    });
    expect(ran).toEqual({ code: EXIT.interrupted, out: "", err: "baton: Stopped.\n" });
  });

  test.each([
    ["while it reads its input", ["sources", "create", "--data", "-"], {}],
    [
      "while it asks",
      ["keys", "rm", "key_00000000000000000000000000"],
      { stdin: true, stderr: true },
    ],
  ])("stopped by a signal %s", async (_, words, terminals) => {
    const controller = new AbortController();
    const connected = [...words, "--url", "http://127.0.0.1:9", "--key", SECRET];
    const ended = baton(connected, { stdin: null, terminals, signal: controller.signal });
    setImmediate(() => controller.abort());
    const { code, err } = await ended;
    expect([code, err.endsWith("baton: Stopped.\n")]).toEqual([EXIT.interrupted, true]);
  });
});

describe("what is wrong on the command line is exit 2, before any call", () => {
  const connected = ["--url", "http://127.0.0.1:9", "--key", SECRET];

  test.each<[string[], string]>([
    [["soruces", "ls"], "Unknown command soruces. Did you mean sources? See: baton --help"],
    [["sources", "get"], "The argument <source> is missing. See: baton sources get --help"],
    [
      ["sources", "ls", "--limt", "3"],
      "Unknown option --limt. Did you mean --limit? See: baton sources ls --help",
    ],
    [
      ["sources", "ls", "--limit"],
      "The option --limit <n> needs a value. See: baton sources ls --help",
    ],
    [["rules", "test"], "The option --match <json> is missing. See: baton rules test --help"],
    [["health", "x"], "There are more arguments than this command takes. See: baton health --help"],
    [["sources", "ls", "--limit", "0"], "--limit is no number. Give one from 1 to 1000000"],
    [
      ["sources", "ls", "--limit", "5", "--all"],
      "--limit and --all do not go together. Leave one out.",
    ],
    [["sources", "create", "--dedup", "{"], "--dedup is no JSON."],
    [["sources", "create", "--data", "[]"], "--data is no JSON object. Give {…}"],
    [["sources", "create", "--data", "@/nowhere/x"], "/nowhere/x cannot be read (ENOENT)."],
    [["sources", "create", "--enable", "--disable"], "--enable and --disable do not go together."],
    [["sources", "update", "x"], "Nothing is given to change."],
    [["destinations", "create", "--config", "x"], "--config cannot be read."],
    [["destinations", "create", "--retry", "1;2"], "--retry 1;2 cannot be read."],
    [["destinations", "create", "--rate", "fast"], "--rate is no number."],
    [["events", "ls", "--from", "noon"], "--from noon is no time."],
    [["rules", "test", "--match", "{}"], "Give either --event (a stored event) or --body"],
    [
      ["rules", "test", "--match", "{}", "--body", "x", "--header", "x"],
      "A --header cannot be read.",
    ],
    [["send", "x", "--path", "a"], "--path a is no path. Begin it with /"],
    [["send", "x", "--method", "get", "-d", "x"], "GET takes no --data."],
    [
      ["keys", "rm", "key_00000000000000000000000000"],
      "Nobody can be asked here. Add --yes to delete",
    ],
    [["sources", "get", ""], "The argument <source> is empty."],
    [["events", "get", ".."], ".. is no id. See what there is: baton events ls"],
    [["deliveries", "retry", "../x"], "../x is no id. See what there is: baton deliveries ls"],
    [["events", "replay", "evt_1", "--destination", ""], "No destination is named"],
    [["deliveries", "ls", "--source", ""], "No source is named"],
    [["destinations", "create", "--retry", ""], "--retry  cannot be read."],
    [["sources", "create", "--retention-days", ""], "--retention-days is no number."],
    [["destinations", "update", "x", "--rate", "none", "--concurrency", "3"], "--rate none ends"],
    [["send", "x", "--method", "A B"], "--method A B cannot be sent."],
    [["send", "x", "--method", "connect"], "--method CONNECT cannot be sent."],
    [["config", "set", "colour", "x"], "There is no setting colour. Set url or key"],
    [["completion", "tcsh"], "There is no completion for tcsh. Use bash, zsh or fish"],
    [["help", "nothing"], "Unknown command nothing. See: baton --help"],
  ])("%j", async (words, expected) => {
    const hasOptions = !["config", "completion", "help"].includes(words[0] ?? "");
    const ran = await baton([...(hasOptions ? connected : []), ...words]);
    expect(ran).toMatchObject({ code: EXIT.usage, out: "" });
    expect(ran.err).toMatch(/^baton: [^\n]+\n$/);
    expect(ran.err).toContain(expected);
  });

  test("text in another charset is refused: it would become other text", async () => {
    const { url, requests } = await serve((_, response) => answerJson(response, 201, {}));
    const file = join(newFolder(), "euc-kr.json");
    writeFileSync(file, Buffer.from([0x7b, 0x22, 0xb0, 0xa1, 0x22, 0x3a, 0x31, 0x7d]));
    for (const words of [
      ["sources", "create", "--data", `@${file}`],
      ["events", "replay", "evt_1", "--body", `@${file}`],
    ]) {
      const ran = await baton([...words, "--url", url, "--key", SECRET]);
      expect({ words, ...ran }).toMatchObject({ words, code: EXIT.usage, out: "" });
      expect(ran.err).toContain(`${file} is no text in UTF-8.`);
    }
    expect(requests).toEqual([]);
  });

  test("input that never ends is not read to its end", async () => {
    const ran = await baton(["rules", "test", "--match", "{}", "--body", "@/dev/zero"]);
    expect(ran).toMatchObject({ code: EXIT.usage, out: "" });
    expect(ran.err).toContain("/dev/zero has more than 32 MiB");
  });

  test.each([["content-length: 5"], ["transfer-encoding: chunked"], ["expect: 100-continue"]])(
    "a header that is the connection's own: %s",
    async (header) => {
      const source = { id: "src_1", slug: "demo", name: "demo", url: "http://demo.localhost:1" };
      const { url } = await serve((_, response) =>
        answerJson(response, 200, { data: [source], nextCursor: null }),
      );
      const words = ["send", "demo", "-d", "x", "-H", header, "--url", url, "--key", SECRET];
      const ran = await baton(words);
      expect(ran).toMatchObject({ code: EXIT.usage, out: "" });
      expect(ran.err).toContain("This request cannot be sent");
    },
  );

  test.each([[[]], [["sources"]]])("%j alone shows the help", async (words) => {
    const ran = await baton(words);
    expect(ran).toMatchObject({ code: EXIT.usage, out: "" });
    expect(ran.err).toMatch(/^Usage: baton/);
  });

  test("a port that is taken", async () => {
    const server = createServer();
    const port = await pickPort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const ran = await baton(["receive", "--port", String(port)]);
    server.close();
    expect(ran).toMatchObject({ code: EXIT.usage, out: "" });
    expect(ran.err).toContain(`Port ${port} cannot be used (EADDRINUSE). Take another one: --port`);
  });

  test("without any deployment", async () => {
    const ran = await baton(["sources", "ls"], { cwd: newFolder() });
    expect(ran).toEqual({
      code: EXIT.usage,
      out: "",
      err: `baton: ${textsIn("en").errors.noTarget}\n`,
    });
  });
});

test("exit codes: the command and the docs list every one of them", async () => {
  const { code, out } = await baton(["help", "exit-codes"]);
  expect(code).toBe(0);
  const listed = out
    .trimEnd()
    .split("\n")
    .map((line) => Number.parseInt(line, 10));
  const all = Object.values(EXIT).toSorted((a, b) => a - b);
  expect(listed).toEqual(all);
  const docs = readFileSync(join(ROOT, "docs/cli.md"), "utf8");
  const rows = [...docs.matchAll(/^\| (\d+) \|/gm)].map(([, row]) => Number(row));
  expect(rows).toEqual(all);
});
