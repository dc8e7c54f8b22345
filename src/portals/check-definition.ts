import { RE2JS } from "re2js";
import { isReservedHeader } from "../destinations/index.ts";
import type { FieldError } from "../errors.ts";
import { MAX_DEFINITION_BYTES, MAX_PATTERN_INSTRUCTIONS } from "./constants.ts";
import type { PortalDefinition } from "./definition.ts";
import { textsOf } from "./map-texts.ts";
import { type Place, placeholderProblem, placeholdersIn } from "./placeholders.ts";
import { addressesOf, resolveDefinition } from "./resolve-definition.ts";
import { selectorProblem } from "./selector-problem.ts";
import { isAllowedUrl } from "./site-url.ts";

/** Stands for every portal's base URL: what is allowed with it is allowed with all. */
const ANY_BASE = "https://base.invalid";

/** What is wrong with a definition as a whole; its shape is right. Empty: nothing. */
export function checkDefinition(definition: PortalDefinition): FieldError[] {
  return [
    ...sizeProblems(definition),
    ...originProblems(definition),
    ...addressProblems(definition),
    ...placeholderProblems(definition),
    ...selectorProblems(definition),
    ...codeProblems(definition),
    ...requestProblems(definition),
    ...patternProblems(definition),
  ];
}

function sizeProblems(definition: PortalDefinition): FieldError[] {
  const bytes = new TextEncoder().encode(JSON.stringify(definition)).length;
  if (bytes <= MAX_DEFINITION_BYTES) return [];
  return [problem([], `is ${bytes} bytes of JSON; ${MAX_DEFINITION_BYTES} at most`)];
}

function originProblems({ origins }: PortalDefinition): FieldError[] {
  return origins.flatMap((text, i) => {
    if (text === "{base}" || URL.parse(text)?.origin === text) return [];
    return [
      problem(
        ["origins", String(i)],
        "is no origin; write scheme and host alone, e.g. https://auth.example.com, or `{base}`",
      ),
    ];
  });
}

function addressProblems(definition: PortalDefinition): FieldError[] {
  const resolved = resolveDefinition(definition, ANY_BASE);
  return addressesOf(resolved).flatMap(({ path, address }) => {
    if (isAllowedUrl(resolved.origins, address)) return [];
    const origin = URL.parse(address)?.origin;
    if (origin === undefined) return [problem(path, "is neither a URL nor a path")];
    const missing = origin === ANY_BASE ? "{base}" : origin;
    return [problem(path, `leads to an origin that \`origins\` does not have; add \`${missing}\``)];
  });
}

function placeholderProblems(definition: PortalDefinition): FieldError[] {
  return [...textsOf(definition)].flatMap(({ path, text }) =>
    placeholdersIn(text).flatMap((name) => {
      const message =
        placeholderProblem(name, placeOf(path)) ?? unnamedValueProblem(name, definition);
      return message === null ? [] : [problem(path, message)];
    }),
  );
}

function selectorProblems(definition: PortalDefinition): FieldError[] {
  return [...textsOf(definition)].flatMap(({ path, text }) => {
    if (path.at(-1) !== "selector") return [];
    const message = selectorProblem(text.replaceAll("{base}", ANY_BASE));
    return message === null ? [] : [problem(path, message)];
  });
}

function placeOf(path: readonly string[]): Place {
  const [part = "", inner] = path;
  if (part === "headers" || (["health", "logout"].includes(part) && inner === "headers")) {
    return "header";
  }
  if (part !== "login" || path.at(-1) !== "value") return "text";
  return inner === "code" && path[2] === "steps" ? "code" : "typed";
}

function unnamedValueProblem(name: string, { values }: PortalDefinition): string | null {
  const [word, inner = ""] = name.split(".");
  if (word !== "value" || Object.hasOwn(values, inner)) return null;
  return `\`{${name}}\` is not among \`values\`; say there where it is found`;
}

function codeProblems({ login }: PortalDefinition): FieldError[] {
  if (!login.code) return [];
  const types = login.code.steps.some(
    (step) => step.do === "fill" && step.value.includes("{code}"),
  );
  return types ? [] : [problem(["login", "code", "steps"], "type `{code}` nowhere")];
}

function requestProblems({ health, logout, headers }: PortalDefinition): FieldError[] {
  const requests = [
    { path: ["health"], request: health },
    ...(logout ? [{ path: ["logout"], request: logout }] : []),
  ];
  const bodies = requests
    .filter(({ request }) => ["GET", "HEAD"].includes(request.method) && request.body !== undefined)
    .map(({ path, request }) => problem([...path, "body"], `is not sent with ${request.method}`));
  const allHeaders = [
    { path: ["headers"], headers },
    ...requests.map(({ path, request }) => ({ path: [...path, "headers"], ...request })),
  ];
  return [
    ...bodies,
    ...allHeaders.flatMap(({ path, headers: some }) =>
      Object.keys(some)
        .filter((name) => name === "cookie" || isReservedHeader(name))
        .map((name) => problem([...path, name], "is a header that Baton decides; remove it")),
    ),
  ];
}

function patternProblems({ sms }: PortalDefinition): FieldError[] {
  if (sms.pattern === undefined) return [];
  const path = ["sms", "pattern"];
  try {
    const compiled = RE2JS.compile(sms.pattern);
    if (compiled.programSize() > MAX_PATTERN_INSTRUCTIONS) return [problem(path, "is too large")];
    if (compiled.groupCount() > 0) return [];
    return [
      problem(path, "has no group; put parentheses around the code, e.g. `\\[Site\\] (\\d{6})`"),
    ];
  } catch (error) {
    return [problem(path, `is not of RE2 syntax: ${(error as Error).message}`)];
  }
}

function problem(path: readonly string[], message: string): FieldError {
  return { path: path.join("."), message };
}
