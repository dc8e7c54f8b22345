import { expect, it } from "vitest";
import { BadKakaoVar, readKakaoSettings } from "../../../src/kakao/settings.ts";

const LOCAL = { BASE_DOMAIN: "localhost" };

it("without variables everything has the contract's default", () => {
  expect(readKakaoSettings({})).toEqual({
    defaultSource: "",
    signatureSecret: "",
    callbackTtlMs: 55_000,
    queueTtlMs: 900_000,
    callbackOrigins: [],
    waitingText: "",
  });
});

it("every variable is honoured", () => {
  expect(
    readKakaoSettings({
      ...LOCAL,
      DEFAULT_KAKAO_SOURCE: " Shop ",
      KAKAO_SIGNATURE_SECRET: " 비밀 ",
      CALLBACK_TTL_SECONDS: "30",
      QUEUE_TTL_SECONDS: "60",
      KAKAO_CALLBACK_ORIGINS: "http://127.0.0.1:18443, https://a.example/",
      KAKAO_WAITING_TEXT: "잠시만요",
    }),
  ).toEqual({
    defaultSource: "shop",
    signatureSecret: " 비밀 ",
    callbackTtlMs: 30_000,
    queueTtlMs: 60_000,
    callbackOrigins: ["http://127.0.0.1:18443", "https://a.example"],
    waitingText: "잠시만요",
  });
});

it("origins beside Kakao's own are for a local session only", () => {
  const vars = { KAKAO_CALLBACK_ORIGINS: "http://127.0.0.1:18443" };
  expect(readKakaoSettings({ ...vars, BASE_DOMAIN: "example.com" }).callbackOrigins).toEqual([]);
});

it.each([
  ["CALLBACK_TTL_SECONDS", "soon"],
  ["CALLBACK_TTL_SECONDS", "0"],
  ["CALLBACK_TTL_SECONDS", "61"],
  ["CALLBACK_TTL_SECONDS", "5.5"],
  ["CALLBACK_TTL_SECONDS", "-5"],
  ["QUEUE_TTL_SECONDS", "15m"],
  ["QUEUE_TTL_SECONDS", "604801"],
  ["KAKAO_CALLBACK_ORIGINS", "127.0.0.1:18443"],
  ["KAKAO_CALLBACK_ORIGINS", "http://a.example/path"],
  ["KAKAO_CALLBACK_ORIGINS", "ftp://a.example"],
  ["KAKAO_WAITING_TEXT", "가".repeat(1001)],
])("%s=%s is refused in one line that names it", (name, value) => {
  const read = () => readKakaoSettings({ ...LOCAL, [name]: value });
  expect(read).toThrow(BadKakaoVar);
  expect(read).toThrow(new RegExp(`^${name} cannot be used: give [^\n]+$`));
});
