/** Fonts that have Hangul stand first on each system; nothing is loaded from outside. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0a7d5a; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; line-height: 1.6; word-break: keep-all; overflow-wrap: anywhere;
  font-family: system-ui, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", sans-serif; }
code, pre { font-family: ui-monospace, Menlo, Consolas, "D2Coding", "Noto Sans Mono CJK KR", monospace; font-size: .875rem; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; padding: .75rem; white-space: pre-wrap; }
a { color: var(--accent); }
nav ul { columns: 18rem; list-style: none; padding: 0; }
section { border-top: 1px solid var(--line); padding: .5rem 0 1rem; scroll-margin-top: 1rem; }
section:target { background: var(--soft); }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
summary { cursor: pointer; }
.method { display: inline-block; font-weight: 700; min-width: 4.5rem; }
.public { border: 1px solid var(--line); border-radius: 6px; font-size: .75rem; font-weight: 400; padding: 0 .4rem; }
.lines { white-space: pre-line; }
`;
