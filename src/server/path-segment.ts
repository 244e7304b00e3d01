/** A name as a segment of a path, and with the characters that some clients leave as they are. */
export function segmentOf(name: string): { readonly encoded: string; readonly plain: string } {
  const encoded = encodeURIComponent(name);
  return { encoded, plain: encoded.replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@') };
}
