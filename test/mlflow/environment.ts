import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dir, '..', '..');
/** Python with packages of its own. */
export interface Environment {
  readonly python: string;
  /** Puts the environment first in PATH, for tools that are started by name. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The Python environment with the real MLflow and the official clients. */
export interface PythonEnvironment extends Environment {
  readonly mlflow: string;
}

export async function preparePython(): Promise<PythonEnvironment> {
  const environment = await prepareEnvironment('.venv-mlflow', join(import.meta.dir, 'requirements.txt'));
  return { ...environment, mlflow: join(dirname(environment.python), 'mlflow') };
}

/** Makes the environment, or takes the one that is there when it holds the pinned versions. */
export async function prepareEnvironment(name: string, requirements: string): Promise<Environment> {
  const folder = join(ROOT, name);
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const python = join(bin, 'python');
  if (!(await holdsPinnedVersions(python, requirements))) {
    console.log(`Installing Python packages into ${name} (this takes some minutes the first time)…`);
    await install(folder, python, requirements);
  }
  return { python, variables: { PATH: `${bin}:${process.env.PATH ?? ''}`, VIRTUAL_ENV: folder } };
}

async function holdsPinnedVersions(python: string, requirements: string): Promise<boolean> {
  if (!existsSync(python)) return false;
  const lines = (await Bun.file(requirements).text()).trim().split('\n');
  const wanted = lines.map((line) => line.replace(/\[.*\]/, ''));
  const names = wanted.map((line) => line.split('==')[0]);
  const script = 'import sys, importlib.metadata as m; [print(f"{n}=={m.version(n)}") for n in sys.argv[1:]]';
  const asked = Bun.spawn([python, '-c', script, ...names.map(String)], { stdout: 'pipe', stderr: 'ignore' });
  const installed = (await new Response(asked.stdout).text()).trim().split('\n');
  return (await asked.exited) === 0 && wanted.every((line) => installed.includes(line));
}

async function install(folder: string, python: string, requirements: string): Promise<void> {
  const uv = Bun.which('uv');
  if (uv !== null) {
    await run([uv, 'venv', '--allow-existing', folder]);
    await run([uv, 'pip', 'install', '--python', python, '-r', requirements]);
    return;
  }
  const system = Bun.which('python3') ?? Bun.which('python');
  if (system === null) throw new Error('Python 3.10 or newer is needed for this test. Install it and run it again.');
  await run([system, '-m', 'venv', folder]);
  await run([
    python,
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--progress-bar',
    'off',
    '-r',
    requirements,
  ]);
}

async function run(command: string[]): Promise<void> {
  const status = await Bun.spawn(command, { stdout: 'inherit', stderr: 'inherit' }).exited;
  if (status !== 0) throw new Error(`\`${command.join(' ')}\` failed with status ${status}.`);
}
