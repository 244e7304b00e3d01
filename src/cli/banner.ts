import type { GatewayConfig } from '../config/types.ts';
import type { Operation } from '../core/types.ts';

const EXAMPLE_BODIES: Readonly<Record<Operation, string>> = {
  chat: '{"messages": [{"role": "user", "content": "Hello"}]}',
  completions: '{"prompt": "Once upon a time"}',
  embeddings: '{"input": "Hello"}',
};

/** What a person sees at the start: where it listens, what it serves, and a command that works as printed. */
export function banner(config: GatewayConfig, hostname: string, port: number): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  const reachable = hostname === '0.0.0.0' ? '127.0.0.1' : hostname === '::' ? '[::1]' : host;
  const url = `http://${reachable}:${port}`;
  const lines = [`Sluice listens on http://${host}:${port} (documentation: ${url}/docs)`];
  const rows = [
    ...config.endpoints.map(({ name, endpointType, provider, model }) => [
      name,
      endpointType,
      model.name ? `${provider} ${model.name}` : provider,
    ]),
    ...config.routes.map(({ name, taskType, destinations }) => [
      name,
      taskType,
      destinations.map((destination) => `${destination.trafficPercentage}% ${destination.name}`).join(', '),
    ]),
  ];
  if (rows.length === 0) return `${lines[0]}\nThe configuration has no endpoints yet.\n`;
  lines.push('', ...table(rows));
  const first = config.endpoints[0];
  if (first) {
    const body = EXAMPLE_BODIES[first.operation];
    lines.push(
      '',
      'Try it:',
      `  curl ${url}/gateway/${first.name}/invocations -H 'Content-Type: application/json' -d '${body}'`,
    );
  }
  return `${lines.join('\n')}\n\n`;
}

/** The most rows that are worth a screen. */
const SHOWN = 30;

function table(rows: readonly string[][]): string[] {
  const shown = rows.slice(0, SHOWN);
  const widths = [0, 1].map((column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  const lines = shown.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
  return rows.length > SHOWN ? [...lines, `  … and ${rows.length - SHOWN} more`] : lines;
}
