import type { ChatContext } from "../chat/index.ts";
import type { Body } from "./read-body.ts";
import type { Query } from "./read-query.ts";

export type CallInput = {
  /** What its path names; else "". */
  params: { conversationId: string; messageId: string; userId: string };
  query: Query;
  body: Body;
};

/** A call of chat's REST API. */
export type Call = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/chat`, with `:name` for parameters. */
  path: string;
  /** Parameters of its query. */
  query?: readonly string[];
  /** Those that version 1 does not have: whoever gives one is answered as version 2. */
  newQuery?: readonly string[];
  /** Fields of its body. */
  fields?: readonly string[];
  /** Version 1 does not have it. */
  isNew?: true;
  /** What it answers, as JSON; undefined: nothing, with 204. */
  serve: (ctx: ChatContext, input: CallInput) => Promise<unknown>;
};
