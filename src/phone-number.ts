import { z } from "zod";

/** A number in digits alone, as it is dialled in Korea. What is none is left for a check to refuse. */
export function dialled(text: string): string {
  const digits = text.replace(/[\s-]/g, "");
  return digits.startsWith("+82") ? `0${digits.slice(3).replace(/^0/, "")}` : digits;
}

/** True for digits of a length that numbers have, abroad too. */
export function isNumber(text: string): boolean {
  return /^\d{8,15}$/.test(text);
}

/** The last four digits tell numbers apart. */
export function maskNumber(number: string): string {
  return `${"*".repeat(Math.max(0, number.length - 4))}${number.slice(-4)}`;
}

export const PhoneNumber = z.string().max(40).overwrite(dialled).refine(isNumber, {
  error: "is no telephone number; use digits, with spaces or hyphens if you like",
});
