/** What becomes of one queue message. */
export type Verdict = { ack: true } | { ack: false; delaySeconds: number };

/** By message id; a message without a verdict is acked. */
export type Verdicts = Map<string, Verdict>;

/**
 * Tells the queue what becomes of a batch before its last calls have ended; their deliveries are leased or due. True
 * when this told it: false before that when too many batches go on so, and ever after.
 */
export type Release = (verdicts: Verdicts) => boolean;
