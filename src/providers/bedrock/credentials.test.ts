import { afterEach, beforeEach, expect, setSystemTime, test } from 'bun:test';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '../../core/secret.ts';
import { type AccessKeys, defaultCredentials, roleCredentials } from './credentials.ts';

/** Answers as AWS's Security Token Service does. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
class TokenService {
  readonly requests: { url: string; authorization: string; form: URLSearchParams }[] = [];
  expiration = new Date(Date.now() + 900_000);
  refuses = false;
  readonly #server: Server = createServer((request, response) => {
    void this.#read(request).then(() => {
      response.writeHead(this.refuses ? 403 : 200, { 'content-type': 'text/xml' });
      response.end(this.refuses ? REFUSAL : this.#answer());
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #read(request: IncomingMessage): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const authorization = request.headers.authorization ?? '';
    this.requests.push({ url: request.url ?? '', authorization, form: new URLSearchParams(body) });
  }

  #answer(): string {
    return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>ASIA${this.requests.length}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
      <SessionToken>session</SessionToken><Expiration>${this.expiration.toISOString()}</Expiration>
      </Credentials></AssumeRoleResult></AssumeRoleResponse>`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const REFUSAL = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
  <Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`;

const KEYS: AccessKeys = { id: new Secret('AKIDEXAMPLE'), secret: new Secret('test-secret'), sessionToken: undefined };
const ROLE = { arn: 'arn:aws:iam::123456789012:role/gateway', sessionSeconds: 1800, region: 'us-east-1', keys: KEYS };

const SAVED = { ...process.env };
let service: TokenService;

beforeEach(async () => {
  service = new TokenService();
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  process.env.AWS_ENDPOINT_URL_STS = await service.start();
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
  process.env.AWS_CONFIG_FILE = '/nonexistent';
  process.env.AWS_SHARED_CREDENTIALS_FILE = '/nonexistent';
});

afterEach(() => {
  setSystemTime();
  service.stop();
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, SAVED);
});

test('a role is taken once for all who wait, and kept until it expires', async () => {
  const source = roleCredentials(ROLE);
  const [first, second] = await Promise.all([source(), source()]);
  await source();
  expect(service.requests).toHaveLength(1);
  expect(first).toBe(second);
  expect(first).toMatchObject({ accessKeyId: 'ASIA1', secretAccessKey: 'secret', sessionToken: 'session' });
  const [request] = service.requests;
  expect(Object.fromEntries(request?.form ?? [])).toMatchObject({
    Action: 'AssumeRole',
    RoleArn: ROLE.arn,
    RoleSessionName: 'ai-gateway-bedrock',
    DurationSeconds: '1800',
  });
  expect(request?.authorization).toContain('Credential=AKIDEXAMPLE/');

  setSystemTime(service.expiration.getTime() - 10_000);
  service.expiration = new Date(Date.now() + 900_000);
  expect((await source()).accessKeyId).toBe('ASIA2');
  expect(service.requests).toHaveLength(2);
});

test('a role that cannot be had is an error that says why, and is tried again', async () => {
  const source = roleCredentials(ROLE);
  service.refuses = true;
  expect(source()).rejects.toMatchObject({
    code: 'upstream_unreachable',
    message: expect.stringContaining('not authorized to perform: sts:AssumeRole'),
  });
  await Promise.resolve(source()).catch(() => {});
  service.refuses = false;
  expect((await source()).secretAccessKey).toBe('secret');
});

test('the default credentials are those of the environment', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' });
  expect(await defaultCredentials()()).toMatchObject({
    accessKeyId: 'AKIDENV',
    secretAccessKey: 's',
    sessionToken: 't',
  });
});

test('where there are no credentials, the error says so', async () => {
  const error = await Promise.resolve(defaultCredentials()()).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'upstream_unreachable', status: 502 });
  expect(String(error)).toContain('Could not load credentials from any providers');
});

test('the token service is reached through the proxy of the environment', async () => {
  const proxy = process.env.AWS_ENDPOINT_URL_STS ?? '';
  const script = `
    const { roleCredentials } = await import('./src/providers/bedrock/credentials.ts');
    const { Secret } = await import('./src/core/secret.ts');
    const keys = { id: new Secret('AKIDEXAMPLE'), secret: new Secret('s'), sessionToken: undefined };
    const role = { arn: 'arn:aws:iam::1:role/r', sessionSeconds: 900, region: 'us-east-1', keys };
    console.log((await roleCredentials(role)()).accessKeyId);`;
  const environment = { ...process.env, HTTP_PROXY: proxy, http_proxy: proxy, NO_PROXY: '', no_proxy: '' };
  const child = Bun.spawn([process.execPath, '-e', script], {
    cwd: `${import.meta.dir}/../../..`,
    env: { ...environment, AWS_ENDPOINT_URL_STS: 'http://sts.invalid' },
    stdout: 'pipe',
    stderr: 'inherit',
  });
  expect((await new Response(child.stdout).text()).trim()).toBe('ASIA1');
  expect(service.requests[0]?.url).toBe('http://sts.invalid/');
});
