import type { Travel } from "./settings.ts";
import type { Account, PhoneSms, Site } from "./site.ts";

/** Sends a code on its way to the account's phone, as the settings have it travel. */
export function sendCode(site: Site, account: Account, code: string): void {
  const { sms } = site.settings;
  const [next, ...later] = sms.next;
  site.settings = { ...site.settings, sms: { ...sms, next: later } };
  site.counts.codesSent += 1;
  send(site, account.phone, code, next ?? sms.travel);
}

/** What a phone gets without anybody having asked for it, e.g. an old code. */
export function sendStray(site: Site, phone: string, code: string, delayMs: number): void {
  send(site, phone, code, { ...site.settings.sms.travel, delayMs, lost: false, oldFirst: false });
}

function send(site: Site, phone: string, code: string, travel: Travel): void {
  const sender = site.settings.sms.sender;
  const text = `[Web발신]\n[파트너센터] 인증번호 [${code}]를 입력해 주세요.`;
  const dueAt = site.now() + travel.delayMs;
  const sms: PhoneSms = { phone, sender, text, code, dueAt };
  const old = site.lastSms.get(phone);
  site.lastSms.set(phone, sms);
  if (travel.oldFirst && old) site.underway.push({ ...old, dueAt });
  if (travel.lost) {
    site.counts.smsLost += 1;
    site.note("sms_lost", { code: masked(code) });
    return;
  }
  for (let copy = 0; copy < travel.copies; copy++) {
    site.underway.push({ ...sms, dueAt: dueAt + copy * travel.copyDelayMs });
  }
}

/** Takes what has arrived by now off the way, the earliest first. */
export function takeDue(site: Site): PhoneSms[] {
  const now = site.now();
  const due = site.underway.filter(({ dueAt }) => dueAt <= now);
  site.underway = site.underway.filter(({ dueAt }) => dueAt > now);
  return due.toSorted((one, other) => one.dueAt - other.dueAt);
}

/** The phone has an SMS: its automation tells Baton. */
export async function forward(site: Site, sms: PhoneSms): Promise<void> {
  const { app, keys, tries, retryMs } = site.settings.sms;
  site.counts.smsArrived += 1;
  site.note("sms_arrived", { code: masked(sms.code) });
  if (app === null) {
    site.arrived.push(sms);
    return;
  }
  const key = keys[sms.phone];
  const url = `${app}/webhook/sms${key === undefined ? "" : `/${encodeURIComponent(key)}`}`;
  for (let tried = 1; ; tried++) {
    const status = await post(url, forwarded(site, sms));
    if (status !== null && status < 500) {
      if (status >= 300) site.counts.smsRefused += 1;
      site.note("sms_forwarded", { code: masked(sms.code), of: String(status) });
      return;
    }
    if (tried >= tries) {
      site.counts.smsRefused += 1;
      site.note("sms_not_forwarded", { code: masked(sms.code), of: String(status ?? "") });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

const masked = (code: string) => `••••${code.slice(-2)}`;

/** Null: nobody answered. */
async function post(url: string, { type, body }: Forwarded): Promise<number | null> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": type },
      body,
      signal: AbortSignal.timeout(15_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}

type Forwarded = { type: string; body: string };

function forwarded(site: Site, { sender, text, code }: PhoneSms): Forwarded {
  switch (site.settings.sms.body) {
    case "bare":
      return { type: "application/json", body: JSON.stringify({ message: code }) };
    case "labelled":
      return { type: "application/json", body: JSON.stringify({ message: text, from: sender }) };
    case "macrodroid":
      return { type: "application/json", body: `{"message":"${text}","from":"${sender}"}` };
    case "form":
      return {
        type: "application/x-www-form-urlencoded",
        body: new URLSearchParams({ text, from: sender }).toString(),
      };
    case "plain":
      return { type: "text/plain; charset=utf-8", body: text };
  }
}
