import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/types.ts';
import { Gateway } from '../../src/server/supervisor.ts';

export interface RunningGateway {
  readonly url: string;
  readonly port: number;
  readonly configPath: string;
  readonly gateway: Gateway;
  /** Writes another configuration and waits until it has been looked at. */
  configure(config: JsonObject | string): Promise<void>;
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/** Most tests look at nothing of it. */
const WITHOUT_LEDGER: JsonObject = { ledger: { database: 'off' } };

/** A gateway in this process, on a free port, from a configuration file of its own. JSON is YAML. */
export async function startGateway(config: JsonObject, options: { workers?: number } = {}): Promise<RunningGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const configPath = join(folder, 'config.yaml');
  writeFileSync(configPath, JSON.stringify({ ...WITHOUT_LEDGER, ...config }));
  const gateway = await Gateway.start({
    configPath,
    hostname: '127.0.0.1',
    port: 0,
    workers: options.workers ?? 1,
    log: { level: 'error', format: 'json' },
  });
  const url = `http://127.0.0.1:${gateway.port}`;
  return {
    url,
    port: gateway.port,
    configPath,
    gateway,
    configure: async (next) => {
      writeFileSync(configPath, typeof next === 'string' ? next : JSON.stringify(next));
      await gateway.reload();
    },
    post: (path, body, init = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
      }),
    stop: async () => {
      await gateway.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function endpoint(
  name: string,
  operation: string,
  provider: string,
  config: JsonObject,
  more: JsonObject = {},
): JsonObject {
  return { name, endpoint_type: `llm/v1/${operation}`, model: { provider, name: 'm', config }, ...more };
}

/** An endpoint whose upstream is an OpenAI-compatible server at this address. */
export function openaiEndpoint(name: string, operation: string, base: string, more: JsonObject = {}): JsonObject {
  return endpoint(name, operation, 'openai', { openai_api_key: 'sk-canary-secret', openai_api_base: base }, more);
}

/** Waits until the condition holds; fails after five seconds. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await Bun.sleep(5);
  }
}
