import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBun } from '../bin/bun-runtime.js';

/** Runs the tests (all of them, or the files and folders named) and closes with one line `N passed, N failed`. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['src', 'test', 'scripts', 'bench'];

/** The counts of Bun's summary; null when it ended without one. */
function readSummary(output) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours that are taken out.
  const plain = output.replace(/\u001b\[[\d;]*m/g, '');
  const count = (word) => {
    const matches = [...plain.matchAll(new RegExp(`^ *(\\d+) ${word}$`, 'gm'))];
    return matches.length > 0 ? Number(matches.at(-1)[1]) : null;
  };
  const passed = count('pass');
  const failed = count('fail');
  if (passed === null || failed === null || !/^Ran \d+ tests? across/m.test(plain)) return null;
  // An error outside the tests counts as a failure already.
  return { passed, failed };
}

function runTests(paths) {
  const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env;
  const child = spawn(findBun(), ['--no-env-file', 'test', ...paths], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

async function main(words) {
  const folders = FOLDERS.filter((folder) => existsSync(join(ROOT, folder))).map((folder) => `./${folder}`);
  const { code, output } = await runTests(words.length > 0 ? words : folders);
  // A crash leaves no summary, or one that shows no failure.
  const { passed, failed } = readSummary(output) ?? { passed: 0, failed: 1 };
  const counted = code !== 0 && failed === 0 ? 1 : failed;
  process.stdout.write(`\n${passed} passed, ${counted} failed\n`);
  process.exitCode = counted > 0 ? 1 : 0;
}

await main(process.argv.slice(2));
