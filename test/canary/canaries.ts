/**
 * A secret for every slot in which one may stand. None has the shape of a known key, so that only who knows that it is
 * secret can keep it so; those of callers are recognised by where they stand.
 */
export const CANARIES = {
  openaiKey: 'canary/openai+key=quagga~1',
  anthropicKey: 'canary-anthropic-key-okapi',
  geminiKey: 'canary-gemini-key-tapir',
  organization: 'canary-file-key-numbat',
  adminToken: 'canary-admin-token-axolotl',
  collectorKey: 'canary-collector-key-dugong',
  databasePassword: 'canary-database-password-fossa',
  proxyPassword: 'canary-proxy-password-gharial',
  callerBearer: 'canary-caller-bearer-kakapo',
  callerApiKey: 'canary-caller-x-api-key-saola',
  callerGoogleKey: 'canary-caller-goog-key-vaquita',
  callerQueryKey: 'canary-caller-query-key-pangolin',
  wrongAdminToken: 'canary-wrong-admin-token-aye-aye',
  /** Of a coding agent's user, which goes to the provider in place of the configured key. */
  ownLogin: 'canary-own-login-thylacine+/=',
  taggedPassword: 'canary2tagged-password-bilby',
  promptKey: 'sk-ant-api03-canary0123456789abcdefghij',
  promptBearer: 'Bearer canary0123456789abcdefghijklmnop',
} as const;

/** What no sink may have: each as it is, escaped as URLs have it, in hexadecimal, and within any text in base64. */
export function needles(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [slot, secret] of Object.entries(CANARIES)) {
    const value = secret.replace(/^Bearer /, '');
    found.set(encodeURIComponent(value), `${slot}, escaped`);
    found.set(value, slot);
    found.set(Buffer.from(value).toString('hex'), `${slot}, in hexadecimal`);
    for (const before of ['', 'r', 'er']) {
      // Of the first and the last group of three bytes, some bits are those of what stands around.
      const inside = Buffer.from(`${before}${value}`)
        .toString('base64')
        .slice(before === '' ? 0 : 4)
        .slice(0, 20);
      found.set(inside, `${slot}, in base64`);
      found.set(inside.replaceAll('+', '-').replaceAll('/', '_'), `${slot}, in base64`);
    }
  }
  return found;
}

/** The slots whose secret is in there. */
export function leaksIn(sink: string | Uint8Array): string[] {
  const text = typeof sink === 'string' ? sink : Buffer.from(sink).toString('latin1');
  const utf16 = typeof sink === 'string' ? '' : Buffer.from(sink).toString('utf16le');
  return [...needles()].filter(([value]) => text.includes(value) || utf16.includes(value)).map(([, slot]) => slot);
}
