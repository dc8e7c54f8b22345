import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { expect, it } from "vitest";

type Consumer = { queue: string; dead_letter_queue?: string };

it("what a queue gives up goes to a queue of its own, which the consumer reads", () => {
  const toml = parse(readFileSync("workers/consumer/wrangler.toml", "utf8"));
  const { producers, consumers } = toml.queues as {
    producers: { queue: string }[];
    consumers: Consumer[];
  };
  const deadLettersOf = (queue: string) =>
    consumers.find((one) => one.queue === queue)?.dead_letter_queue;
  expect(producers.map(({ queue }) => [queue, deadLettersOf(queue)])).toEqual([
    ["baton-events", "baton-events-dead"],
    ["baton-deliveries", "baton-deliveries-dead"],
  ]);
  const read = consumers.map(({ queue }) => queue);
  expect(read).toEqual(expect.arrayContaining(["baton-events-dead", "baton-deliveries-dead"]));
});
