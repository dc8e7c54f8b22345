import { factsAt } from "./file-facts.ts";
import { CROWDED, concernedBy, solveProblem, type Tail } from "./tail.ts";

/** Ends problems that nothing will solve any more: of files that are gone. The status must not be bad for ever. */
export async function forgetProblems(tail: Tail): Promise<void> {
  if (!tail.isCrowded) solveProblem(tail, CROWDED);
  for (const concerning of tail.problems.keys()) {
    const { path, key } = concernedBy(concerning);
    if (path !== undefined && (await isGone(path))) solveProblem(tail, concerning);
    if (key !== undefined && !isKnown(tail, key)) solveProblem(tail, concerning);
  }
}

async function isGone(path: string): Promise<boolean> {
  try {
    return (await factsAt(path)) === undefined;
  } catch {
    return false;
  }
}

function isKnown(tail: Tail, key: string): boolean {
  return tail.files.has(key) || tail.unopened.some((saved) => saved.key === key);
}
