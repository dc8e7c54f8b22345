import type { z } from "zod";
import { PhoneNumber } from "../phone-number.ts";
import { strict } from "../strict.ts";

export const SmsCodeConfig = strict({
  phone: PhoneNumber.meta({
    description: "Whose SMS it is: logins of portals with this phone may take the code",
  }),
});
export type SmsCodeConfig = z.infer<typeof SmsCodeConfig>;
