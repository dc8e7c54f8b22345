import type { ChannelConfig } from "./channel-config.ts";
import { maskDiscordUrl } from "./discord.ts";
import type { DiscordConfig } from "./discord-config.ts";
import { looksSecret } from "./header-names.ts";
import { type HttpConfig, signingSecrets } from "./http-config.ts";
import type { ListenConfig } from "./listen.ts";
import { MASK } from "./mask.ts";
import type { R2Config } from "./r2-config.ts";
import type { SensConfig } from "./sens-config.ts";
import { PRIVATE_PREFIX, SECRET_PREFIX } from "./sign.ts";
import { maskSlackUrl } from "./slack.ts";
import type { SlackConfig } from "./slack-config.ts";
import type { SmsCodeConfig } from "./sms-code-config.ts";
import { maskTelegramToken } from "./telegram.ts";
import type { TelegramConfig } from "./telegram-config.ts";

type Patch = Record<string, unknown>;

export function maskHttp(config: HttpConfig): HttpConfig {
  const headers = Object.entries(config.headers).map(([name, value]) => [
    name,
    looksSecret(name) ? MASK : value,
  ]);
  const { sign } = config;
  return {
    ...config,
    headers: Object.fromEntries(headers),
    ...(sign && {
      sign: {
        ...sign,
        ...(sign.secret !== undefined && { secret: maskSecret(sign.secret) }),
        ...(sign.secrets && { secrets: sign.secrets.map(maskSecret) }),
      },
    }),
  };
}

export function maskSlack(config: SlackConfig): SlackConfig {
  return { ...config, url: maskSlackUrl(config.url) };
}

export function maskDiscord(config: DiscordConfig): DiscordConfig {
  return { ...config, url: maskDiscordUrl(config.url) };
}

export function maskTelegram(config: TelegramConfig): TelegramConfig {
  return { ...config, token: maskTelegramToken(config.token) };
}

/** The keys' last four characters tell them apart. */
export function maskSens(config: SensConfig): SensConfig {
  return {
    ...config,
    accessKey: maskKey(config.accessKey),
    secretKey: maskKey(config.secretKey),
  };
}

export function maskChannel(config: ChannelConfig): ChannelConfig {
  return config;
}

export function maskSmsCode(config: SmsCodeConfig): SmsCodeConfig {
  return config;
}

export function maskR2(config: R2Config): R2Config {
  return config;
}

export function maskListen(config: ListenConfig): ListenConfig {
  return config;
}

function maskKey(key: string): string {
  return key.length >= 16 ? `${MASK}${key.slice(-4)}` : MASK;
}

/** The last four characters tell secrets apart in a rotation; 20 bytes at least stay hidden. */
function maskSecret(secret: string): string {
  const prefix = secret.startsWith(PRIVATE_PREFIX) ? PRIVATE_PREFIX : SECRET_PREFIX;
  return `${prefix}${MASK}${secret.slice(-4)}`;
}

/**
 * A patch over an `http` config: a key replaces, `null` removes, `headers` merge by name.
 * A value equal to the mask of a current one means that one; any other mask is left for the schema to refuse.
 */
export function mergeHttp(current: HttpConfig, patch: Patch): unknown {
  return overlay(current, {
    ...patch,
    ...(isRecord(patch.headers) && { headers: mergeHeaders(current.headers, patch.headers) }),
    ...(isRecord(patch.sign) && { sign: restoreSign(signingSecrets(current), patch.sign) }),
  });
}

export function mergeSlack(current: SlackConfig, patch: Patch): unknown {
  const isUnchanged = patch.url === maskSlackUrl(current.url);
  return overlay(current, isUnchanged ? { ...patch, url: current.url } : patch);
}

export function mergeDiscord(current: DiscordConfig, patch: Patch): unknown {
  const isUnchanged = patch.url === maskDiscordUrl(current.url);
  return overlay(current, isUnchanged ? { ...patch, url: current.url } : patch);
}

export function mergeTelegram(current: TelegramConfig, patch: Patch): unknown {
  const isUnchanged = patch.token === maskTelegramToken(current.token);
  return overlay(current, isUnchanged ? { ...patch, token: current.token } : patch);
}

export function mergeSens(current: SensConfig, patch: Patch): unknown {
  const restored = Object.entries(patch).map(([name, value]) => {
    const isKey = name === "accessKey" || name === "secretKey";
    return [name, isKey && value === maskKey(current[name]) ? current[name] : value];
  });
  return overlay(current, Object.fromEntries(restored));
}

export function mergeChannel(current: ChannelConfig, patch: Patch): unknown {
  return overlay(current, patch);
}

export function mergeSmsCode(current: SmsCodeConfig, patch: Patch): unknown {
  return overlay(current, patch);
}

export function mergeR2(current: R2Config, patch: Patch): unknown {
  return overlay(current, patch);
}

export function mergeListen(current: ListenConfig, patch: Patch): unknown {
  return overlay(current, patch);
}

function overlay(current: Patch, patch: Patch): Patch {
  const entries = Object.entries({ ...current, ...patch });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

/** Names are compared without case: a patch of `X-Key` replaces `x-key`. */
function mergeHeaders(current: Record<string, string>, patch: Patch): Patch {
  const named = new Map(Object.keys(patch).map((name) => [name.toLowerCase(), name]));
  const kept = Object.entries(current).filter(([name]) => !named.has(name.toLowerCase()));
  const valueOf = new Map(Object.entries(current).map(([name, v]) => [name.toLowerCase(), v]));
  const changed = Object.entries(patch)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      const before = valueOf.get(name.toLowerCase());
      const isUnchanged = value === MASK && before !== undefined && looksSecret(name);
      return [name, isUnchanged ? before : value];
    });
  return Object.fromEntries([...kept, ...changed]);
}

/** Puts current secrets back for their masks, wherever they stand: a rotation sends `[new, mask of the old]`. */
function restoreSign(current: string[], sign: Patch): Patch {
  const restore = (value: unknown, index: number) => {
    const sameHere = current[index] !== undefined && maskSecret(current[index]) === value;
    return sameHere ? current[index] : (current.find((s) => maskSecret(s) === value) ?? value);
  };
  return {
    ...sign,
    ...("secret" in sign && { secret: restore(sign.secret, 0) }),
    ...(Array.isArray(sign.secrets) && { secrets: sign.secrets.map(restore) }),
  };
}

function isRecord(value: unknown): value is Patch {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
