import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment, prepareEnvironment } from '../mlflow/environment.ts';

const PINNED = join(import.meta.dir, 'packages');
const FOLDER = join(import.meta.dir, '..', '..', '.venv-clients');
const FILES = ['package.json', 'package-lock.json'];

/** What is installed beside the repository's own dependencies, which these would multiply. */
export interface Packages {
  /** Of npm: `node_modules`. */
  readonly modules: string;
  /** With LangChain and LlamaIndex, which want older official clients than the newest. */
  readonly python: Environment;
}

/** Installs the pinned versions, or takes those that are there. */
export async function preparePackages(): Promise<Packages> {
  if (!(await isInstalled())) await install();
  const python = await prepareEnvironment('.venv-frameworks', join(PINNED, 'requirements.txt'));
  return { modules: join(FOLDER, 'node_modules'), python };
}

async function isInstalled(): Promise<boolean> {
  // npm writes its own list last, so that half an installation has none.
  if (!existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) return false;
  const same = await Promise.all(
    FILES.map(async (file) => {
      const installed = Bun.file(join(FOLDER, file));
      return (await installed.exists()) && (await installed.text()) === (await Bun.file(join(PINNED, file)).text());
    }),
  );
  return same.every(Boolean);
}

/** Without the packages' own scripts: the agents' launchers find their binaries by themselves. */
async function install(): Promise<void> {
  console.log('Installing coding agents into .venv-clients (this takes a minute the first time)…');
  const npm = Bun.which('npm');
  if (npm === null) throw new Error('npm is needed to install the coding agents. It comes with Node.js.');
  await mkdir(FOLDER, { recursive: true });
  for (const file of FILES) await copyFile(join(PINNED, file), join(FOLDER, file));
  const child = Bun.spawn([npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    cwd: FOLDER,
    stdout: 'inherit',
    stderr: 'inherit',
  });
  const status = await child.exited;
  if (status !== 0) throw new Error(`The coding agents could not be installed: npm ended with status ${status}.`);
}

/** `name version` of each package that is pinned. */
export async function pinnedVersions(): Promise<readonly string[]> {
  const { dependencies } = (await Bun.file(join(PINNED, 'package.json')).json()) as { dependencies: object };
  const requirements = (await Bun.file(join(PINNED, 'requirements.txt')).text()).trim().split('\n');
  return [
    ...Object.entries(dependencies).map(([name, version]) => `${name} ${String(version)}`),
    ...requirements.map((line) => line.replace('==', ' ')),
  ];
}
