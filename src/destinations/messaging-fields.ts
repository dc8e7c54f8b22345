import { z } from "zod";

/** What every kind whose messages people read has in its config. */
export const messagingFields = {
  showCodes: z
    .boolean()
    .meta({
      description: "Messages of phones show their one-time codes; otherwise `******` stands there",
    })
    .optional(),
};
