import { HTTPException } from "hono/http-exception";
import { BatonError } from "../errors.ts";
import { type Document, methodsOf } from "./document.ts";

/** What the router itself refuses, as our own error. */
export function asBatonError(error: Error): Error {
  if (!(error instanceof HTTPException)) return error;
  if (error.status === 415) {
    return new BatonError(
      "unsupported_media_type",
      "Send a JSON body as `content-type: application/json`.",
    );
  }
  return new BatonError("malformed", error.message || "The request could not be read.");
}

/** 404 for a path or method that does not exist, with the methods that the path has. */
export function noSuchRoute(document: Document, method: string, path: string): BatonError {
  const methods = methodsOf(document, path);
  const hint = methods.length ? `This path has ${methods.join(", ")}.` : "See /api/docs.";
  return new BatonError("not_found", `There is no ${method} ${path}. ${hint}`);
}
