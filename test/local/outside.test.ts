import { expect, test } from "vitest";
import { lanAddresses } from "../support/lan-addresses.ts";
import { startSession } from "../support/session.ts";

test("BATON_HOST=0.0.0.0 opens the LAN, a tunnel's URL is printed, and the page gets no key", async () => {
  const session = await startSession({
    env: {
      BATON_HOST: "0.0.0.0",
      BATON_PUBLIC_URL: "https://tunnel.example.com",
      BATON_LANG: "ko",
    },
  });
  expect(session.output()).toContain("Baton이 실행 중입니다.");
  expect(session.output()).toContain("'https://tunnel.example.com/in/demo/card'");
  expect(session.file.appUrl).toBe(`http://localhost:${session.env.BATON_PORT}`);
  for (const address of lanAddresses().slice(0, 1)) {
    const url = `http://${address}:${session.env.BATON_PORT}`;
    expect(session.output()).toContain(`${url}/in/demo/card`);
    const answer = await fetch(`${url}/in/demo/phone`, { method: "POST", body: "sms" });
    expect(answer.status).toBe(202);
  }
  const page = await session.send("localhost", "/dashboard");
  expect(String(page.headers["set-cookie"])).not.toContain("baton_page");
  expect(await session.stop()).toBe(0);
});
