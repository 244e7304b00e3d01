import { DATABASE_VARIABLE, parseDatabase } from '../config/ledger.ts';
import { ConfigError } from '../config/problem.ts';
import { resolveConfigPath } from '../config/read.ts';
import { renderProblems } from '../config/report.ts';
import { ListenError } from '../server/listen-error.ts';
import { Gateway, type GatewayOptions } from '../server/supervisor.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../telemetry/log.ts';
import { type Flag, flagTable, oneOf, parseFlags, UsageError, wholeNumber } from './arguments.ts';
import { banner } from './banner.ts';
import { applyRuntimeSettings } from './runtime-settings.ts';

const FLAGS: readonly Flag[] = [
  {
    name: 'config-path',
    type: 'string',
    placeholder: 'PATH',
    help: 'The configuration file. Required.',
    environment: 'MLFLOW_GATEWAY_CONFIG',
  },
  {
    name: 'host',
    type: 'string',
    placeholder: 'ADDRESS',
    help: 'The network address to listen on (default: 127.0.0.1).',
  },
  {
    name: 'port',
    type: 'string',
    placeholder: 'NUMBER',
    help: 'The port to listen on; 0 for any free one (default: 5000).',
  },
  { name: 'workers', type: 'string', placeholder: 'NUMBER', help: 'Threads that serve requests (default: 1).' },
  {
    name: 'database-url',
    type: 'string',
    placeholder: 'URL',
    help: 'Where requests are accounted for: a file, :memory:, off, or postgres://… (default: ledger.database of the file, or sluice.db beside it).',
    environment: DATABASE_VARIABLE,
  },
  { name: 'log-level', type: 'string', placeholder: 'LEVEL', help: `${LOG_LEVELS.join(', ')} (default: info).` },
  { name: 'log-format', type: 'string', placeholder: 'FORMAT', help: `${LOG_FORMATS.join(' or ')} (default: text).` },
];

export const START_HELP = `Usage: sluice start [OPTIONS]        (also: sluice gateway start [OPTIONS])

Starts the gateway and serves until it is told to stop.

Options:
${flagTable(FLAGS)}

The file is watched: a change takes effect at once, without cutting a request, and a file with a mistake leaves the
last good one in force. SIGHUP reads it again, SIGUSR1 opens the log files anew. SIGTERM and SIGINT let the requests under way finish.

Examples:
  sluice start --config-path config.yaml
  sluice start --config-path config.yaml --host 0.0.0.0 --port 8080 --workers 4
  MLFLOW_GATEWAY_CONFIG=config.yaml sluice gateway start --log-format json
`;

function readOptions(words: readonly string[]): GatewayOptions | null {
  const { values, positionals } = parseFlags(words, FLAGS, process.env);
  if (values.help) return null;
  if (positionals[0] !== undefined) throw new UsageError(`Got unexpected extra argument (${positionals[0]})`);
  const text = (name: string, fallback: string): string => String(values[name] ?? fallback);
  const configPath = text('config-path', '');
  const database = text('database-url', '');
  if (database !== '') {
    if (parseDatabase(database, process.cwd()) === null) {
      throw new UsageError(
        "Invalid value for '--database-url': a file, :memory:, off, or postgres://user:password@host/name.",
      );
    }
    // Each thread loads the configuration anew, and finds it there.
    process.env[DATABASE_VARIABLE] = database;
  }
  if (configPath === '') throw new UsageError("Missing option '--config-path'.");
  return {
    configPath,
    hostname: address(text('host', '127.0.0.1')),
    port: wholeNumber('port', text('port', '5000'), 0, 65_535),
    workers: wholeNumber('workers', text('workers', '1'), 1, 256),
    log: {
      level: oneOf('log-level', text('log-level', 'info'), LOG_LEVELS),
      format: oneOf('log-format', text('log-format', 'text'), LOG_FORMATS),
    },
  };
}

/** In a URL an IPv6 address has brackets; the system knows it without. */
function address(host: string): string {
  if (host === '') throw new UsageError("Invalid value for '--host': it is empty.");
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** Runs until a signal ends it. Returns the exit code. */
export async function runStart(words: readonly string[]): Promise<number> {
  const options = readOptions(words);
  if (!options) {
    process.stdout.write(START_HELP);
    return 0;
  }
  const exitCode = await applyRuntimeSettings(process.env);
  if (exitCode !== null) return exitCode;
  let gateway: Gateway;
  try {
    gateway = await Gateway.start(options);
  } catch (error) {
    return explain(error, options);
  }
  // Before the banner: whoever waits for it may send a signal at once.
  const stopped = untilStopped(gateway);
  for (const warning of gateway.warnings) {
    gateway.log.warning(warning.message, { line: warning.line, column: warning.column });
  }
  process.stdout.write(banner(gateway.config, options.hostname, gateway.port));
  return stopped;
}

const LISTEN_FAILURES: Readonly<Record<string, string>> = {
  EACCES: 'the system does not allow it; ports below 1024 need special rights',
  EADDRINUSE: 'another program listens there; choose another --port or end it',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the name is not known',
};

function explain(error: unknown, { configPath, hostname, port }: GatewayOptions): number {
  if (error instanceof ConfigError) {
    const prefix = error.missing ? '' : 'Invalid gateway configuration: ';
    if (error.problems.length > 0) {
      const path = resolveConfigPath(configPath);
      process.stderr.write(`${renderProblems(error.problems, { path, colour: process.stderr.isTTY === true })}\n\n`);
    }
    throw new UsageError(`Invalid value for '--config-path': ${prefix}${error.summary}`);
  }
  if (error instanceof ListenError) {
    const reason = LISTEN_FAILURES[error.code ?? ''] ?? error.message;
    process.stderr.write(`Error: cannot listen on ${hostname}:${port}: ${reason}.\n`);
  } else {
    process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  return 1;
}

function untilStopped(gateway: Gateway): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = async (signal: string): Promise<void> => {
      if (stopping) {
        gateway.log.warning('stopping at once', { signal });
        resolve(1);
        return;
      }
      stopping = true;
      gateway.log.info('stopping: requests under way may finish', {
        signal,
        deadline_ms: gateway.config.server.drainTimeout,
      });
      const drained = await gateway.stop();
      if (!drained) gateway.log.warning('the deadline has passed; the requests that were left are cut off');
      resolve(0);
    };
    process.on('SIGTERM', () => void stop('SIGTERM'));
    process.on('SIGINT', () => void stop('SIGINT'));
    // Windows knows no SIGHUP for this; there the file watcher does the same work.
    if (process.platform === 'win32') return;
    process.on('SIGHUP', () => void gateway.reload());
    process.on('SIGUSR1', () => gateway.reopenLogs());
  });
}
