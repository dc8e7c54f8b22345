// Ingest and gates read paths too; the edge Worker must not bundle the rules for it.
export { valuesAt } from "../json-path.ts";
