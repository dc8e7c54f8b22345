import { valuesAt } from "./json-path.ts";
import type { ConditionPart } from "./read-conditions.ts";

/** The parts of a match that hold conditions, and where each finds its values. */
export const CONDITION_PARTS = {
  query: {
    name: "query",
    domain: "text",
    find: (facts, field) => facts.query().get(field) ?? [],
  },
  headers: {
    name: "headers",
    domain: "text",
    find: (facts, field) => {
      const value = facts.headers().get(field.toLowerCase());
      return value === undefined ? [] : [value];
    },
  },
  json: {
    name: "json",
    domain: "json",
    find: (facts, field) => {
      const json = facts.json();
      return "unreadable" in json ? [] : valuesAt(json.value, field);
    },
  },
  sms: {
    name: "sms",
    domain: "json",
    find: (facts, field) => {
      const sms = facts.sms();
      return "unreadable" in sms ? [] : valuesAt(sms.value, field);
    },
  },
} satisfies Record<string, ConditionPart>;
