import type { Command } from "commander";
import type { RuleTestResult } from "../rules/schemas.ts";
import { collect, jsonOf } from "./body-fields.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { readHeaders } from "./read-headers.ts";
import { readBytes } from "./read-value.ts";
import { cellOf, layOut } from "./table.ts";

type Options = {
  match?: string;
  transform?: string;
  event?: string;
  body?: string;
  method: string;
  path: string;
  header?: string[];
  preset?: string;
};

/** `rules test`: why a match holds or does not, on a stored event or on a made-up one. */
export function addRuleTest(rules: Command, cli: Cli): void {
  const { options: say } = cli.say;
  const test = rules
    .command("test")
    .description(cli.say.commands.ruleTest)
    .requiredOption("--match <json>", say.match)
    .option("--transform <json>", say.transform)
    .option("--event <event>", say.event)
    .option("--body <text>", say.body)
    .option("--method <method>", say.method, "POST")
    .option("--path <path>", say.path, "/")
    .option("--header <name:value>", say.header, collect)
    .option("--preset <preset>", say.preset);
  onCall<Options>(cli, test, async (call, options) => {
    const body = {
      match: await jsonOf(cli, "--match", options.match),
      transform: await jsonOf(cli, "--transform", options.transform),
      ...(await readSubject(call, options)),
    };
    const result = await call.api.send<RuleTestResult>("POST", "/rules/test", "matched", body);
    if (call.print.json) call.print.value(result);
    else printTrace(call, result);
  });
}

async function readSubject({ cli, say }: Call, options: Options): Promise<object> {
  const { event, body, method, path, header, preset } = options;
  if ((event === undefined) === (body === undefined)) throw new CliError(say.errors.eventOrBody);
  if (event !== undefined) return { eventId: event };
  const bytes = await readBytes(cli, body ?? "");
  const [pathname = "", query] = path.split(/\?(.*)/s, 2);
  const bodyBase64 = Buffer.from(bytes).toString("base64");
  const headers = readHeaders(header ?? [], say);
  return { event: { method, path: pathname, query, headers, preset, bodyBase64 } };
}

function printTrace({ print, say }: Call, result: RuleTestResult): void {
  const { matched, trace, output, outputError } = result;
  print.line(matched ? print.paint("green", say.matched) : print.paint("yellow", say.notMatched));
  const { rows } = layOut(trace, [
    { title: "", of: ({ ok }) => (ok ? "✓" : "✗") },
    { title: "", of: ({ check }) => check },
    { title: "", of: ({ expected }) => `${say.wanted} ${expected}` },
    { title: "", of: ({ actual }) => `${say.has} ${actual}` },
  ]);
  for (const row of rows) print.line(`  ${row}`);
  if (outputError) {
    const { step, kind, message } = outputError;
    print.line(print.paint("red", say.stepFailed(step, kind, cellOf(message, 500))));
  }
  if (!output) return;
  print.line(say.wouldSend(output.contentType ?? "-", output.size));
  print.line(cellOf(output.body ?? output.bodyBase64, 2_000));
}
