/** What an answer of the site says about the session that asked. */
export type Verdict = "in" | "out" | "inconclusive";
