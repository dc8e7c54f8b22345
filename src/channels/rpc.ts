import type { LoggedFrame } from "./frame.ts";

export type NewFrame = {
  event: string;
  /** JSON in one line. */
  data: string;
};

export type Publish = {
  frames: NewFrame[];
  /** The publisher's idempotency key, and a digest of what it publishes. */
  once?: { key: string; digest: string };
  ordered?: Ordered;
};

/**
 * Frames that their publishers number, so that several who race, or one who was stopped, tell each number once and in
 * order: `first` is the number of the first frame, the others follow it. The channel keeps the last number of each key.
 */
export type Ordered = {
  key: string;
  first: number;
  /** What comes up to this number is not meant for this channel. */
  base: number;
  /** Look in the log for the ids of frames that were there before. */
  findEarlier?: boolean;
};

/**
 * `conflict`: the key was used for something else. `isRepeat`: these ids are of the first time. `sockets`: how many
 * subscribers there are.
 *
 * Ordered frames: `ids` are those of the last frames, which were appended; `earlier` of the ones before them, which the
 * channel had, null where the log knows them no more. `missing`: nothing was appended, frames from this number on must
 * come first.
 */
export type Published =
  | {
      kind: "published";
      ids: string[];
      isRepeat: boolean;
      sockets: number;
      earlier?: (string | null)[];
    }
  | { kind: "missing"; from: number }
  | { kind: "conflict" };

/** `all`, `latest`, a frame's id; null: from now on. */
export type Since = string | null;

export type History = {
  frames: LoggedFrame[];
  /** Ids of the first and the last frame that are gone. */
  gap: { from: string; to: string } | null;
  /** Where the channel is now. */
  position: string;
};

export type ChannelState = {
  name: string;
  /** Another one each time the object is made: shows that it has slept. */
  instance: string;
  sockets: number;
};

/** A realtime topic, as its callers see it. */
export type ChannelRpc = {
  /** Appends to the log and sends to every subscriber; all frames that it lacks or none. */
  publish(input: Publish): Promise<Published>;
  history(since: Since, limit: number): Promise<History>;
  /** Sends texts as they are to every subscriber, and keeps nothing. */
  broadcast(texts: string[]): Promise<void>;
  describe(): Promise<ChannelState>;
};

/** The channels of a deployment, by the names of their objects. */
export type Channels = {
  getByName(
    name: string,
  ): ChannelRpc & { fetch(url: string, init: RequestInit): Promise<Response> };
};

/** What is asked of a socket; in the query of the upgrade. Only the app Worker asks: it has checked who is there. */
export type SocketWish = {
  format: "json" | "lines" | "sse";
  /** A message may hold several frames. */
  batch: boolean;
  since: Since;
  /** ms UTC when the socket is closed with `untilCode`; null: never. */
  until: number | null;
  untilCode: 4401 | 4409;
  /** What happens to one that reads too slowly: it misses frames and is told, or it is closed. */
  slow: "drop" | "disconnect";
  /** It acknowledges what it has read: `ack <bytes>`. */
  acks: boolean;
  /** So many sockets that say so: another one closes the oldest of them (4429). */
  most?: number;
};

/** Name of the object of an organization's channel. */
export function topicName(organizationId: string, channel: string): string {
  return `topic:${organizationId}:${channel}`;
}

/** Name of the object through which a source's events are watched. */
export function sourceTopic(sourceId: string): string {
  return `source:${sourceId}`;
}
