import { beforeAll, expect, inject, it } from "vitest";
import { type Context, readSettings } from "../../src/context.ts";
import { createDestination } from "../../src/destinations/create-destination.ts";
import { CreateDestination } from "../../src/destinations/schemas.ts";
import { updateDestination } from "../../src/destinations/update-destination.ts";
import { bindings, control, makeTenant, type Tenant } from "./support.ts";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("egress-a");
});

function context(): Context {
  const settings = { ...readSettings(bindings), dohUrl: inject("dohUrl") };
  const { organizationId } = a;
  return { db: control, organizationId, settings, gates: bindings.GATE } as unknown as Context;
}

const inputOf = (url: string) =>
  CreateDestination.parse({ name: "d", kind: "http", config: { url } });
const REFUSED = { code: "refused", errors: [{ path: "config.url" }] };

it("a destination whose name leads inside is neither made nor changed to", async () => {
  const inside = "https://private.saved.example.org/";
  await expect(createDestination(context(), inputOf(inside))).rejects.toMatchObject(REFUSED);
  const { id } = await createDestination(context(), inputOf("https://public.saved.example.org/"));
  const patch = { config: { url: inside } };
  await expect(updateDestination(context(), id, patch)).rejects.toMatchObject(REFUSED);
});

it("without TLS it is made when that is asked for", async () => {
  const input = inputOf("http://public.plain.example.org/");
  await expect(createDestination(context(), input)).rejects.toMatchObject(REFUSED);
  const config = { ...input.config, allowHttp: true };
  const made = await createDestination(context(), CreateDestination.parse({ ...input, config }));
  expect(made.config).toMatchObject({ allowHttp: true });
});
