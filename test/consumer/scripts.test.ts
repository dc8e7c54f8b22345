import { expect, it } from "vitest";
import { consumerDeps } from "../../src/deliveries/deps.ts";
import { loadScript } from "../../src/transforms/run-script.ts";
import { failureText, runTransform } from "../../src/transforms/run-transform.ts";
import { factsWith, origin } from "../transforms/run.ts";
import { consumerEnv } from "./support.ts";

const host = { scripts: consumerDeps(consumerEnv).scripts, organizationId: "org_test" };

/** Runs scripts in a row; the output's text or JSON, or the failure as one line. */
async function run(code: string | string[], body = "{}", organizationId = "org_test") {
  const steps = [code].flat().map((one) => ({ kind: "script" as const, code: one }));
  const result = await runTransform(steps, factsWith(body), origin, { ...host, organizationId });
  if ("failure" in result) return { failed: failureText(result.failure) };
  return result.output.kind === "text"
    ? { text: result.output.text }
    : { json: result.output.json };
}

it("script: sees what every step sees, and may wait", async () => {
  const code = `export default async ({ event, text, json, sender, source, sms }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { json: [event.id, event.headers, text, json.a, sender.name, source.slug, sms] };
  }`;
  expect(await run(code, '{"a":1}')).toEqual({
    json: [
      "evt_1",
      { "content-type": "application/json" },
      '{"a":1}',
      1,
      "Kim's phone",
      "card",
      null,
    ],
  });
});

it.each([
  ["a text", "() => 'hi'", { text: "hi" }],
  ["{text}", "() => ({ text: 'hi' })", { text: "hi" }],
  ["{json}", "() => ({ json: { text: 'hi' } })", { json: { text: "hi" } }],
  ["{json: null}", "() => ({ json: null })", { json: null }],
  ["another object", "() => ({ text: 'hi', n: 1 })", { json: { text: "hi", n: 1 } }],
  ["a list", "() => [1]", { json: [1] }],
  ["a number", "() => 0", { json: 0 }],
])("script: %s is an output", async (_, code, output) => {
  expect(await run(`export default ${code}`)).toEqual(output);
});

it("script: its output is the next step's input", async () => {
  const steps = ["export default () => ({ n: 1 })", "export default ({ json }) => `n ${json.n}`"];
  expect(await run(steps)).toEqual({ text: "n 1" });
});

it.each([
  ["nothing", "export default () => {}", "returns nothing"],
  ["what is no JSON", "export default () => () => 1", "returns what is no JSON"],
  ["a circle", "export default () => { const a = {}; a.a = a; return a }", "circular"],
  [
    "an exception",
    "\n\nexport default () => { throw new TypeError('no amount') }",
    "TypeError: no amount (line 3)",
  ],
  ["an exception that is no Error", "export default () => { throw 'x' }", "threw x"],
  ["no default export", "export const a = 1", "no function as its default export"],
  [
    "a syntax error",
    "\nexport default () => { return + ; }",
    "SyntaxError: Unexpected token ';' (line 2)",
  ],
  [
    "an error while it is loaded",
    "throw new Error('top')\nexport default 1",
    "Error: top (line 1)",
  ],
  ["a package", "import x from 'left-pad'; export default () => x", 'No such module "left-pad"'],
  ["eval", "export default () => eval('1')", "EvalError"],
  ["a large text", "export default () => 'x'.repeat(262145)", "gives more than 256 KiB"],
  ["a huge text", "export default () => 'x'.repeat(9e6)", "gives more than 256 KiB"],
  ["large JSON", "export default () => ['x'.repeat(262145)]", "gives more than 256 KiB"],
  [
    "deep JSON",
    "export default () => { let a = 1; for (let i = 0; i < 200; i++) a = [a]; return a }",
    "nested deeper",
  ],
])("script: %s is a failure that says why", async (_, code, why) => {
  const { failed } = await run(code);
  expect(failed).toMatch(/^step 1 \(script\) /);
  expect(failed).toContain(why);
});

it("script: has no network, no bindings, no cache and no log", async () => {
  const { failed } = await run("export default () => fetch('https://example.com/')");
  expect(failed).toContain("not permitted to access the internet");
  const socket =
    "import { connect } from 'cloudflare:sockets'; export default async () => { await connect('127.0.0.1:80').opened; return 1 }";
  expect((await run(socket)).failed).toContain("not permitted to access the internet");
  const bindings =
    "import { env } from 'cloudflare:workers'; export default () => [Object.keys(env), Object.keys(process.env), typeof caches]";
  expect(await run(bindings)).toEqual({ json: [[], [], "undefined"] });
  expect(await run("export default () => String(console.log)")).toEqual({ text: "() => {}" });
});

it("script: what it waits for ends by the time that a transform's scripts have together", async () => {
  const wait = (ms: number) =>
    `export default () => new Promise((resolve) => setTimeout(() => resolve('late'), ${ms}))`;
  const { failed } = await run([wait(3000), wait(4000)]);
  expect(failed).toBe("step 2 (script) did not end: the scripts of a transform have 5 s together");
}, 20_000);

it("script: no organization shares an isolate with another, and one that hung is left", async () => {
  const code =
    "let n = 0; export default ({ json }) => json.hang ? new Promise(() => {}) : String(++n)";
  expect(await run(code)).toEqual({ text: "1" });
  expect(await run(code)).toEqual({ text: "2" });
  expect(await run(code, "{}", "org_other")).toEqual({ text: "1" });
  expect((await run(code, '{"hang":true}')).failed).toContain("did not end");
  expect(await run(code)).toEqual({ text: "1" });
}, 20_000);

it("script: what it does to the globals does not change how its output is read", async () => {
  const code = `
    JSON.stringify = () => '{"text":"forged"}';
    globalThis.Response = class {};
    Promise.prototype.then = undefined;
    export default () => ({ json: { a: 1 } });`;
  const result = await run(code);
  expect("failed" in result || JSON.stringify(result) === '{"json":{"a":1}}').toBe(true);
}, 20_000);

it("script: is loaded, and not run, when it is saved", async () => {
  await loadScript("export default () => { throw new Error('not now') }", host);
  await expect(loadScript("export default 1", host)).rejects.toThrow("no function as its default");
  await expect(loadScript("\nexport default ) => 1", host)).rejects.toThrow("(line 2)");
});
