/** What becomes of one queue message. */
export type Verdict = { ack: true } | { ack: false; delaySeconds: number };

/** By message id; a message without a verdict is acked. */
export type Verdicts = Map<string, Verdict>;

/** Tells the queue what becomes of a batch before its last calls have ended; their deliveries are leased or due. */
export type Release = (verdicts: Verdicts) => void;
