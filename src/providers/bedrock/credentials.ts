import type { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { GatewayError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { cachedToken } from '../../upstream/token-cache.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export interface AccessKeys {
  readonly id: Secret;
  readonly secret: Secret;
  readonly sessionToken: Secret | undefined;
}

export interface Role {
  readonly arn: string;
  readonly sessionSeconds: number;
  readonly region: string | null;
  /** Who takes the role; whoever the environment says, when null. */
  readonly keys: AccessKeys | null;
}

/** Rejects with a GatewayError when none can be had. */
export type CredentialSource = () => Credentials | Promise<Credentials>;

export function fixedCredentials(keys: AccessKeys): CredentialSource {
  const credentials = exposed(keys);
  return () => credentials;
}

function exposed({ id, secret, sessionToken }: AccessKeys): Credentials {
  return {
    accessKeyId: id.expose(),
    secretAccessKey: secret.expose(),
    ...(sessionToken && { sessionToken: sessionToken.expose() }),
  };
}

type STSClientOptions = NonNullable<Parameters<typeof fromTemporaryCredentials>[0]['clientConfig']>;

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function roleCredentials({ arn, sessionSeconds, region, keys }: Role): CredentialSource {
  return kept(async () => {
    const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
    return fromTemporaryCredentials({
      params: { RoleArn: arn, RoleSessionName: 'ai-gateway-bedrock', DurationSeconds: sessionSeconds },
      ...(keys && { masterCredentials: exposed(keys) }),
      clientConfig: { ...throughFetch, ...(region !== null && { region }) },
    });
  });
}

/** Environment, profiles, single sign-on, web identity, containers and instances: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
export function defaultCredentials(): CredentialSource {
  return kept(async () => {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    return fromNodeProviderChain({ clientConfig: throughFetch });
  });
}

/** Fetched at their first use, and again when they expire. The SDK is loaded with them: it is large. */
function kept(load: () => Promise<() => Promise<Credentials>>): CredentialSource {
  let provider: Promise<() => Promise<Credentials>> | null = null;
  return cachedToken(async () => {
    try {
      provider ??= load();
      const credentials = await (await provider)();
      return { value: credentials, expiresAt: credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new GatewayError('upstream_unreachable', `No AWS credentials could be had: ${reason}`, { cause });
    }
  });
}

/** What the SDK hands to a request handler. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Milliseconds for a call that fetches credentials. */
const TIMEOUT = 10_000;

/** The SDK's own way to the network knows no `HTTPS_PROXY`; `fetch` does. */
const throughFetch = {
  requestHandler: {
    handle: async (request: SdkRequest) => {
      const { method, headers, body } = request;
      const signal = AbortSignal.timeout(TIMEOUT);
      const answer = await fetch(urlOf(request), {
        method,
        headers,
        signal,
        redirect: 'manual',
        ...(body && { body }),
      });
      const response = {
        statusCode: answer.status,
        reason: answer.statusText,
        headers: Object.fromEntries(answer.headers),
        body: answer.body ?? new Uint8Array(),
      };
      return { response };
    },
  } as unknown as NonNullable<STSClientOptions['requestHandler']>,
};

function urlOf({ protocol, hostname, port, path, query }: SdkRequest): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) parameters.append(name, String(one));
  }
  const search = parameters.size > 0 ? `?${parameters}` : '';
  return `${protocol}//${hostname}${port ? `:${port}` : ''}${path}${search}`;
}
