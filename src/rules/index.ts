export { MAX_MATCHED_BODY_BYTES } from "./constants.ts";
export { type Facts, factsOf, type RequestFacts } from "./facts.ts";
export { type Explanation, explainMatch, matches } from "./match.ts";
export { parseMatch } from "./match-schema.ts";
export { Match, Rule } from "./schemas.ts";
export { type RoutableRule, rulesReadBody, type Selection, selectRules } from "./select-rules.ts";
