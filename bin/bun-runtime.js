import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The npm package ships a script of some hundred bytes in the binary's place, until its install script has run. */
const SMALLEST_BINARY = 1_000_000;

/** Bun cannot be run; the message says what to do. */
export class BunMissingError extends Error {}

/**
 * The path of the Bun binary that belongs to this installation, wherever the package manager has put it.
 * Package managers often block install scripts; then the binary of the platform package is used where it lies, which
 * works without write access, and failing that the install script runs once.
 */
export function findBun() {
  const manifest = findManifest();
  const folder = dirname(manifest);
  const { bin, optionalDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  const installed = join(folder, bin.bun);
  if (isBinary(installed)) return installed;
  return findPlatformBinary(manifest, Object.keys(optionalDependencies)) ?? runInstallScript(folder, installed);
}

function findManifest() {
  try {
    return createRequire(import.meta.url).resolve('bun/package.json');
  } catch {
    throw new BunMissingError("The package 'bun', which Sluice runs on, is not installed. Run: npm install");
  }
}

function isBinary(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.size >= SMALLEST_BINARY;
}

/** Package managers install the platform packages that fit this machine; with several, the first that runs is taken. */
function findPlatformBinary(manifest, names) {
  const require = createRequire(manifest);
  const file = process.platform === 'win32' ? 'bin/bun.exe' : 'bin/bun';
  for (const name of names) {
    try {
      const path = join(dirname(require.resolve(`${name}/package.json`)), file);
      if (isBinary(path) && spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0) return path;
    } catch {
      // The package of another platform: not installed here.
    }
  }
  return null;
}

function runInstallScript(folder, installed) {
  process.stderr.write("sluice: Bun's install script has not run yet; running it once.\n");
  const { status } = spawnSync(process.execPath, ['install.js'], { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status === 0 && isBinary(installed)) return installed;
  const lines = [
    'Bun, which Sluice runs on, is incomplete: its install script was blocked and could not be run now.',
    'Run it with write access to the installation and access to the npm registry:',
    `  cd "${folder}" && node install.js`,
    'or install again with the optional packages, which bring the binary:',
    '  npm install --include=optional',
  ];
  throw new BunMissingError(lines.join('\n'));
}
