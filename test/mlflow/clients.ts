import { join } from 'node:path';
import type { PythonEnvironment } from './environment.ts';

/** The client scripts, in the order in which they run: the limits are used up by the first. */
export const CLIENTS = ['deployments_client', 'openai_client', 'http_client'] as const;

export type Client = (typeof CLIENTS)[number];

/** What a client got from a gateway in one check: a value, or a failure with its HTTP status and body. */
export interface Answer {
  readonly name: string;
  /** The status with which MLflow must fail, or null where it must succeed: guards against both being broken. */
  readonly raises: number | null;
  readonly value?: unknown;
  readonly failure?: { readonly kind: string; readonly status: number | null; readonly body: unknown };
  readonly message?: string;
}

/** Runs one client script against a gateway and returns its answers by the name of the check. */
export async function runClient(python: PythonEnvironment, client: Client, url: string): Promise<Map<string, Answer>> {
  const script = join(import.meta.dir, 'clients', `${client}.py`);
  const child = Bun.spawn([python.python, script, url], {
    env: { ...process.env, ...python.variables, MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0', PYTHONDONTWRITEBYTECODE: '1' },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${client} failed:\n${errors.slice(-3000)}`);
  const answers = output
    .trim()
    .split('\n')
    .map((line): Answer => JSON.parse(line));
  return new Map(answers.map((answer) => [answer.name, answer]));
}
