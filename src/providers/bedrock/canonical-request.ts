/** The request as AWS sees it when it checks a signature, but for its date and the hash of its body. */
export interface CanonicalRequest {
  readonly beforeDate: string;
  /** Ends where the hash of the body follows. */
  readonly afterDate: string;
  readonly signedHeaders: string;
}

/** Stands where the date will: of its length, and nothing that another header could hold. */
const DATE = '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request */
export async function canonicalRequest(
  method: string,
  url: string,
  headers: ReadonlyArray<readonly [name: string, value: string]>,
  sessionToken: string,
): Promise<CanonicalRequest> {
  const { getCanonicalHeaders, getCanonicalQuery } = await import('@smithy/signature-v4');
  const { protocol, hostname, host, pathname, searchParams } = new URL(url);
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(searchParams.keys())) query[name] = searchParams.getAll(name);
  const request = {
    method,
    protocol,
    hostname,
    path: pathname,
    query,
    headers: { host, ...Object.fromEntries(headers) },
  };
  const signed: Record<string, string> = getCanonicalHeaders({
    ...request,
    headers: { ...request.headers, ...(sessionToken && { 'x-amz-security-token': sessionToken }) },
  });
  signed['x-amz-date'] = DATE;
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]}\n`).join('');
  const signedHeaders = names.join(';');
  const text = `${method}\n${escapedTwice(pathname)}\n${getCanonicalQuery(request)}\n${lines}\n${signedHeaders}\n`;
  const at = text.indexOf(DATE);
  return { beforeDate: text.slice(0, at), afterDate: text.slice(at + DATE.length), signedHeaders };
}

/** The path is escaped once as it is sent; what is signed is escaped once more. */
function escapedTwice(path: string): string {
  return path.split('/').map(escaped).join('/');
}

function escaped(segment: string): string {
  const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(segment).replace(/[!'()*]/g, percent);
}
