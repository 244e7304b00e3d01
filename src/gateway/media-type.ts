/** The media types that the first bytes of a file give away, and the others that stand for the same. */
const SIGNATURES: ReadonlyArray<{ readonly type: string; readonly matches: (head: string) => boolean }> = [
  { type: 'image/png', matches: (head) => head.startsWith('\x89PNG\r\n\x1a\n') },
  { type: 'image/jpeg', matches: (head) => head.startsWith('\xff\xd8\xff') },
  { type: 'image/gif', matches: (head) => head.startsWith('GIF87a') || head.startsWith('GIF89a') },
  { type: 'image/webp', matches: (head) => head.startsWith('RIFF') && head.startsWith('WEBP', 8) },
  // Readers accept a few bytes before the signature, and so do we.
  { type: 'application/pdf', matches: (head) => head.includes('%PDF-') },
];

/** How far a signature may stand from the beginning. */
const HEAD_BYTES = 1024;

/** What servers say when they do not know. */
const UNSPECIFIC: ReadonlySet<string> = new Set([
  'application/octet-stream',
  'binary/octet-stream',
  'application/x-download',
]);

const SYNONYMS: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'application/x-pdf': 'application/pdf',
};

/**
 * The media type of a file: what its bytes show, else what its server says. Null when the server says nothing, or one
 * of the types whose bytes look otherwise.
 */
export function mediaTypeOf(bytes: Uint8Array, declared: string | null): string | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES)).toString('latin1');
  const shown = SIGNATURES.find(({ matches }) => matches(head));
  if (shown) return shown.type;
  const said = declared === null ? null : (SYNONYMS[declared] ?? declared);
  if (said === null || UNSPECIFIC.has(said) || SIGNATURES.some(({ type }) => type === said)) return null;
  return said;
}
