/**
 * A thought signature is bytes in this API, and its official Python client writes them in the alphabet for URLs. Those of
 * other providers must come back letter for letter, and some are no base64 at all, so these travel in an envelope.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const SIGNED = 'sluice-signature:';
const ENCRYPTED = 'sluice-encrypted:';

/** Google's placeholders, such as `skip_thought_signature_validator`, are shorter, and real signatures much longer. */
const LEAST_LENGTH = 64;

export function encodeSignature(signature: string): string {
  return isPlain(signature) ? signature : envelope(SIGNED + signature);
}

/** Reasoning that a provider encrypted, for which this API has no field of its own. */
export function encodeEncrypted(data: string): string {
  return envelope(ENCRYPTED + data);
}

export interface Sealed {
  readonly signature?: string;
  readonly encrypted?: string;
}

export function decodeSignature(text: string): Sealed {
  const standard = inStandardAlphabet(text);
  if (isEnvelope(standard)) {
    const inner = Buffer.from(standard, 'base64').toString('utf8');
    if (inner.startsWith(SIGNED)) return { signature: inner.slice(SIGNED.length) };
    if (inner.startsWith(ENCRYPTED)) return { encrypted: inner.slice(ENCRYPTED.length) };
  }
  const isRewritten = text.length >= LEAST_LENGTH && isPlain(standard);
  return { signature: isRewritten ? standard : text };
}

function envelope(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** What both texts in an envelope begin with, in base64. */
const BEGINNING = envelope('sluice');

function isEnvelope(text: string): boolean {
  return text.startsWith(BEGINNING);
}

/** Base64 that looks the same after decoding and encoding. */
function isPlain(text: string): boolean {
  return text.length % 4 === 0 && Buffer.from(text, 'base64').toString('base64') === text;
}

export function inStandardAlphabet(base64: string): string {
  if (!base64.includes('-') && !base64.includes('_')) return base64;
  return base64.replaceAll('-', '+').replaceAll('_', '/');
}
