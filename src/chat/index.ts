export { pushUnpushed } from "./push-unpushed.ts";
