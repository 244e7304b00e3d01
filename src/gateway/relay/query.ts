/** The value of a parameter in a query as it was sent; null when absent. */
export function queryParameter(query: string, name: string): string | null {
  return query === '' ? null : new URLSearchParams(query).get(name);
}

/** Google's clients may put their key into the query, others an access token: the caller's, and none of the provider's. */
export const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set([
  'key',
  'api_key',
  'api-key',
  'apikey',
  'access_token',
]);

/** The query without some parameters; the others keep their spelling and order. */
export function withoutParameters(query: string, names: ReadonlySet<string>): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => !names.has(nameOf(pair)))
    .join('&');
}

/** The parts that are not empty, as one query with its question mark. */
export function joinQueries(...parts: readonly string[]): string {
  const query = parts.filter((part) => part !== '').join('&');
  return query === '' ? '' : `?${query}`;
}

/** As a server reads it, whatever was escaped. */
function nameOf(pair: string): string {
  const [name = ''] = new URLSearchParams(pair).keys();
  return name;
}
