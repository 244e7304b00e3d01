#!/usr/bin/env node
// Starts Sluice with the Bun that is installed beside it. Where the system can, this process becomes Bun, so that no
// second runtime stays in memory.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Until its install script has run, the package holds a small placeholder. */
const SMALLEST_BUN_BYTES = 1_000_000;

function findBun() {
  const folder = dirname(createRequire(join(root, 'package.json')).resolve('bun/package.json'));
  const binary = ['bun.exe', 'bun'].map((name) => join(folder, 'bin', name)).find((path) => existsSync(path));
  if (binary && statSync(binary).size > SMALLEST_BUN_BYTES) return binary;
  process.stderr.write("sluice: finishing the installation of Bun, whose install script did not run\n");
  spawnSync(process.execPath, [join(folder, 'install.js')], { cwd: folder, stdio: 'ignore' });
  const installed = ['bun.exe', 'bun'].map((name) => join(folder, 'bin', name)).find((path) => existsSync(path));
  if (installed && statSync(installed).size > SMALLEST_BUN_BYTES) return installed;
  throw new Error('Bun is not installed completely. Allow its install script: npm install-scripts approve bun && npm rebuild bun');
}

function main() {
  let bun;
  try {
    bun = findBun();
  } catch (error) {
    const missing = error.code === 'MODULE_NOT_FOUND';
    process.stderr.write(`sluice: ${missing ? `its dependencies are not installed. Run: npm install (in ${root})` : error.message}\n`);
    process.exit(1);
  }
  // Files of the folder that somebody happens to stand in must not configure the gateway.
  const words = ['--no-env-file', join(root, 'src', 'main.ts'), ...process.argv.slice(2)];
  // Bun reads this only at its start; `fetch`, which serves connections through proxies, stops at 256 at once without it.
  const env = { BUN_CONFIG_MAX_HTTP_REQUESTS: '65535', ...process.env };
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(bun, [bun, ...words], env);
  }
  const child = spawn(bun, words, { stdio: 'inherit', env });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`sluice: ${bun} did not start: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

main();
