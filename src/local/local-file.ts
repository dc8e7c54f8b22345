import { existsSync, readFileSync } from "node:fs";
import { DEMO } from "./constants.ts";
import { kakaoCallbackOrigins } from "./kakao-callback-origins.ts";
import type { Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { writePrivateFile } from "./write-private-file.ts";

/** How scripts find the session; `pid` is there only while it runs. */
export type LocalFile = {
  appUrl: string;
  ingestUrl: string;
  apiKey: string;
  organizationId: string;
  demo: { sourceSlug: string; receiverUrl: string };
  /** Absent in a file of an older version. */
  kakao?: { callbackOrigins: string[] };
  pid?: number;
};

export function writeLocalFile(settings: Settings, secrets: Secrets): void {
  const file: LocalFile = {
    appUrl: settings.appUrl,
    ingestUrl: settings.ingestUrl,
    apiKey: secrets.apiKey,
    organizationId: secrets.organizationId,
    demo: { sourceSlug: DEMO.slug, receiverUrl: settings.receiverUrl },
    kakao: {
      callbackOrigins: kakaoCallbackOrigins(settings)
        .split(/[\s,]+/)
        .filter(Boolean),
    },
    pid: process.pid,
  };
  write(settings.localFile, file);
}

/** Takes the pid out: URLs and key stay good for the next start, but nothing runs. */
export function forgetPid(path: string): void {
  if (!existsSync(path)) return;
  const { pid, ...rest } = JSON.parse(readFileSync(path, "utf8")) as LocalFile;
  if (pid === process.pid) write(path, rest);
}

function write(path: string, file: LocalFile): void {
  writePrivateFile(path, `${JSON.stringify(file, null, 2)}\n`);
}
