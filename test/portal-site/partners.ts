import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, PARTNERS } from "./constants.ts";
import type { Partner } from "./pages.ts";

const REGIONS = ["강남", "마포", "송파", "성동", "관악", "수원", "분당", "해운대"];
const STATUSES = ["운영", "운영", "운영", "휴무", "심사"];

const ALL: readonly Partner[] = Array.from({ length: PARTNERS }, (_, i) => ({
  id: `P${String(i + 1).padStart(3, "0")}`,
  name: `협력사 ${i + 1}호`,
  region: REGIONS[i % REGIONS.length] ?? "",
  status: STATUSES[i % STATUSES.length] ?? "",
}));

/** One page of the 58, numbered from 1; null: it asks for what there is not. */
export function pageOfPartners(query: URLSearchParams) {
  const number = readNumber(query.get("page") ?? "1");
  const size = readNumber(query.get("size") ?? String(DEFAULT_PAGE_SIZE));
  if (number === null || size === null || size > MAX_PAGE_SIZE) return null;
  const pages = Math.ceil(ALL.length / size);
  const partners = ALL.slice((number - 1) * size, number * size);
  return { total: ALL.length, page: number, size, pages, partners };
}

export function findPartner(id: string): Partner | undefined {
  return ALL.find((partner) => partner.id === id);
}

function readNumber(text: string): number | null {
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
}
