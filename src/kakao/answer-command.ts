import { log } from "../log.ts";
import { claimGuess } from "./claim-guess.ts";
import type { KakaoDeps } from "./deps.ts";
import { pairConversation } from "./pair-conversation.ts";
import { readAccountStats } from "./read-account-stats.ts";
import type { Command } from "./read-command.ts";
import { koreanTime, TEXTS } from "./texts.ts";
import { unpairConversation } from "./unpair-conversation.ts";
import { type Conversation, isPaired } from "./upsert-conversation.ts";

type Deps = Pick<KakaoDeps, "db" | "settings" | "channels" | "waitUntil">;

/** Does what a command says; the text for the user. A database that fails is a text too. */
export async function answerCommand(
  deps: Deps,
  conversation: Conversation,
  command: Command,
): Promise<string> {
  switch (command.kind) {
    case "pair":
      return orElse(TEXTS.pairFailed, () => pair(deps, conversation, command.code));
    case "unpair":
      return orElse(TEXTS.unpairFailed, () => unpair(deps, conversation));
    case "status":
      return status(deps, conversation);
    case "help":
      return TEXTS.help;
  }
}

async function pair(deps: Deps, conversation: Conversation, code: string): Promise<string> {
  if (isPaired(conversation)) return TEXTS.alreadyPaired;
  const waitMs = await claimGuess(deps, conversation.id);
  if (waitMs !== null) return TEXTS.tooManyCodes(Math.max(1, Math.ceil(waitMs / 60_000)));
  const { kind } = await pairConversation(deps, conversation, code);
  return kind === "paired" ? TEXTS.paired : TEXTS.badCode;
}

async function unpair(deps: Deps, conversation: Conversation): Promise<string> {
  const wasPaired = await unpairConversation(deps, conversation);
  return wasPaired ? TEXTS.unpairedNow : TEXTS.notPaired;
}

async function status(deps: Deps, conversation: Conversation): Promise<string> {
  if (!isPaired(conversation)) return TEXTS.statusUnpaired;
  const { accountId, pairedAt } = conversation;
  const stats = await readAccountStats(deps, accountId).catch((error: unknown) => {
    log.error("kakao_stats_not_read", { accountId, error });
    return null;
  });
  return TEXTS.status(stats, pairedAt === null ? null : koreanTime(pairedAt));
}

async function orElse(text: string, work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    log.error("kakao_command_failed", { error });
    return text;
  }
}
