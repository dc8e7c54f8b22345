import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { curlCommand, quote } from "../../src/deliveries/curl-command.ts";

/** Runs a script as bash reads it; an argument could not hold the longer ones. */
async function run(script: string): Promise<string> {
  const child = spawn("bash", [], { env: { ...process.env, no_proxy: "*" } });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(script);
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code).toBe(0);
  return output;
}
const utf8 = new TextEncoder();

const ODD = [
  "plain",
  "it's",
  `"double" $HOME $(id) \`id\` !! \\n`,
  "two\nlines\n",
  "tab\tand\r\nescape\u001b[31m",
  "한글 승인 🎉",
  "a\\'b\u0007",
  "\u202eturned\u009b",
  "@file",
  "-n",
  "%s %d",
  "'",
  "*?[a]{b,c}~",
  "=ls",
  "=",
  "",
];

describe("quote", () => {
  it.each(ODD)("the shell reads %j back", async (text) => {
    expect(await run(`printf %s ${quote(text)}`)).toBe(text);
  });

  it.each([
    ["=ls", "'=ls'"],
    ["==", "'=='"],
    ["~root", "'~root'"],
    ["a=b", "a=b"],
    ["https://x.example/?a=b", "'https://x.example/?a=b'"],
    ["#x", "'#x'"],
    ["a^b", "'a^b'"],
  ])("%s is %s, which zsh leaves alone too", (text, word) => {
    expect(quote(text)).toBe(word);
  });

  it("leaves nothing that acts on a terminal", () => {
    expect(quote("a\u001b[31m\u202e\u009b\tb")).toBe("$'a\\x1b[31m\\xe2\\x80\\xae\\xc2\\x9b\\tb'");
  });
});

/** Runs a command and gives what a server got of it. */
async function sent(make: (origin: string) => string) {
  const got: { method?: string; url?: string; headers: Record<string, unknown>; body: Buffer }[] =
    [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      got.push({ method, url, headers, body: Buffer.concat(chunks) });
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await run(make(origin));
  } finally {
    server.close();
  }
  return got;
}

describe("curlCommand", () => {
  it.each([
    ...ODD.map((text) => utf8.encode(text)),
    Uint8Array.of(0, 255, 10),
    new Uint8Array(200_000),
  ])("sends the very bytes of body %#", async (body) => {
    const url = "/a'b[1]{2}?q=1&r=$x";
    const headers: [string, string][] = [
      ["x-odd", `it's "$HOME" \\`],
      ["x-empty", ""],
    ];
    const [got] = await sent((origin) =>
      curlCommand({ method: "PUT", url: origin + url, headers }, body),
    );
    expect(got).toMatchObject({ method: "PUT", url });
    expect(got?.headers).toMatchObject({ "x-odd": `it's "$HOME" \\`, "x-empty": "" });
    expect(got?.headers).not.toHaveProperty("content-type");
    expect(got?.body.equals(body)).toBe(true);
  });

  it.each(["GET", "HEAD", "DELETE", "POST"])("%s without a body", async (method) => {
    const [got] = await sent((origin) =>
      curlCommand({ method, url: `${origin}/`, headers: [] }, null),
    );
    expect([got?.method, got?.body.length]).toEqual([method, 0]);
  });

  it("a large body is fetched first", () => {
    const request = { method: "POST", url: "https://x.example/", headers: [] };
    expect(curlCommand(request, { url: "https://app/api/v1/events/evt_1/body" })).toBe(
      "curl -sS -H 'authorization: Bearer <API key>' https://app/api/v1/events/evt_1/body | " +
        "curl -X POST https://x.example/ \\\n  -H 'content-type:' \\\n  --data-binary @-\n",
    );
  });
});
