export { type AddParticipants, addParticipants } from "./add-participants.ts";
export { block } from "./block.ts";
export { CHAT_ERRORS, ChatError, type ChatErrorCode } from "./chat-error.ts";
export {
  MAX_CONTENT_CHARS,
  MAX_LIMIT,
  MAX_PARTICIPANTS,
  MAX_TEMP_ID_CHARS,
  MAX_TITLE_CHARS,
  MAX_UNREAD,
  MAX_USER_ID_CHARS,
} from "./constants.ts";
export { createDirect } from "./create-direct.ts";
export { type CreateGroup, createGroup } from "./create-group.ts";
export { type DeletedMessage, type DeleteMessage, deleteMessage } from "./delete-message.ts";
export { type EditedMessage, type EditMessage, editMessage } from "./edit-message.ts";
export { findDirect } from "./find-direct.ts";
export { getConversation } from "./get-conversation.ts";
export { listBlocks } from "./list-blocks.ts";
export {
  type ConversationPage,
  type ListConversations,
  listConversations,
} from "./list-conversations.ts";
export { type ListMessages, listMessages } from "./list-messages.ts";
export { listParticipants } from "./list-participants.ts";
export { type MadeConversation } from "./make-conversation.ts";
export { pushUnpushed } from "./push-unpushed.ts";
export { type ReadMessages, type ReadState, readMessages } from "./read-messages.ts";
export { type RemoveParticipant, removeParticipant } from "./remove-participant.ts";
export { type RenameConversation, renameConversation } from "./rename-conversation.ts";
export { type SendMessage, type SentMessage, sendMessage } from "./send-message.ts";
export { setMuted } from "./set-muted.ts";
export { tellTyping } from "./tell-typing.ts";
export { type SentTo, tellUnheard } from "./tell-unheard.ts";
export {
  type ChatContext,
  type ChatDeps,
  type ChatUser,
  type ChatVersion,
  type Conversation,
  type Hint,
  type ListedConversation,
  type ListedMessage,
  type Message,
  type Participant,
  type Push,
  type PushDeps,
  userTopic,
} from "./types.ts";
export { unblock } from "./unblock.ts";
