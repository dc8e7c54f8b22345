import type { Command } from "commander";
import { registerChannels } from "./channel-token.ts";
import type { Cli } from "./cli.ts";
import { registerCompletion } from "./completion.ts";
import { registerConfig } from "./config-commands.ts";
import { registerDeliveries } from "./deliveries.ts";
import { registerDestinations } from "./destinations.ts";
import { registerEvents } from "./events.ts";
import { registerFollow } from "./follow.ts";
import { registerHealth } from "./health.ts";
import { registerHelp } from "./help.ts";
import { registerIssuers } from "./issuers.ts";
import { registerKakao } from "./kakao.ts";
import { registerKeys } from "./keys.ts";
import { registerListen } from "./listen.ts";
import { registerPortals } from "./portals.ts";
import { registerReceive } from "./receive.ts";
import { registerRules } from "./rules.ts";
import { registerSend } from "./send.ts";
import { registerSenders } from "./senders.ts";
import { registerSources } from "./sources.ts";
import { registerStats } from "./stats.ts";
import { registerStrays } from "./strays.ts";

/** Adds a command, or a group of them, to the program. */
export type Register = (program: Command, cli: Cli) => void;

/** Every command, in the order of the help. */
export const REGISTRATIONS: readonly Register[] = [
  registerSources,
  registerSenders,
  registerRules,
  registerDestinations,
  registerKeys,
  registerChannels,
  registerIssuers,
  registerEvents,
  registerStrays,
  registerDeliveries,
  registerSend,
  registerFollow,
  registerListen,
  registerReceive,
  registerKakao,
  registerPortals,
  registerStats,
  registerHealth,
  registerConfig,
  registerCompletion,
  registerHelp,
];
