// What a channel does with 1,000 subscribers, 256 B of data, every frame stored before it is sent: one after the other,
// paced, and in a burst; by WebSocket, and by Server-Sent Events through the app's bridge. Beside it, where it is
// installed (`apt-get install libnginx-mod-nchan`), nchan, whose frames are in memory only.
// Run: node scripts/run.mjs test/bench/channels.ts [subscribers] [kinds, e.g. ws,sse]
import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Platform, startPlatform } from "../support/channel-platform.ts";
import { pickPort } from "../support/pick-port.ts";
import type { Load, Mode, Order, Result, Subscribers } from "./channel-clients.ts";

const BYTES = 256;
const DEADLINE_MS = 170_000;
const NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so";
const LOADS: Record<Mode, { messages: number }> = {
  serial: { messages: 30 },
  paced: { messages: 100 },
  burst: { messages: 400 },
};
const TICKS_PER_SECOND = 100;

type Target = {
  name: string;
  pid: number;
  subscribers: Omit<Subscribers, "count">;
  publish: Load["publish"];
};

const [count = "1000", kinds = "ws,ws-plain,sse,nchan-ws,nchan-sse"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "baton-bench-"));
const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
const timeout = setTimeout(() => {
  console.error(`not done after ${DEADLINE_MS / 1000} s`);
  void stopAll().then(() => process.exit(1));
}, DEADLINE_MS);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void stopAll().then(() => process.exit(1)));
}

try {
  await measureAll();
} finally {
  clearTimeout(timeout);
  await stopAll();
}

async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).toReversed()) await stop();
}

async function measureAll(): Promise<void> {
  const platform = await startPlatform(folder);
  stops.push(platform.stop);
  pin(platform.pid(), 0);
  const targets = [...channelTargets(platform), ...(await nchanTargets())];
  console.log(
    `${count} subscribers, ${BYTES} B of data; latencies in ms, from the publish (paced: from when it was due)`,
  );
  console.log(
    row([
      "",
      "",
      "del/s",
      "last p50",
      "last max",
      "p50",
      "p99",
      "CPU µs",
      "server",
      "clients",
      "lost/dbl/reord",
      "RSS kB",
    ]),
  );
  for (const target of targets) {
    if (kinds.split(",").includes(target.name)) await measureTarget(target);
  }
}

/** Each target has a client process of its own, which ends with it. */
async function measureTarget(target: Target): Promise<void> {
  const clients = fork(join(import.meta.dirname, "channel-clients.ts"));
  stops.push(() => clients.kill());
  pin(clients.pid ?? 0, 1);
  const rss = rssKib(target.pid);
  const subscribers = { ...target.subscribers, count: Number(count) };
  await ask(clients, { kind: "open", subscribers });
  const each = (rssKib(target.pid) - rss) / Number(count);
  for (const mode of Object.keys(LOADS) as Mode[]) {
    const load = { mode, ...LOADS[mode], perSecond: 20, inFlight: 8, bytes: BYTES };
    const pids = [target.pid, clients.pid ?? 0] as const;
    const before = pids.map(cpuTicks);
    const result = await ask<Result>(clients, {
      kind: "run",
      load: { ...load, publish: target.publish },
    });
    const ticks = pids.map((pid, i) => cpuTicks(pid) - (before[i] ?? 0));
    print(target.name, mode, result, ticks, each);
  }
  await ask(clients, { kind: "close" });
  clients.disconnect();
}

function print(name: string, mode: Mode, result: Result, ticks: number[], rss: number): void {
  const { deliveries, seconds, lastP50, lastMax, p50, p99, lost, doubled, reordered, failed } =
    result;
  const cpu = ((ticks[0] ?? 0) / TICKS_PER_SECOND / deliveries) * 1e6;
  // Of the time, what each side was at work: one that is near 100 is the limit, and one that is not was held up.
  const busy = ticks.map((own) => `${Math.round(own / seconds)}%`);
  const faults = `${lost}/${doubled}/${reordered}${failed ? ` (${failed} publishes failed)` : ""}`;
  const ms = [lastP50, lastMax, p50, p99].map((value) => value.toFixed(1));
  const rate = Math.round(deliveries / seconds).toLocaleString("en");
  console.log(row([name, mode, rate, ...ms, cpu.toFixed(1), ...busy, faults, rss.toFixed(0)]));
}

function row(cells: string[]): string {
  return cells.map((cell, i) => (i < 2 ? cell.padEnd(10) : cell.padStart(10))).join(" ");
}

function channelTargets(platform: Platform): Target[] {
  const { app, publisher } = platform.ports();
  const headers = { authorization: `Bearer ${platform.apiKey}` };
  const target = (name: string, path: string, more: Partial<Subscribers>): Target => ({
    name,
    pid: platform.pid(),
    subscribers: {
      port: app,
      path: `/api/v1/channels/${name}/${path}`,
      headers,
      idPrefix: '{"id":"',
      acks: false,
      ...more,
    },
    publish: {
      port: publisher,
      path: "/",
      headers: { "content-type": "application/json" },
      wrap: [`{"name":"${platform.topic(name)}","event":"message","data":`, "}"],
    },
  });
  const upgrade = { ...headers, upgrade: "websocket" };
  return [
    target("ws", "ws?batch=1&acks=1", { headers: upgrade, acks: true }),
    target("ws-plain", "ws", { headers: upgrade }),
    target("sse", "sse", { idPrefix: "id: " }),
  ];
}

async function nchanTargets(): Promise<Target[]> {
  if (!existsSync(NCHAN)) return [];
  const port = await pickPort();
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `load_module ${NCHAN}; daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 8192; }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
server { listen 127.0.0.1:${port}; keepalive_requests 1000000;
location /pub { nchan_publisher; nchan_channel_id $arg_id; nchan_message_buffer_length 200; }
location /sub { nchan_subscriber websocket eventsource; nchan_channel_id $arg_id; nchan_subscriber_first_message newest; } } }`,
  );
  const nginx = spawn("/usr/sbin/nginx", ["-c", config, "-p", folder], { stdio: "inherit" });
  stops.push(() => nginx.kill("SIGTERM"));
  const pid = await workerOf(nginx);
  pin(pid, 0);
  const target = (name: string, headers: Record<string, string>): Target => ({
    name,
    pid,
    subscribers: { port, path: `/sub?id=${name}`, headers, idPrefix: null, acks: false },
    publish: { port, path: `/pub?id=${name}`, headers: {}, wrap: ["", ""] },
  });
  return [
    target("nchan-ws", { upgrade: "websocket" }),
    target("nchan-sse", { accept: "text/event-stream" }),
  ];
}

async function workerOf(nginx: ChildProcess): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const children = readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, "utf8").trim();
    if (children) return Number(children.split(" ")[0]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("nginx did not start");
}

function ask<T>(clients: ChildProcess, order: Order): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`the clients ended (${code})`));
    clients.once("exit", onExit);
    clients.once("message", (answer) => {
      clients.off("exit", onExit);
      resolve(answer as T);
    });
    clients.send(order);
  });
}

/** The server on one core, its clients on another, where there are two. */
function pin(pid: number, core: number): void {
  try {
    execFileSync("taskset", ["-a", "-p", "-c", String(core), String(pid)], { stdio: "ignore" });
  } catch {
    // There is no taskset, or no second core: then they share.
  }
}

/** CPU time of a process, in hundredths of a second. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function rssKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
