import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dir, '..', '..');
const FOLDER = join(ROOT, '.venv-mlflow');
const BIN = join(FOLDER, process.platform === 'win32' ? 'Scripts' : 'bin');
const REQUIREMENTS = join(import.meta.dir, 'requirements.txt');

/** The Python environment with the real MLflow and the official clients. */
export interface PythonEnvironment {
  readonly python: string;
  readonly mlflow: string;
  /** Puts the environment first in PATH, for the tools that MLflow starts by name. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Makes the environment, or takes the one that is there when it holds the pinned versions. */
export async function preparePython(): Promise<PythonEnvironment> {
  const python = join(BIN, 'python');
  if (!(await holdsPinnedVersions(python))) await install(python);
  return {
    python,
    mlflow: join(BIN, 'mlflow'),
    variables: { PATH: `${BIN}:${process.env.PATH ?? ''}`, VIRTUAL_ENV: FOLDER },
  };
}

async function holdsPinnedVersions(python: string): Promise<boolean> {
  if (!existsSync(python)) return false;
  const lines = (await Bun.file(REQUIREMENTS).text()).trim().split('\n');
  const wanted = lines.map((line) => line.replace(/\[.*\]/, ''));
  const names = wanted.map((line) => line.split('==')[0]);
  const script = 'import sys, importlib.metadata as m; [print(f"{n}=={m.version(n)}") for n in sys.argv[1:]]';
  const asked = Bun.spawn([python, '-c', script, ...names.map(String)], { stdout: 'pipe', stderr: 'ignore' });
  const installed = (await new Response(asked.stdout).text()).trim().split('\n');
  return (await asked.exited) === 0 && wanted.every((line) => installed.includes(line));
}

async function install(python: string): Promise<void> {
  console.log('Installing MLflow into .venv-mlflow (this takes some minutes the first time)…');
  const uv = Bun.which('uv');
  if (uv !== null) {
    await run([uv, 'venv', '--allow-existing', FOLDER]);
    await run([uv, 'pip', 'install', '--python', python, '-r', REQUIREMENTS]);
    return;
  }
  const system = Bun.which('python3') ?? Bun.which('python');
  if (system === null) throw new Error('Python 3.10 or newer is needed for this test. Install it and run it again.');
  await run([system, '-m', 'venv', FOLDER]);
  await run([
    python,
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--progress-bar',
    'off',
    '-r',
    REQUIREMENTS,
  ]);
}

async function run(command: string[]): Promise<void> {
  const status = await Bun.spawn(command, { stdout: 'inherit', stderr: 'inherit' }).exited;
  if (status !== 0) throw new Error(`\`${command.join(' ')}\` failed with status ${status}.`);
}
