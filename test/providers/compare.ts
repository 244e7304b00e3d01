import { isJsonObject } from '../../src/core/types.ts';

/**
 * Where `actual` is not as expected, each with its path; empty when all is well. Objects may have more fields than
 * expected, except where `exact`.
 */
export function differences(expected: unknown, actual: unknown, path: string, exact = false): string[] {
  if (isJsonObject(expected) && isJsonObject(actual)) {
    const extra = exact ? Object.keys(actual).filter((field) => !(field in expected)) : [];
    return [
      ...Object.entries(expected).flatMap(([field, value]) =>
        field in actual
          ? differences(value, actual[field], `${path}.${field}`, exact)
          : [`${path}.${field} is missing`],
      ),
      ...extra.map((field) => `${path}.${field} is extra: ${show(actual[field])}`),
    ];
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((item, index) => differences(item, actual[index], `${path}[${index}]`, exact));
  }
  return Bun.deepEquals(expected, actual, true) ? [] : [`${path} is ${show(actual)}, expected ${show(expected)}`];
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
