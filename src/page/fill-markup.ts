/** HTML with a value in the place of each `{{name}}`, safe as text and inside a quoted attribute. */
export function fillMarkup(html: string, values: Record<string, string>): string {
  return html.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The page names {{${name}}}, which has no text`);
    return escapeHtml(value);
  });
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
