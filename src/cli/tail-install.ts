import { mkdirSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./tail-constants.ts";
import type { TailCall } from "./tail-deps.ts";
import { TailError } from "./tail-error.ts";
import { readHeaders, type TailFlags, type TailRequest } from "./tail-request.ts";
import {
  checkpointPath,
  enableCommands,
  environmentText,
  type Service,
  unitText,
} from "./tail-systemd.ts";
import { TAIL_TEXTS, type TailTexts } from "./tail-texts.ts";

export const DEFAULT_UNIT = "baton-tail";

/**
 * Writes `NAME.service` and `NAME.env` into a folder, and prints how to enable them; gives the exit code. Keys stand
 * in the environment file alone. `program` is what starts baton: Node and its script.
 */
export async function installSystemd(
  folder: string,
  name: string,
  request: TailRequest,
  flags: TailFlags,
  program: string[],
  call: TailCall,
): Promise<number> {
  const texts = TAIL_TEXTS[call.language];
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,62}$/.test(name)) {
    throw new TailError(texts.badUnit(name), EXIT_USAGE);
  }
  const service: Service = {
    name,
    source: request.source.kind === "slug" ? request.source.slug : new URL(request.source.url).host,
    command: [...program, "tail", ...argumentsOf(name, request, flags)],
    environment: await environmentOf(request, flags, call),
  };
  const path = resolve(folder);
  try {
    mkdirSync(path, { recursive: true });
    // The unit last: it is what a person looks for.
    write(join(path, `${name}.env`), environmentText(service), 0o600);
    write(join(path, `${name}.service`), unitText(service), 0o644);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new TailError(texts.cannotWrite(path, why), EXIT_FAILED);
  }
  for (const warning of warningsOf(service, request, texts))
    call.stderr.write(`baton: ${warning}\n`);
  const lines = [`${path}/${name}.service`, `${path}/${name}.env`, texts.installed];
  call.stdout.write(`${[...lines, ...enableCommands(path, name)].join("\n")}\n`);
  return EXIT_OK;
}

/** Node and the script that run now, whatever links led to them. */
export function programOf(argv: string[]): string[] {
  return [process.execPath, realpathSync(argv[1] ?? "")];
}

function argumentsOf(name: string, { options, source }: TailRequest, flags: TailFlags): string[] {
  const { match, encoding, multiline, from, cooldown, maxAge, statusJson, checkpoint } = flags;
  const given: [string, string | undefined][] = [
    ["--source", source.kind === "slug" ? source.slug : undefined],
    ["--match", match],
    ["--checkpoint", checkpoint === undefined ? checkpointPath(name) : options.checkpointFile],
    ["--encoding", encoding],
    ["--multiline", multiline],
    ["--from", from],
    ["--cooldown", cooldown],
    ["--max-age", maxAge],
    ["--status-json", statusJson],
  ];
  const words = given.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
  return [...options.patterns, ...words];
}

async function environmentOf(
  { source }: TailRequest,
  { senderKey, header = [] }: TailFlags,
  call: TailCall,
): Promise<Record<string, string>> {
  const more = readHeaders(header, TAIL_TEXTS[call.language]);
  const api = source.kind === "slug" ? await call.resolveApi() : undefined;
  return {
    ...(api && { BATON_URL: api.url, BATON_API_KEY: api.key }),
    // A source's URL may hold a sender's key.
    ...(source.kind === "url" && { BATON_TAIL_SOURCE: source.url }),
    ...(senderKey !== undefined && { BATON_SENDER_KEY: senderKey }),
    ...(Object.keys(more).length > 0 && { BATON_TAIL_HEADERS: JSON.stringify(more) }),
    BATON_LANG: call.language,
  };
}

function warningsOf(service: Service, { options }: TailRequest, texts: TailTexts): string[] {
  const hidden = options.patterns.filter((pattern) => /^\/(var\/)?tmp\//.test(pattern));
  const cached = service.command.slice(0, 2).filter((path) => path.includes("/_npx/"));
  return [...hidden.map(texts.tmpHidden), ...cached.map(texts.npxCache)];
}

/** At once: never half a file, and never a key that others may read for a moment. */
function write(path: string, text: string, mode: number): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode, flag: "wx" });
  renameSync(draft, path);
}
