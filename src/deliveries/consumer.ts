export async function consumeBatch(batch: MessageBatch, _env: ConsumerEnv): Promise<void> {
  batch.ackAll();
}
