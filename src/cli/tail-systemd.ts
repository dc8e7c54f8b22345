import { RESTART_S, STOP_TIMEOUT_S } from "./tail-constants.ts";

/** What a service runs. */
export type Service = {
  /** The unit's name, without `.service`. */
  name: string;
  /** Source, as the description names it. */
  source: string;
  /** Program and arguments. */
  command: string[];
  /** Whatever is secret. */
  environment: Record<string, string>;
};

/** Where the environment file belongs. */
export function environmentPath(name: string): string {
  return `/etc/baton/${name}.env`;
}

/** Where systemd lets the service write; what `StateDirectory=` makes. */
export function checkpointPath(name: string): string {
  return `/var/lib/${name}/checkpoint.json`;
}

/** The unit. It has a user of its own, who may read every file and write none but its state. */
export function unitText({ name, source, command }: Service): string {
  return `# Written by: baton tail --install-systemd
[Unit]
Description=Baton: what log files tell the source ${source.replaceAll("%", "%%")}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
EnvironmentFile=${environmentPath(name)}
ExecStart=${command.map(quoteArgument).join(" ")}
Restart=always
RestartSec=${RESTART_S}
# 2: the command line cannot be used. 5 and 130: stopped, and the next start sends the rest.
RestartPreventExitStatus=2
SuccessExitStatus=5 130
# SIGTERM sends what is read, for 10 s at most.
KillSignal=SIGTERM
TimeoutStopSec=${STOP_TIMEOUT_S}

# A user of its own, who may read every file and write none but its checkpoint.
DynamicUser=yes
StateDirectory=${name}
StateDirectoryMode=0700
UMask=0077
AmbientCapabilities=CAP_DAC_READ_SEARCH
CapabilityBoundingSet=CAP_DAC_READ_SEARCH
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;
}

export function environmentText({ name, environment }: Service): string {
  const lines = Object.entries(environment).map(([key, value]) => `${key}=${quoteValue(value)}\n`);
  return `# For ${name}.service. It holds keys: keep it readable by root alone (0600).\n${lines.join("")}`;
}

/** Three commands that put the files in their places and start the service. */
export function enableCommands(folder: string, name: string): string[] {
  const from = (file: string) => quoteForShell(`${folder}/${file}`);
  return [
    `sudo install -m 644 ${from(`${name}.service`)} /etc/systemd/system/${name}.service`,
    `sudo install -D -m 600 ${from(`${name}.env`)} ${environmentPath(name)}`,
    `sudo sh -c 'systemctl daemon-reload && systemctl enable --now ${name}'`,
  ];
}

/** A word of `ExecStart=`, where `%` and `$` mean something too (systemd.service, "Command lines"). */
export function quoteArgument(text: string): string {
  const safe = text.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w@%+=:,./$-]+$/.test(safe)) return safe;
  return `"${escapeQuoted(safe).replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
}

/** A value of an environment file (systemd.exec, `EnvironmentFile=`), in which `$` and `%` mean nothing. */
export function quoteValue(text: string): string {
  if (/^[\w@%+=:,./~-]*$/.test(text)) return text;
  return `"${escapeQuoted(text).replaceAll("$", "\\$").replaceAll("`", "\\`")}"`;
}

function escapeQuoted(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

function quoteForShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
