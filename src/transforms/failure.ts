/** A step that cannot give its output; its text is shown to whoever reads the delivery. */
export class StepFailure extends Error {}
