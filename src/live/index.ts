export { type Notes, takeNotes } from "./notes.ts";
export { tellWatchers } from "./tell-watchers.ts";
