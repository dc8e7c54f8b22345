import { beforeAll, describe, expect, it } from "vitest";
import { bindings, fetchApp, insertEvent, makeTenant, type Tenant } from "./support.ts";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("body-a", { scopes: ["read"] });
});

function getBody(id: string, method = "GET") {
  const headers = { authorization: `Bearer ${a.key}` };
  return fetchApp(`/api/v1/events/${id}/body`, { method, headers });
}

const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
const bodies: [string, Uint8Array<ArrayBuffer>][] = [
  ["every byte", everyByte],
  ["a gzip header", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0)],
  ["a byte order mark and invalid UTF-8", Uint8Array.of(0xef, 0xbb, 0xbf, 0xff, 0xfe, 0)],
  ["one zero", Uint8Array.of(0)],
  ["Korean in EUC-KR", Uint8Array.of(0xbd, 0xc2, 0xc0, 0xce)],
  ["64 KiB of noise", crypto.getRandomValues(new Uint8Array(64 * 1024))],
];

describe("GET /events/{id}/body gives the exact bytes", () => {
  it.each(bodies)("inline: %s", async (_, body) => {
    const id = await insertEvent(a, { body, contentType: "application/x-thing; v=1" });
    const response = await getBody(id);
    expect(response.status).toBe(200);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/x-thing; v=1",
      "content-disposition": `attachment; filename="${id}.bin"`,
      "x-content-type-options": "nosniff",
    });
  });

  it.each(bodies)("in R2: %s", async (name, body) => {
    const bodyKey = `test/${name}`;
    await bindings.BODIES.put(bodyKey, body);
    const id = await insertEvent(a, { bodyKey, size: body.length });
    const response = await getBody(id);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
  });

  it("an empty body is 200 with zero bytes", async () => {
    const response = await getBody(await insertEvent(a));
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  it("a content type of HTML stays what it is, and is only ever saved", async () => {
    const body = new Uint8Array(new TextEncoder().encode("<script>alert(1)</script>"));
    const response = await getBody(await insertEvent(a, { body, contentType: "text/html" }));
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(response.headers.get("content-disposition")).toMatch(/^attachment/);
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
    await response.body?.cancel();
  });

  it.each([["한글/형식"], ["text/plain; name=\u00e9"], [""], ["a\tb"]])(
    "a strange content type %j is no error",
    async (contentType) => {
      const id = await insertEvent(a, { body: everyByte, contentType });
      const response = await getBody(id);
      expect(response.status).toBe(200);
      expect((await response.arrayBuffer()).byteLength).toBe(256);
    },
  );

  it("HEAD has the headers and no bytes", async () => {
    const id = await insertEvent(a, { body: everyByte, contentType: "image/png" });
    const response = await getBody(id, "HEAD");
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  it("a body that is gone from R2 is 404 and says so", async () => {
    const response = await getBody(await insertEvent(a, { bodyKey: "test/gone", size: 9 }));
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining("deleted") });
  });
});
