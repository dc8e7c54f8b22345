import { MAX_SENDER_NAME_CHARS, MAX_USER_AGENT_CHARS } from "./constants.ts";
import type { SenderCount } from "./schemas.ts";

/**
 * How to register a caller that is known by user agent and address only, as `CreateSender` takes it; null when neither
 * is known. `name` is `<user agent> @ <address>`, and may have been cut at its end.
 */
export function suggestSender({
  name,
  ip,
}: {
  name: string;
  ip: string | null;
}): SenderCount["suggestion"] {
  const agent = agentOf(name);
  if (ip === null && agent === null) return null;
  return {
    name: `${agent ?? "unknown"} @ ${ip ?? "unknown"}`
      .slice(0, MAX_SENDER_NAME_CHARS)
      .toWellFormed()
      .trim(),
    match: {
      ...(ip === null ? {} : { ips: [ip] }),
      ...(agent === null ? {} : { userAgent: agent }),
    },
  };
}

/** The user agent as far as a match may hold it: its start, up to what is no printable character. */
function agentOf(name: string): string | null {
  const at = name.lastIndexOf(" @ ");
  const agent = (at < 0 ? name : name.slice(0, at)).slice(0, MAX_USER_AGENT_CHARS);
  const [start = ""] = agent.split(/[\p{Cc}\p{Cs}]/u, 1);
  // A long name was cut, maybe in the middle of ` @ `.
  const whole = start.replace(/ +@?$/, "");
  return whole.trim() === "" || whole === "unknown" ? null : whole;
}
