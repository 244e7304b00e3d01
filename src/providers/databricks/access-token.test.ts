import { afterEach, describe, expect, test } from 'bun:test';
import { eventually, type RunningGateway, startGateway } from '../../../test/support/gateway.ts';
import { startProcess } from '../../../test/support/gateway-process.ts';
import { CHAT_ANSWER, jsonResponse, type RawUpstream, startRawUpstream } from '../../../test/support/raw-upstream.ts';
import type { JsonObject } from '../../core/types.ts';
import { recordingProxy } from '../../upstream/conformance/recording-proxy.ts';

const SECRET = 'dose-canary-secret';
const MESSAGES = { messages: [{ role: 'user', content: 'x' }] };

const closers: Array<() => void | Promise<void>> = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Workspace {
  readonly upstream: RawUpstream;
  readonly host: string;
  /** The heads of the requests for a token, and of the calls. */
  tokens(): string[];
  calls(): string[];
}

/** A workspace that answers requests for tokens with what `token` gives for the first, the second, … of them. */
async function startWorkspace(
  token: (count: number) => string | Promise<string>,
  answer = jsonResponse(CHAT_ANSWER),
): Promise<Workspace> {
  const isToken = (head: string) => /^POST \S*\/oidc\/v1\/token /.test(head);
  const heads = () => upstream.requests.map(({ head }) => head);
  const upstream: RawUpstream = await startRawUpstream(async ({ head, socket }) => {
    socket.write(isToken(head) ? await token(heads().filter(isToken).length) : answer);
  });
  closers.push(upstream.stop);
  return {
    upstream,
    host: upstream.base.replace(/\/v1$/, ''),
    tokens: () => heads().filter(isToken),
    calls: () => heads().filter((head) => !isToken(head)),
  };
}

function granted(count: number, expires_in: unknown = 3600): string {
  return jsonResponse({ access_token: `oauth-${count}`, scope: 'all-apis', token_type: 'Bearer', expires_in });
}

function config(host: string): JsonObject {
  const model = { provider: 'databricks', name: 'm', config: { host, client_id: 'app-1', client_secret: SECRET } };
  return { endpoints: [{ name: 'chat', endpoint_type: 'llm/v1/chat', model }] };
}

async function gatewayOf({ host }: Workspace): Promise<RunningGateway> {
  const gateway = await startGateway(config(host));
  closers.push(gateway.stop);
  return gateway;
}

const call = (gateway: RunningGateway) => gateway.post('/gateway/chat/invocations', MESSAGES);

describe('an access token of Databricks', () => {
  test('is asked for once by all who wait, with the credentials, and serves later calls', async () => {
    const asked = Promise.withResolvers<string>();
    const workspace = await startWorkspace(() => asked.promise);
    const gateway = await gatewayOf(workspace);
    const answers = Array.from({ length: 20 }, () => call(gateway));
    await eventually('the token is asked for', () => workspace.tokens().length > 0);
    expect(workspace.calls()).toEqual([]);
    asked.resolve(granted(1));
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
    expect((await call(gateway)).status).toBe(200);
    expect(workspace.tokens().length).toBe(1);
    const [head = ''] = workspace.tokens();
    expect(head).toMatch(new RegExp(`^authorization: Basic ${btoa(`app-1:${SECRET}`)}$`, 'im'));
    expect(head).toMatch(/^content-type: application\/x-www-form-urlencoded$/im);
    const form = workspace.upstream.requests.find((request) => request.head === head)?.body;
    expect(form).toBe('grant_type=client_credentials&scope=all-apis');
    expect(workspace.calls().length).toBe(21);
    for (const sent of workspace.calls()) expect(sent).toMatch(/^authorization: Bearer oauth-1$/im);
  });

  test('is fetched again before it expires', async () => {
    const workspace = await startWorkspace((count) => granted(count, count === 1 ? 0.1 : 3600));
    const gateway = await gatewayOf(workspace);
    await call(gateway);
    await eventually('a second one', async () => {
      await call(gateway);
      return workspace.tokens().length === 2;
    });
    expect(workspace.calls()[0]).toContain('Bearer oauth-1\r\n');
    expect(workspace.calls().at(-1)).toContain('Bearer oauth-2\r\n');
  });

  test('that is refused is a 502 that says why without the secret, and is asked for again', async () => {
    const error = { error: 'invalid_client', error_description: `Client authentication failed: ${SECRET}` };
    const workspace = await startWorkspace((count) =>
      count === 1 ? jsonResponse(error, '401 Unauthorized') : granted(count),
    );
    const gateway = await gatewayOf(workspace);
    const refused = await call(gateway);
    expect([refused.status, await refused.json()]).toEqual([
      502,
      {
        detail:
          'Databricks refused the client credentials with status 401: invalid_client: Client authentication failed: ***',
      },
    ]);
    expect((await call(gateway)).status).toBe(200);
  });

  test.each<[string, string]>([
    ['is no JSON', jsonResponse('<html>', '200 OK', 'text/html')],
    ['has no token', jsonResponse({ token_type: 'Bearer' })],
    ['has an empty token', jsonResponse({ access_token: '' })],
    ['is a redirect', 'HTTP/1.1 302 Found\r\nlocation: https://login.example/\r\ncontent-length: 0\r\n\r\n'],
    ['is no HTTP', 'hello\r\n\r\n'],
  ])('whose answer %s is a 502', async (_what, answer) => {
    const workspace = await startWorkspace(() => answer);
    const response = await call(await gatewayOf(workspace));
    expect(response.status).toBe(502);
    expect(JSON.stringify(await response.json())).not.toContain('canary');
    expect(workspace.calls()).toEqual([]);
  });

  test('of a workspace that is not there is a 502 that names it', async () => {
    const workspace = await startWorkspace(() => granted(1));
    workspace.upstream.stop();
    const response = await call(await gatewayOf(workspace));
    expect([response.status, await response.text()]).toEqual([
      502,
      expect.stringContaining(workspace.host.replace('http://', '')),
    ]);
  });

  test('is not shown when an error of the provider repeats it', async () => {
    const workspace = await startWorkspace(
      () => granted(1),
      jsonResponse({ error_code: 'PERMISSION_DENIED', message: 'Bad token: oauth-1' }, '403 Forbidden'),
    );
    const response = await call(await gatewayOf(workspace));
    expect(response.status).toBe(403);
    const text = await response.text();
    expect(text).toContain('Bad token: ***');
    expect(text).not.toContain('oauth-1');
  });

  test('is asked for through the proxy that calls go through', async () => {
    const workspace = await startWorkspace(granted);
    const proxy = await recordingProxy();
    closers.push(proxy.close);
    const gateway = await startProcess({
      config: config(workspace.host.replace('127.0.0.1', 'workspace.example')),
      environment: { http_proxy: `http://${proxy.label}`, no_proxy: '', NO_PROXY: '' },
    });
    closers.push(gateway.kill);
    const response = await fetch(`${gateway.url}/gateway/chat/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(MESSAGES),
    });
    expect(response.status).toBe(200);
    // The absolute form is what a proxy is asked with; this one hands it on as it is.
    expect(workspace.upstream.requests.map(({ head }) => head.split(' ')[1])).toEqual([
      expect.stringMatching(/^http:\/\/workspace\.example:\d+\/oidc\/v1\/token$/),
      expect.stringMatching(/^http:\/\/workspace\.example:\d+\/serving-endpoints\/chat\/completions$/),
    ]);
  });
});
