import { globTest, type TextTest } from "../glob.ts";
import { isId } from "../ids.ts";
import type { Check, Leaf, Part } from "./check.ts";
import { CONDITION_PARTS } from "./condition-parts.ts";
import { preview } from "./describe.ts";
import type { Facts } from "./facts.ts";
import { regexTest } from "./pattern.ts";
import { readConditions } from "./read-conditions.ts";
import type { Match } from "./schemas.ts";

const compiled = new WeakMap<Match, Part[]>();

/** The parts of a match, ready to be evaluated; made once per match object. Cheap parts stand first. */
export function partsOf(match: Match): Part[] {
  let parts = compiled.get(match);
  if (!parts) {
    parts = compile(match);
    compiled.set(match, parts);
  }
  return parts;
}

function compile(match: Match): Part[] {
  const { method, host, path, sender, query, headers, text, json, sms } = match;
  return [
    part(null, method && [methodLeaf(method)]),
    globPart("host", host?.toLowerCase(), hostForms),
    globPart("path", path, pathForms),
    globPart("sender", sender, sender !== undefined && isId("sender", sender) ? idOf : nameOf),
    part(null, query && conditionChecks("query", query)),
    part(null, headers && conditionChecks("headers", headers)),
    part("text", text && textLeaves(text)),
    part("json", json && conditionChecks("json", json)),
    part("sms", sms && conditionChecks("sms", sms)),
  ].filter((one) => one.checks.length > 0);
}

function part(reads: Part["reads"], checks: Part["checks"] = []): Part {
  return { reads, checks };
}

/** Throws on conditions that `Match` would refuse: to leave one out would match more than was asked. */
function conditionChecks(name: keyof typeof CONDITION_PARTS, conditions: unknown): Check[] {
  const { checks, issues } = readConditions(CONDITION_PARTS[name], conditions);
  const [issue] = issues;
  if (issue) throw new Error(`${[name, ...issue.path].join(".")} ${issue.message}`);
  return checks;
}

function methodLeaf(methods: string[]): Leaf {
  const wanted = new Set(methods.map((method) => method.toUpperCase()));
  return {
    check: "method",
    expected: `one of ${preview([...wanted])}`,
    find: (facts) => [facts.method],
    holds: ([method]) => wanted.has(String(method).toUpperCase()),
  };
}

function globPart(check: string, glob: string | undefined, find: (facts: Facts) => string[]): Part {
  if (glob === undefined) return part(null);
  const test = globTest(glob.normalize("NFC"));
  return part(null, [{ check, expected: `like ${preview(glob)}`, find, holds: someText(test) }]);
}

/** A sender's id stays when it is renamed; no name has the form of an id. */
function idOf({ senderId }: Facts): string[] {
  return typeof senderId === "string" ? [senderId] : [];
}

function nameOf({ senderName }: Facts): string[] {
  return [senderName];
}

/** A host with and without its port: a pattern need not name the port. */
function hostForms({ host }: Facts): string[] {
  const lower = host.toLowerCase();
  const bare = lower.replace(/:\d+$/, "");
  return bare === lower ? [lower] : [lower, bare];
}

/** A path as sent and with its percent-encoding undone: people write `/주문/*`, not `/%EC%A3%BC…`. */
function pathForms({ path }: Facts): string[] {
  if (!path.includes("%")) return [path];
  try {
    return [path, decodeURIComponent(path)];
  } catch {
    return [path];
  }
}

function textLeaves({ contains, regex }: NonNullable<Match["text"]>): Leaf[] {
  const leaves: Leaf[] = [];
  if (contains !== undefined) {
    const part = contains.normalize("NFC");
    leaves.push({
      check: "text.contains",
      expected: `contains ${preview(contains)}`,
      find: (facts) => valueOf(facts.normalizedText()),
      holds: ([text]) => typeof text === "string" && text.includes(part),
    });
  }
  if (regex !== undefined) {
    const test = regexTest(regex);
    if (typeof test !== "function") throw new Error(`text.regex ${test.refused}`);
    leaves.push({
      check: "text.regex",
      expected: `matches the regex ${preview(regex)}`,
      find: (facts) => valueOf(facts.text()),
      holds: ([text]) => typeof text === "string" && test(text),
    });
  }
  return leaves;
}

function valueOf(text: ReturnType<Facts["text"]>): string[] {
  return "unreadable" in text ? [] : [text.value];
}

function someText(test: TextTest) {
  return (values: readonly unknown[]) =>
    values.some((value) => typeof value === "string" && test(value.normalize("NFC")));
}
