// Transforms are strict in the same way, and rules hold transforms.
export { strictly } from "../strictly.ts";
