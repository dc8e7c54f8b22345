import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: [
    "./src/db/schema/control.ts",
    "./src/db/schema/kakao.ts",
    "./src/db/schema/portals.ts",
    "./src/db/schema/chat.ts",
  ],
  out: "./migrations/control",
});
