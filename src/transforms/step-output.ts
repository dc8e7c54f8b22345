/** What one step has made. `contentType` null: the default of its kind. */
export type StepOutput = { contentType: string | null } & (
  | { kind: "text"; text: string }
  | { kind: "json"; json: unknown }
);
