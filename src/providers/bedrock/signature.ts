import { createHmac, hash } from 'node:crypto';
import { Secret } from '../../core/secret.ts';
import type { Destination, RequestHeaders } from '../../upstream/port.ts';
import { whenHad } from '../../upstream/token-cache.ts';
import type { Authorizer, UnsignedRequest } from '../provider.ts';
import { type CanonicalRequest, canonicalRequest } from './canonical-request.ts';
import type { CredentialSource, Credentials } from './credentials.ts';

interface SigningOptions {
  readonly credentials: CredentialSource;
  readonly region: string;
  /** The name under which AWS knows the service. */
  readonly service?: string;
  readonly now?: () => Date;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Signs the bytes that are sent, with every header of the destination. The library lays out the request and derives the
 * key, once for each destination and day; what differs from request to request, two hashes and a code over them, is done
 * here, because the library's way through promises costs six times as much as all else of a request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function sigV4({
  credentials,
  region,
  service = 'bedrock',
  now = () => new Date(),
}: SigningOptions): Authorizer {
  const clock = new SigningClock(now);
  const keys = new SigningKeys(region, service);
  const layouts = new Layouts();
  const signWith = (signer: Credentials, { destination, body }: UnsignedRequest) => {
    const date = clock.date();
    const key = keys.of(signer, date.slice(0, 8));
    const layout = layouts.of(destination, signer.sessionToken ?? '');
    if (key instanceof Promise || layout instanceof Promise) {
      return Promise.all([key, layout]).then(([derived, laidOut]) => sign(body, date, signer, derived, laidOut));
    }
    return sign(body, date, signer, key, layout);
  };
  return (request) => whenHad(credentials(), (signer) => signWith(signer, request));
}

function sign(
  body: string | Uint8Array,
  date: string,
  { accessKeyId, sessionToken }: Credentials,
  key: SigningKey,
  { beforeDate, afterDate, signedHeaders }: CanonicalRequest,
): RequestHeaders {
  const request = `${beforeDate}${date}${afterDate}${hash('sha256', body, 'hex')}`;
  const text = `${ALGORITHM}\n${date}\n${key.scope}\n${hash('sha256', request, 'hex')}`;
  const signature = createHmac('sha256', key.bytes).update(text).digest('hex');
  const credential = `Credential=${accessKeyId}/${key.scope}`;
  const headers: Array<readonly [string, string]> = [
    ['authorization', `${ALGORITHM} ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`],
    ['x-amz-date', date],
  ];
  if (sessionToken) headers.push(['x-amz-security-token', sessionToken]);
  return headers;
}

/**
 * The layout of the requests of each destination; of one session token, because that is a signed header too and
 * temporary credentials bring a new one each time.
 */
class Layouts {
  readonly #known = new WeakMap<Destination, { token: string; layout: CanonicalRequest | Promise<CanonicalRequest> }>();

  of(destination: Destination, token: string): CanonicalRequest | Promise<CanonicalRequest> {
    const known = this.#known.get(destination);
    if (known?.token === token) return known.layout;
    const { method, url, headers } = destination;
    const exposed = headers.map(([name, value]) => [name, value instanceof Secret ? value.expose() : value] as const);
    const layout = canonicalRequest(method, url, exposed, token);
    const entry: { token: string; layout: CanonicalRequest | Promise<CanonicalRequest> } = { token, layout };
    this.#known.set(destination, entry);
    layout.then(
      (laidOut) => {
        entry.layout = laidOut;
      },
      () => this.#known.delete(destination),
    );
    return layout;
  }
}

interface SigningKey {
  readonly bytes: Uint8Array;
  /** For example `20150830/us-east-1/bedrock/aws4_request`. */
  readonly scope: string;
}

/** The key of a day, for the credentials used last. */
class SigningKeys {
  readonly #region: string;
  readonly #service: string;
  #for: Credentials | null = null;
  #day = '';
  #key: SigningKey | Promise<SigningKey> | null = null;

  constructor(region: string, service: string) {
    this.#region = region;
    this.#service = service;
  }

  of(credentials: Credentials, day: string): SigningKey | Promise<SigningKey> {
    if (this.#key !== null && this.#for === credentials && this.#day === day) return this.#key;
    this.#for = credentials;
    this.#day = day;
    const deriving = this.#derive(credentials, day);
    this.#key = deriving;
    // A failure is not kept: the next request tries again.
    const settle = (key: SigningKey | null) => {
      if (this.#key === deriving) this.#key = key;
    };
    deriving.then(settle, () => settle(null));
    return deriving;
  }

  async #derive(credentials: Credentials, day: string): Promise<SigningKey> {
    const [{ createScope, getSigningKey }, { Hash }] = await Promise.all([
      import('@smithy/signature-v4'),
      import('@smithy/hash-node'),
    ]);
    const bytes = await getSigningKey(Hash.bind(null, 'sha256'), credentials, day, this.#region, this.#service);
    return { bytes, scope: createScope(day, this.#region, this.#service) };
  }
}

/** The time as AWS writes it, `20150830T123600Z`; the text is made once a second. */
class SigningClock {
  readonly #now: () => Date;
  #second = -1;
  #date = '';

  constructor(now: () => Date) {
    this.#now = now;
  }

  date(): string {
    const now = this.#now();
    const second = Math.floor(now.getTime() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
    }
    return this.#date;
  }
}
