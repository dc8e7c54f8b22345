/** Writes the client library for the page. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { buildClient, PAGE_CLIENT } from "./client-bundle.ts";

mkdirSync(dirname(PAGE_CLIENT), { recursive: true });
writeFileSync(PAGE_CLIENT, await buildClient());
