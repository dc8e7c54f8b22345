import { afterEach, expect, it, vi } from "vitest";
import {
  BadChatVar,
  type ChatVars,
  chatSettingsOrNull,
  readChatSettings,
} from "../../../src/chat-auth/settings.ts";

const LOCAL = { BASE_DOMAIN: "localhost" };
const POOL = { COGNITO_REGION: "ap-northeast-2", COGNITO_POOL_ID: "ap-northeast-2_Ab1Cd2Ef3" };

afterEach(() => {
  vi.restoreAllMocks();
});

it("without variables nothing is set up", () => {
  const nothing = { defaultSource: "", clientOrigins: [], cognito: null };
  expect(readChatSettings({})).toEqual(nothing);
  expect(
    readChatSettings({
      ...LOCAL,
      DEFAULT_CHAT_SOURCE: " ",
      CLIENT_URL: " , ",
      COGNITO_REGION: "",
      COGNITO_POOL_ID: " ",
      COGNITO_CLIENT_ID: "",
      COGNITO_ISSUER: "",
    }),
  ).toEqual(nothing);
});

it("every variable is honoured", () => {
  expect(
    readChatSettings({
      ...POOL,
      DEFAULT_CHAT_SOURCE: " Talk ",
      CLIENT_URL: "https://chat.example.com/, http://localhost:4200",
      COGNITO_CLIENT_ID: "1h57kf5cpq17m0eml12EXAMPLE",
    }),
  ).toEqual({
    defaultSource: "talk",
    clientOrigins: ["https://chat.example.com", "http://localhost:4200"],
    cognito: {
      issuer: "https://cognito-idp.ap-northeast-2.amazonaws.com/ap-northeast-2_Ab1Cd2Ef3",
      clientId: "1h57kf5cpq17m0eml12EXAMPLE",
    },
  });
});

it.each(["us-east-1", "us-gov-west-1", "ap-southeast-4"])("a pool may be in %s", (region) => {
  const vars = { COGNITO_REGION: region, COGNITO_POOL_ID: `${region}_x9` };
  expect(readChatSettings(vars).cognito?.issuer).toBe(
    `https://cognito-idp.${region}.amazonaws.com/${region}_x9`,
  );
});

it("another issuer stands in for the pool where the base domain is localhost only", () => {
  const vars = { ...POOL, COGNITO_ISSUER: "http://127.0.0.1:9229/pool" };
  const issuer = (more: ChatVars) => readChatSettings({ ...vars, ...more }).cognito?.issuer;
  expect(issuer(LOCAL)).toBe("http://127.0.0.1:9229/pool");
  for (const BASE_DOMAIN of ["example.com", "localhost.example.com", undefined]) {
    expect(issuer({ BASE_DOMAIN })).toContain("amazonaws.com");
  }
  // Nor is it looked at.
  expect(issuer({ COGNITO_ISSUER: "nonsense" })).toContain("amazonaws.com");
});

it.each<[BadChatVar["variable"], ChatVars]>([
  ["CLIENT_URL", { CLIENT_URL: "chat.example.com" }],
  ["CLIENT_URL", { CLIENT_URL: "*" }],
  ["CLIENT_URL", { CLIENT_URL: "null" }],
  ["CLIENT_URL", { CLIENT_URL: "https://chat.example.com/app" }],
  ["CLIENT_URL", { CLIENT_URL: "https://a.example, ftp://b.example" }],
  ["CLIENT_URL", { CLIENT_URL: "https://user@a.example" }],
  ["COGNITO_REGION", { ...POOL, COGNITO_REGION: "" }],
  ["COGNITO_REGION", { ...POOL, COGNITO_REGION: "Seoul" }],
  ["COGNITO_REGION", { ...POOL, COGNITO_REGION: "ap-northeast-2.evil.example/" }],
  ["COGNITO_POOL_ID", { ...POOL, COGNITO_POOL_ID: "" }],
  ["COGNITO_POOL_ID", { ...POOL, COGNITO_POOL_ID: "us-east-1_Ab1Cd2Ef3" }],
  ["COGNITO_POOL_ID", { ...POOL, COGNITO_POOL_ID: "ap-northeast-2_a/../b" }],
  ["COGNITO_REGION", { COGNITO_CLIENT_ID: "abc" }],
  ["COGNITO_CLIENT_ID", { ...POOL, COGNITO_CLIENT_ID: "a b" }],
  ["COGNITO_REGION", { COGNITO_ISSUER: "http://127.0.0.1:1/pool" }],
  ["COGNITO_ISSUER", { ...POOL, COGNITO_ISSUER: "127.0.0.1:9229" }],
  ["COGNITO_ISSUER", { ...POOL, COGNITO_ISSUER: "http://127.0.0.1:9229/pool/" }],
  ["COGNITO_ISSUER", { ...POOL, COGNITO_ISSUER: "http://127.0.0.1:9229/?x=1" }],
])("%s: %j is refused in one line that names it", (variable, vars) => {
  const read = () => readChatSettings({ ...LOCAL, ...vars });
  expect(read).toThrow(BadChatVar);
  expect(read).toThrow(new RegExp(`^${variable} cannot be used: give [^\n]+$`));
});

it("a Worker whose variable cannot be used has no settings, and its log names the variable", () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  expect(chatSettingsOrNull({ CLIENT_URL: "*" })).toBeNull();
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      level: "error",
      event: "bad_variable",
      variable: "CLIENT_URL",
      error: expect.stringContaining("e.g. https://chat.example.com"),
    },
  ]);
  expect(chatSettingsOrNull({})).not.toBeNull();
});
