import {
  type ClientError,
  type Frame,
  type Gap,
  type State,
  type SubscribeOptions,
  subscribe,
  type TransportName,
} from "../../src/client/index.ts";
import { waitFor } from "../support/wait-for.ts";
import { Topic } from "./topic.ts";

export const ALL: TransportName[] = ["ws", "sse", "ndjson", "poll"];

/** Waits that suit a server in the same process. */
export const FAST = {
  firstRetryMs: 2,
  maxRetryMs: 20,
  openMs: 1500,
  silenceMs: 1500,
  pingMs: 40,
  pongMs: 1500,
  pollMs: 1500,
};

const topics = new Set<Topic>();
const followers = new Set<Follower>();

/** A subscriber and all that it was told. */
export type Follower = {
  frames: Frame[];
  gaps: Gap[];
  states: State[];
  subscription: ReturnType<typeof subscribe>;
  /** Waits until it has so many frames. */
  has(count: number): Promise<unknown>;
  isOpen(times?: number): Promise<unknown>;
  /** What it gave up with. */
  error(): Promise<ClientError>;
};

export async function startTopic(): Promise<{ topic: Topic; url: string }> {
  const topic = new Topic();
  topics.add(topic);
  return { topic, url: await topic.start() };
}

/** Ends what a test began. */
export async function stopAll(): Promise<void> {
  for (const { subscription } of followers) subscription.close();
  for (const topic of topics) await topic.stop();
  topics.clear();
  followers.clear();
}

export function follow(url: string, more: Partial<SubscribeOptions> = {}): Follower {
  const frames: Frame[] = [];
  const gaps: Gap[] = [];
  const states: State[] = [];
  const target = more.path === undefined ? { channel: "orders" } : {};
  const options = {
    url,
    ...target,
    onFrame: (frame: Frame) => void frames.push(frame),
    onGap: (gap: Gap) => void gaps.push(gap),
    onState: (state: State) => void states.push(state),
    ...more,
    timing: { ...FAST, ...more.timing },
  };
  const subscription = subscribe(options as SubscribeOptions);
  const explain = () => JSON.stringify({ got: frames.length, gaps, states: states.slice(-5) });
  const follower: Follower = {
    frames,
    gaps,
    states,
    subscription,
    has: (count) =>
      waitFor(() => frames.length >= count, { what: `${count} frames`, everyMs: 5, explain }),
    isOpen: (times = 1) =>
      waitFor(() => states.filter(({ kind }) => kind === "open").length >= times, {
        what: `${times} connections`,
        everyMs: 5,
        explain,
      }),
    error: () =>
      subscription.done.then(
        () => Promise.reject(new Error("it ended without an error")),
        (error: ClientError) => error,
      ),
  };
  followers.add(follower);
  return follower;
}

export function idsOf(follower: Follower): string[] {
  return follower.frames.map(({ id }) => id);
}

/** `e1-1` … */
export function ids(from: number, to: number, epoch = "e1"): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${epoch}-${from + i}`);
}
