import { expect, it } from "vitest";
import { messagesPath } from "../../src/destinations/sens-call.ts";
import { signSens } from "../../src/destinations/sens-sign.ts";

const accessKey = "NCPAKEXAMPLE00000001";
const secretKey = "NCPSKEXAMPLE0000000000000000000000000001";
const SERVICE = "/sms/v2/services/ncp:sms:kr:123456789012:relaytest/messages";

it.each([
  ["POST", SERVICE, "1767225600000", "UvrA6ralapf+Haj+tQ0cOxdEzfbvcddbFZauFfz+qfY="],
  [
    "GET",
    `${SERVICE}?requestId=RSSA-1767225600000-0001-00000000-AbCdEfGh`,
    "1767225601234",
    "Q+74g6rCnrfNTmDmwLI+n7Up1MTbUf4RN4wqMSOLpS0=",
  ],
  [
    "GET",
    `${SERVICE}/0-ESA-202601-000001-0`,
    "1767225602000",
    "ENguykU+ehcNpcAgNGE2QKM/eNYEEnTr2M5r6cZwUUg=",
  ],
  [
    "POST",
    "/alimtalk/v2/services/ncp:kkobizmsg:kr:123456789012:relaytest/messages",
    "1767225600000",
    "qGMRnZkNtMbQvyukPLmS7rYMUHBvf62tcDIroen6ndM=",
  ],
] as const)("the documentation's signature of %s %s", async (method, path, timestamp, expected) => {
  expect(await signSens(secretKey, { method, path, timestamp, accessKey })).toBe(expected);
});

it("the path that is signed goes over the wire as it is, colons and all", () => {
  const path = messagesPath(
    { serviceId: "ncp:sms:kr:123456789012:relaytest" },
    "?requestStartTime=2026-01-01%2000%3A00%3A00&requestEndTime=2026-01-01%2001%3A00%3A00",
  );
  expect(new Request(`https://sens.apigw.ntruss.com${path}`).url).toBe(
    `https://sens.apigw.ntruss.com${path}`,
  );
  expect(path).toContain("ncp:sms:kr:123456789012:relaytest");
});
