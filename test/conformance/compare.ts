import { isJsonObject } from '../../src/core/types.ts';

/** Ids and times that the gateway makes itself: they must be there, but no recording can know their value. */
const MADE_BY_THE_GATEWAY = new Set(['id', 'created']);

/** What every generated id looks like. */
const GENERATED_ID = /^(call_|chatcmpl-|toolu)/;

/** In a recording: the second in which the answer was made. */
const NOW = '<now>';

/**
 * Says where `actual` lacks something of `expected`, or has another value. More fields than expected are fine, and so
 * is a null in the expectation that is absent. `upstream` is the provider's answer as text: an id or a time that
 * stands in it must come through unchanged, any other is the gateway's own.
 */
export function differences(expected: unknown, actual: unknown, path: string, upstream: string): string[] {
  if (isJsonObject(expected)) return objectDifferences(expected, actual, path, upstream);
  if (Array.isArray(expected)) return listDifferences(expected, actual, path, upstream);
  return sameValue(expected, actual, path) ? [] : [`${path}: ${show(actual)}, expected ${show(expected)}`];
}

/** As `differences`, but nothing may be more, less or other than expected; only nulls count as absent. */
export function exactDifferences(expected: unknown, actual: unknown, path: string): string[] {
  if (Bun.deepEquals(withoutNulls(expected), withoutNulls(actual), true)) return [];
  const missing = differences(expected, actual, path, '');
  const extra = differences(actual, expected, path, '').filter((line) => line.endsWith(MISSING));
  const found = [...missing, ...extra.map((line) => line.replace(MISSING, ' is extra'))];
  return found.length > 0 ? found : [`${path}: ${show(actual)}, expected ${show(expected)}`];
}

const MISSING = ' is missing';

function objectDifferences(expected: object, actual: unknown, path: string, upstream: string): string[] {
  if (!isJsonObject(actual)) return [`${path}: ${show(actual)} is no object`];
  const found: string[] = [];
  for (const [name, value] of Object.entries(expected)) {
    if (value === null || value === undefined) continue;
    const here = `${path}.${name}`;
    if (actual[name] === null || actual[name] === undefined) found.push(here + MISSING);
    else if (!MADE_BY_THE_GATEWAY.has(name) || upstream.includes(String(value)))
      found.push(...differences(value, actual[name], here, upstream));
  }
  return found;
}

function listDifferences(expected: unknown[], actual: unknown, path: string, upstream: string): string[] {
  if (!Array.isArray(actual) || actual.length !== expected.length)
    return [`${path}: expected ${expected.length} items, got ${show(actual)}`];
  return expected.flatMap((value, index) => differences(value, actual[index], `${path}[${index}]`, upstream));
}

function sameValue(expected: unknown, actual: unknown, path: string): boolean {
  if (typeof expected === 'number' && typeof actual === 'number') return Math.abs(expected - actual) < 1e-9;
  if (typeof expected === 'string') {
    if (expected === NOW) return typeof actual === 'number';
    if (typeof actual !== 'string') return false;
    if (expected.includes(NOW)) return true;
    if (path.endsWith('.id') && GENERATED_ID.test(expected + actual)) return true;
    if (expected.startsWith('{') && actual.startsWith('{')) return sameJsonText(expected, actual);
  }
  return (expected ?? null) === (actual ?? null);
}

/** Tool arguments are JSON within a string, where the spacing is the writer's own. */
function sameJsonText(expected: string, actual: string): boolean {
  try {
    return Bun.deepEquals(withoutNulls(JSON.parse(expected)), withoutNulls(JSON.parse(actual)), true);
  } catch {
    return expected === actual;
  }
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 200) ?? 'undefined';
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const present = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(present.map(([name, inner]) => [name, withoutNulls(inner)]));
}
