import { isObject } from "./json-object.ts";

/**
 * The values a dotted path leads to in a JSON value; empty when it leads nowhere. Depth is the caller's to limit.
 *
 * An own key that is the whole rest of the path wins, else the path is split at its first dot. A number indexes a
 * list; any other segment goes through every element.
 */
export function valuesAt(root: unknown, path: string): unknown[] {
  const found: unknown[] = [];
  collect(root, path, found);
  return found;
}

function collect(node: unknown, path: string, found: unknown[]): void {
  const dot = path.indexOf(".");
  const head = dot < 0 ? path : path.slice(0, dot);
  const rest = dot < 0 ? undefined : path.slice(dot + 1);
  if (Array.isArray(node)) {
    if (!/^\d{1,9}$/.test(head)) {
      for (const element of node) collect(element, path, found);
    } else if (Number(head) < node.length) {
      step(node[Number(head)], rest, found);
    }
  } else if (isObject(node)) {
    // Own keys only: `constructor` and `__proto__` are names like any other.
    if (Object.hasOwn(node, path)) step(node[path], undefined, found);
    else if (rest !== undefined && Object.hasOwn(node, head)) step(node[head], rest, found);
  }
}

function step(value: unknown, rest: string | undefined, found: unknown[]): void {
  if (rest !== undefined) return collect(value, rest, found);
  found.push(value);
}
