import type { SignatureV4 } from '@smithy/signature-v4';
import { Secret } from '../../core/secret.ts';
import type { Destination } from '../../upstream/port.ts';
import type { Authorizer } from '../provider.ts';
import type { CredentialSource } from './credentials.ts';

interface SigningOptions {
  readonly credentials: CredentialSource;
  readonly region: string;
  /** The name under which AWS knows the service. */
  readonly service?: string;
  readonly now?: () => Date;
}

/**
 * Signs the bytes that are sent, with every header of the destination.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function sigV4({
  credentials,
  region,
  service = 'bedrock',
  now = () => new Date(),
}: SigningOptions): Authorizer {
  let loading: Promise<SignatureV4> | null = null;
  const prepared = new WeakMap<Destination, PreparedToSign>();
  return async ({ destination, body }) => {
    loading ??= createSigner(credentials, region, service);
    const signer = await loading;
    let request = prepared.get(destination);
    if (!request) {
      request = prepare(destination);
      prepared.set(destination, request);
    }
    const { headers } = await signer.sign(
      { ...request, headers: { ...request.headers }, body },
      { signingDate: now() },
    );
    return SIGNATURE_HEADERS.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as const];
    });
  };
}

const SIGNATURE_HEADERS = ['authorization', 'x-amz-date', 'x-amz-security-token'] as const;

async function createSigner(credentials: CredentialSource, region: string, service: string): Promise<SignatureV4> {
  const [{ SignatureV4 }, { Hash }] = await Promise.all([import('@smithy/signature-v4'), import('@smithy/hash-node')]);
  // The check sum of the body is part of the signature; a header of its own is only for S3.
  return new SignatureV4({
    credentials,
    region,
    service,
    sha256: Hash.bind(null, 'sha256'),
    applyChecksum: false,
  });
}

interface PreparedToSign {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  /** Escaped once, as it is sent; what is signed is escaped once more. */
  readonly path: string;
  readonly query: Record<string, string | string[]>;
  readonly headers: Record<string, string>;
}

function prepare({ method, url, headers }: Destination): PreparedToSign {
  const { protocol, hostname, host, port, pathname, searchParams } = new URL(url);
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(searchParams.keys())) query[name] = searchParams.getAll(name);
  const signed: Record<string, string> = { host };
  for (const [name, value] of headers) signed[name] = value instanceof Secret ? value.expose() : value;
  return { method, protocol, hostname, ...(port && { port: Number(port) }), path: pathname, query, headers: signed };
}
