import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";

/** Hidden: prints what the last word may become; the scripts call it. */
export const COMPLETE = "__complete";

const SCRIPTS = {
  bash: `_baton() {
  local IFS=$'\\n'
  COMPREPLY=($(baton ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _baton baton`,
  zsh: `#compdef baton
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_baton() {
  local -a found
  found=("\${(@f)$(baton ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "$found" ]] && compadd -- "\${found[@]}" || _files
}
compdef _baton baton`,
  fish: `function __baton_complete
  set -l found (baton ${COMPLETE} (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c baton -f -a '(__baton_complete)'`,
} as const;

export const SHELLS = Object.keys(SCRIPTS);

/** `completion bash|zsh|fish`: a script for the shell's start-up file. */
export function registerCompletion(program: Command, cli: Cli): void {
  const { say } = cli;
  program
    .command("completion <shell>")
    .description(say.commands.completion)
    .action((shell: string) => {
      if (!Object.hasOwn(SCRIPTS, shell)) throw new CliError(say.errors.shell(shell));
      cli.stdout.write(`${SCRIPTS[shell as keyof typeof SCRIPTS]}\n`);
    });
}
