import { isJsonObject, type JsonObject } from '../types.ts';

/** Texts that stand whole in each piece and are not continued by the next. */
const WHOLE = new Set(['id', 'object', 'type', 'role', 'model', 'finish_reason', 'service_tier', 'system_fingerprint']);

/** Adds a piece to what came before: texts go on, lists grow, items with an `index` are brought together by it. */
export function mergePiece(whole: JsonObject, piece: JsonObject): void {
  for (const [name, value] of Object.entries(piece)) {
    if (value === null || value === undefined) continue;
    const known = Object.hasOwn(whole, name) ? whole[name] : undefined;
    if (typeof value === 'string' && typeof known === 'string' && !WHOLE.has(name)) set(whole, name, known + value);
    else if (Array.isArray(value)) set(whole, name, mergeItems(Array.isArray(known) ? known : [], value));
    else if (isJsonObject(value) && isJsonObject(known)) mergePiece(known, value);
    else set(whole, name, isJsonObject(value) ? structuredClone(value) : value);
  }
}

function mergeItems(known: unknown[], items: readonly unknown[]): unknown[] {
  for (const item of items) {
    const index = isJsonObject(item) ? item.index : undefined;
    const same = index === undefined ? undefined : known.find((each) => isJsonObject(each) && each.index === index);
    if (isJsonObject(same) && isJsonObject(item)) mergePiece(same, item);
    else known.push(isJsonObject(item) ? structuredClone(item) : item);
  }
  return known;
}

/** Also under a name such as `__proto__`. */
function set(object: JsonObject, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
