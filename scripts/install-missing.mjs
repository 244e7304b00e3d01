import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Installs the dependencies when some are missing, and does nothing otherwise, so that `npm start` and `npm test` work
 * on a fresh clone. `--omit=dev` leaves the development dependencies out. Plain Node: nothing is installed yet.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');

/**
 * The packages of package-lock.json that are not installed in the version it asks for.
 * Optional ones are left out: most are for other platforms, and the one that counts is tried by running Bun.
 */
function missingPackages(locked, omitDev) {
  // npm writes this file last, so an installation that was cut off has none.
  const installed = readPackages(join(MODULES, '.package-lock.json'));
  return Object.entries(locked)
    .filter(([path, entry]) => path !== '' && !entry.optional && !entry.devOptional && !(omitDev && entry.dev))
    .filter(
      ([path, entry]) => installed[path]?.version !== entry.version || !existsSync(join(ROOT, path, 'package.json')),
    )
    .map(([path]) => path);
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Package managers may block Bun's install script, and then its binary is missing although the package is there. */
function bunRuns() {
  const { bin } = JSON.parse(readFileSync(join(MODULES, 'bun', 'package.json'), 'utf8'));
  return spawnSync(join(MODULES, 'bun', bin.bun), ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Runs npm as it is: on Windows it is a command file, which cannot be spawned without a shell. */
function npm(args) {
  const script = process.env.npm_execpath;
  const options = { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] };
  // Other package managers set the variable too.
  return script && /npm-cli\.c?js$/.test(script)
    ? spawnSync(process.execPath, [script, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

function stop(message, status) {
  process.stderr.write(`${message}\n`);
  process.exit(status || 1);
}

function install(locked, omitDev) {
  const fresh = !existsSync(MODULES);
  // npm would remove development dependencies that are there.
  const hasDev = Object.entries(locked).some(([path, entry]) => entry.dev && existsSync(join(ROOT, path)));
  process.stderr.write('Installing dependencies…\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const omit = omitDev && !hasDev ? ['--omit=dev'] : [];
  const { status, error } = npm([...(fresh ? ['ci'] : ['install', '--no-save']), ...quiet, ...omit]);
  if (error) stop(`npm could not be started: ${error.message}`, 1);
  if (status !== 0) stop('npm could not install the dependencies (see above).', status);
}

const omitDev = process.argv.includes('--omit=dev');
const locked = readPackages(join(ROOT, 'package-lock.json'));
if (missingPackages(locked, omitDev).length > 0) install(locked, omitDev);
if (!bunRuns()) {
  const { status } = spawnSync(process.execPath, ['install.js'], {
    cwd: join(MODULES, 'bun'),
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0 || !bunRuns())
    stop('The binary of the package bun is missing, and its install script failed.', status);
}
