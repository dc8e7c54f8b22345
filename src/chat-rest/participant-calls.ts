import { addParticipants, listParticipants, removeParticipant } from "../chat/index.ts";
import type { Call } from "./call.ts";
import { invalid, userIdsOf } from "./read-fields.ts";

const PARTICIPANTS = "/conversations/:conversationId/participants";

export const participantCalls: readonly Call[] = [
  {
    method: "GET",
    path: PARTICIPANTS,
    newQuery: ["detail"],
    serve: async (ctx, { params: { conversationId }, query: { detail = "0" } }) => {
      if (detail !== "0" && detail !== "1") throw invalid("detail", "give 0 or 1");
      const participants = await listParticipants(ctx, { conversationId });
      return detail === "1" ? participants : participants.map(({ userId }) => userId);
    },
  },
  {
    method: "POST",
    path: PARTICIPANTS,
    isNew: true,
    fields: ["userIds"],
    serve: async (ctx, { params: { conversationId }, body }) => {
      const userIds = userIdsOf(body, "userIds");
      if (userIds.length === 0) throw invalid("userIds", "give one at least");
      return addParticipants(ctx, { conversationId, userIds });
    },
  },
  {
    method: "DELETE",
    path: `${PARTICIPANTS}/:userId`,
    isNew: true,
    serve: async (ctx, { params: { conversationId, userId } }) => {
      await removeParticipant(ctx, {
        conversationId,
        userId: userId === "me" ? ctx.user.id : userId,
      });
    },
  },
];
