import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Looks } from "../../src/portals/schemas.ts";
import { SHIPPED_DEFINITIONS } from "../../src/portals/shipped/index.ts";
import { type PortalSite, startPortalSite } from "../portal-site/index.ts";
import { openVisitor, type Visitor } from "../support/portal-visitor.ts";

// What can be seen without a browser: that the elements which a definition names are on the site's pages, and that its
// verdicts tell the site's answers apart.
let site: PortalSite;
let visitor: Visitor;
const pages: Record<"login" | "code" | "list", string> = { login: "", code: "", list: "" };

beforeAll(async () => {
  site = await startPortalSite();
  visitor = openVisitor(site.url);
  pages.login = (await visitor.get("/login")).text;
  await visitor.password();
  pages.code = (await visitor.get("/login/code")).text;
  await visitor.code(site.takeArrived()[0]?.code ?? "");
  pages.list = (await visitor.get("/partners")).text;
});
afterAll(() => site.close());

type Answer = Awaited<ReturnType<Visitor["request"]>>;

function fits(looks: Looks, { status, text }: Answer): boolean {
  return (
    (looks.status === undefined || looks.status.includes(status)) &&
    looks.url === undefined &&
    (looks.bodyContains === undefined || text.includes(looks.bodyContains)) &&
    (looks.bodyLacks === undefined || !text.includes(looks.bodyLacks))
  );
}

describe.each(Object.entries(SHIPPED_DEFINITIONS))(
  "%s on the simulated portal",
  (_, definition) => {
    const { login, health, verdicts } = definition;

    it("finds its elements on the pages that it takes them to be on", () => {
      const { code } = login;
      const named: [page: string, named: object][] = [
        ...login.steps.map((step): [string, object] => [pages.login, step]),
        ...[...(code?.steps ?? []), ...(code?.resend ?? [])].map((step): [string, object] => [
          pages.code,
          step,
        ]),
        [pages.login, login.form],
        [pages.code, code?.asked ?? {}],
        [pages.list, login.success],
        ...Object.values(definition.values).map((value): [string, object] => [pages.list, value]),
      ];
      expect(named.filter(([page, what]) => !isOn(page, what)).map(([, what]) => what)).toEqual([]);
      expect(isOn(pages.code, login.form)).toBe(false);
    });

    it("tells who is logged in from who is not", async () => {
      const inside = await visitor.get(health.url);
      expect(verdicts.out.some((looks) => fits(looks, inside))).toBe(false);
      expect(verdicts.in.some((looks) => fits(looks, inside))).toBe(true);
      const outside = await openVisitor(site.url).get(health.url);
      expect(verdicts.out.some((looks) => fits(looks, outside))).toBe(true);
      site.set({ trouble: { api: "503" } });
      const down = await visitor.get(health.url);
      expect([...verdicts.out, ...verdicts.in].some((looks) => fits(looks, down))).toBe(false);
      site.set({ trouble: { api: null } });
    });
  },
);

function isOn(page: string, named: object): boolean {
  const { selector } = named as { selector?: string };
  return selector === undefined || patternOf(selector).test(page);
}

/** The last element of a selector as markup has it: `#id`, or `tag[name=value]`; the `*=` of an attribute is a part of it. */
function patternOf(selector: string): RegExp {
  const last = selector.split(" ").at(-1) ?? "";
  if (last.startsWith("#")) return new RegExp(`id="${last.slice(1)}"`);
  const [, tag, name, value] = last.match(/^(\w+)\[([\w-]+)=([\w-]+)\]$/) ?? [];
  return new RegExp(`<${tag}[^>]* ${name}="${value}"`);
}
