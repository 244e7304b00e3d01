#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BunMissingError, findBun } from './bun-runtime.js';

/** Bun reads this only when it starts; below it, `fetch` (used behind proxies) queues everything after 256 requests. */
const MOST_FETCHES = '65535';

/** What the garbage collector takes for the machine's memory, in bytes: see src/cli/runtime-settings.ts. */
const COLLECTOR_MEMORY = '250000000';

/** Nothing in the folder that Sluice is started in may change what it runs: no .env, no bunfig.toml, no installing. */
const ISOLATION = ['--no-env-file', '--no-install', `--config=${pathOf('bunfig.toml')}`];

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGBREAK'];

/** A terminal sends these to every process in the foreground, so that the child has them already. */
const SENT_BY_TERMINAL = new Set(['SIGINT', 'SIGQUIT', 'SIGBREAK']);

function pathOf(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

function main() {
  const bun = findBun();
  const args = [...ISOLATION, pathOf('../src/main.ts'), ...process.argv.slice(2)];
  process.env.BUN_CONFIG_MAX_HTTP_REQUESTS ??= MOST_FETCHES;
  process.env.BUN_JSC_forceRAMSize ??= COLLECTOR_MEMORY;
  if (process.execve && process.platform !== 'win32') becomeBun(bun, args);
  else runBun(bun, args);
}

/** Replaces this process: no second runtime stays in memory, and signals and the exit code need no forwarding. */
function becomeBun(bun, args) {
  try {
    process.execve(bun, [bun, ...args], process.env);
  } catch {
    // Refused, for example under Node's permission model.
    runBun(bun, args);
  }
}

function runBun(bun, args) {
  // --no-orphans: a launcher that is killed must not leave a gateway behind that holds the port.
  const child = spawn(bun, ['--no-orphans', ...args], { stdio: 'inherit' });
  const forwarded = new Map();
  const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of FORWARDED) {
    const forward = () => {
      if (!(inTerminal && SENT_BY_TERMINAL.has(signal))) child.kill(signal);
    };
    try {
      process.on(signal, forward);
      forwarded.set(signal, forward);
    } catch {
      // This platform does not have the signal.
    }
  }
  child.once('error', (error) => fail(`Bun could not be started: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    // Ends as the child did, so that whoever waits for this process sees the same.
    for (const [name, forward] of forwarded) process.off(name, forward);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  process.stderr.write(`sluice: ${message}\n`);
  process.exitCode = 1;
}

try {
  main();
} catch (error) {
  if (!(error instanceof BunMissingError)) throw error;
  fail(error.message);
}
