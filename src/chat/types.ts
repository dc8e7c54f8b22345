import type { Deps } from "../context.ts";
import type { IngestSource } from "../ingest/index.ts";
import type { RateLimits } from "../rate-limits/index.ts";

/** 1: clients as they were; 2: those that ask for more. */
export type ChatVersion = 1 | 2;

/** Who has signed in. */
export type ChatUser = {
  organizationId: string;
  id: string;
  /** As the token says; "" when it does not. */
  name: string;
  /** When the token ends (ms UTC). */
  expiresAt: number;
};

/** What telling participants needs. */
export type PushDeps = Pick<Deps, "db" | "channels">;

/** What chat's verbs work with. */
export type ChatDeps = PushDeps &
  Pick<Deps, "shards" | "bodies" | "eventsQueue" | "settings"> & {
    rateLimits: RateLimits;
    waitUntil: (promise: Promise<unknown>) => void;
  };

/** Who asks. `source`: where events of chat go. */
export type ChatContext = ChatDeps & {
  source: IngestSource;
  user: ChatUser;
  version: ChatVersion;
};

/** Name of the object through which all connections of a user are told. */
export function userTopic(organizationId: string, userId: string): string {
  return `chat:${organizationId}:${userId}`;
}

/** A message as REST and pushes show it. `sentAt`: RFC 3339 with `Z`. */
export type Message = {
  messageId: string;
  conversationId: string;
  senderId: string;
  content: string;
  sentAt: string;
};

/**
 * What a user's channel carries: the event's name is `type`, its data the rest. Version-1 connections are given
 * `new-message` and `read-messages` only, with exactly the keys of the contract; version 2 all of them, with `seq`.
 */
export type Push =
  | ({ type: "new-message"; tempMessageId: unknown } & Message)
  | {
      type: "message-edited";
      conversationId: string;
      messageId: string;
      userId: string;
      /** "" when it was deleted meanwhile, and for those who have joined after it was written. */
      content: string;
      editedAt: string;
    }
  | {
      type: "message-deleted";
      conversationId: string;
      messageId: string;
      userId: string;
      deletedAt: string;
    }
  | {
      type: "conversation-created";
      conversationId: string;
      userId: string;
      title: string;
      isGroup: boolean;
      participants: string[];
      at: string;
    }
  | {
      type: "participants-added" | "participants-removed";
      conversationId: string;
      /** Who did it; of one who left the same as in `userIds`. */
      userId: string;
      userIds: string[];
      at: string;
    }
  | {
      type: "conversation-renamed";
      conversationId: string;
      userId: string;
      title: string;
      at: string;
    }
  /** `messageId`: the last one that was read; null: none. */
  | {
      type: "read-messages";
      conversationId: string;
      userId: string;
      messageId: string | null;
      readAt: string;
    };

/** What is told to connections and kept nowhere; version 2 only. */
export type Hint =
  | { type: "typing"; conversationId: string; userId: string; isTyping: boolean }
  | { type: "presence"; userId: string; isOnline: boolean; lastSeenAt: string };

/** A message in a list; one that was deleted has the content "". Times: RFC 3339 with `Z`. */
export type ListedMessage = Message & {
  /** Its number in the conversation: what read pointers are compared with. */
  seq: number;
  editedAt: string | null;
  deletedAt: string | null;
};

/** A conversation, as one of its participants sees it. */
export type Conversation = {
  conversationId: string;
  /** "" of a direct one. */
  title: string;
  isGroup: boolean;
  createdBy: string;
  createdAt: string;
  /** Of a direct one the other; of a group any other participant, null when there is none. */
  participantId: string | null;
  isMuted: boolean;
  /** The last message that the asker has read; null: none. */
  lastReadMessageId: string | null;
};

export type ListedConversation = Conversation & {
  /** Null: nobody has written since the asker has joined. */
  latest: ListedMessage | null;
  /** The latest message is read, or by the asker. True when there is none. */
  isRead: boolean;
  /** Messages of others that the asker has not read; counted up to `MAX_UNREAD`. */
  unread: number;
};

export type Participant = {
  userId: string;
  /** "" when their tokens do not say. */
  name: string;
  joinedAt: string;
  lastReadMessageId: string | null;
};
