import { z } from "zod";

/*
 * What the calls take and answer, for their description; they read their input themselves, as the contract words it.
 */

const userId = z.string().meta({ description: "As the token's issuer calls them" });
const conversationId = z.uuid();
const messageId = z.uuid();
const at = z.iso.datetime().meta({ description: "RFC 3339 with `Z`" });
const seq = z.int().meta({ description: "Its number in the conversation" });
const pushSeq = z
  .int()
  .nullable()
  .meta({ description: "Number of the caller's own push; null: not told yet" });
const title = z.string().meta({ description: "Empty of a direct one" });
const participantId = z.string().nullable().meta({
  description: "The other one; of a group any other participant",
});

export const NewConversation = z
  .strictObject({
    recipientIdArr: z.array(z.string()).min(1).meta({
      description: "One for a direct conversation, two at least for a group",
    }),
    isGroup: z.boolean(),
    title: z.string().meta({ description: "Of a group not empty" }),
    tempConversationId: z.string().optional().meta({
      description: "Version 2: a repeat with the same one makes no second group",
    }),
  })
  .meta({ id: "ChatNewConversation" });
export const ConversationId = z.object({ conversationId }).meta({ id: "ChatConversationId" });

const Message = z.object({
  messageId,
  conversationId,
  sentAt: at,
  senderId: userId,
  content: z.string(),
});
export const FirstMessage = Message.meta({ id: "ChatMessageV1" });
export const ListedMessage = Message.extend({
  seq,
  editedAt: at.nullable(),
  deletedAt: at.nullable().meta({ description: "Its content is empty then" }),
}).meta({ id: "ChatMessage" });

export const FirstListed = z
  .object({
    conversationId,
    title,
    isGroup: z.boolean(),
    sentAt: at,
    latestContent: z.string(),
    senderId: userId,
    isRead: z.boolean().meta({ description: "Whether the caller has read the latest message" }),
    participantId,
  })
  .meta({ id: "ChatListedConversationV1" });
export const FirstConversation = z
  .object({ conversation_id: conversationId, title, isGroup: z.boolean(), participantId })
  .meta({ id: "ChatConversationV1" });

const conversation = {
  conversationId,
  title,
  isGroup: z.boolean(),
  createdBy: userId,
  createdAt: at,
  participantId,
  isMuted: z.boolean(),
  lastReadMessageId: messageId.nullable(),
};
export const Conversation = z.object(conversation).meta({ id: "ChatConversation" });
export const ConversationPage = z
  .object({
    conversations: z.array(
      z.object({
        ...conversation,
        latest: ListedMessage.nullable(),
        isRead: z.boolean(),
        unread: z.int().meta({ description: "Messages; counted up to 100" }),
      }),
    ),
    next: z
      .string()
      .nullable()
      .meta({ description: "`before` of the following page; null: this is the last" }),
  })
  .meta({ id: "ChatConversationPage" });

export const Participant = z
  .object({ userId, name: z.string(), joinedAt: at, lastReadMessageId: messageId.nullable() })
  .meta({ id: "ChatParticipant" });

export const SendMessage = z
  .strictObject({
    content: z.string().min(1),
    tempMessageId: z
      .unknown()
      .optional()
      .meta({ description: "Any JSON; a repeat with the same one gives the first one's answer" }),
  })
  .meta({ id: "ChatSendMessage" });
export const SentMessage = z
  .object({
    conversationId,
    messageId,
    tempMessageId: z.unknown().optional(),
    sentAt: at,
    seq: pushSeq,
  })
  .meta({ id: "ChatSentMessage" });
export const EditMessage = z
  .strictObject({ content: z.string().min(1) })
  .meta({ id: "ChatEditMessage" });
export const EditedMessage = z
  .object({ messageId, editedAt: at, seq: pushSeq })
  .meta({ id: "ChatEditedMessage" });
export const DeletedMessage = z
  .object({ messageId, deletedAt: at, seq: pushSeq })
  .meta({ id: "ChatDeletedMessage" });
export const ReadMessages = z
  .strictObject({ messageId: messageId.optional().meta({ description: "Up to this one" }) })
  .meta({ id: "ChatReadMessages" });
export const HasRead = z
  .object({ messageId: messageId.nullable(), readAt: at })
  .meta({ id: "ChatHasRead" });

export const RenameConversation = z
  .strictObject({ title: z.string() })
  .meta({ id: "ChatRenameConversation" });
export const AddParticipants = z
  .strictObject({ userIds: z.array(z.string()).min(1) })
  .meta({ id: "ChatAddParticipants" });
export const AddedParticipants = z
  .object({ added: z.array(z.string()) })
  .meta({ id: "ChatAddedParticipants" });

export const Me = z
  .object({
    userId,
    name: z.string(),
    unread: z.int().meta({ description: "Conversations with something unread" }),
  })
  .meta({ id: "ChatMe" });
export const Blocked = z.object({ userId, isBlocked: z.boolean() }).meta({ id: "ChatBlocked" });

const page = { url: z.string(), title: z.string() };
const Presence = z.object({
  userId,
  page: z.object({ ...page, domain: z.string() }).nullable(),
  latestPage: z.object({ ...page, domain: z.string() }).nullable(),
});
export const PresenceList = z
  .object({
    userPresence: Presence,
    presenceArr: z.array(Presence),
    userInfoMap: z.record(
      z.string(),
      z.object({
        user_id: z.string(),
        first_name: z.string(),
        last_name: z.string(),
        profile_image_extension: z.null(),
      }),
    ),
  })
  .meta({ id: "ChatPresenceList" });
export const PresencePage = z.object(page).nullable().meta({ id: "ChatPresencePage" });
