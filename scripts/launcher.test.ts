import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './source-files.ts';

/** Tells what it was started with, then waits for a signal when it is asked to. */
const PROGRAM = `
process.on('SIGTERM', () => process.exit(7));
console.log(JSON.stringify({
  words: process.argv.slice(2),
  fetches: process.env.BUN_CONFIG_MAX_HTTP_REQUESTS,
  fromEnvFile: process.env.FROM_ENV_FILE ?? null,
  bun: process.execPath,
}));
if (process.argv[2] === 'wait') setInterval(() => {}, 1_000);
else process.exit(process.argv[2] === 'fail' ? 3 : 0);
`;

let folder: string;
/** A folder whose files must not configure the program. */
let elsewhere: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'sluice-launcher-')));
  elsewhere = join(folder, 'elsewhere');
  await mkdir(elsewhere);
  await Bun.write(join(elsewhere, '.env'), 'FROM_ENV_FILE=yes\n');
  await Bun.write(join(elsewhere, 'bunfig.toml'), 'preload = ["./preload.ts"]\n');
  await Bun.write(join(elsewhere, 'preload.ts'), 'console.log("preloaded");\n');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** An installation of Sluice with another program in it and, below node_modules, what `addPackages` puts there. */
async function install(name: string, addPackages: (modules: string) => Promise<unknown>): Promise<string> {
  const root = join(folder, name);
  await mkdir(join(root, 'src'), { recursive: true });
  await cp(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true });
  await Bun.write(join(root, 'package.json'), '{"type": "module"}');
  await Bun.write(join(root, 'src', 'main.ts'), PROGRAM);
  await mkdir(join(root, 'node_modules'));
  await addPackages(join(root, 'node_modules'));
  return root;
}

const withBun = (modules: string) => symlink(join(ROOT, 'node_modules', 'bun'), join(modules, 'bun'));

/** The package `bun` as it is when install scripts are blocked: a few bytes stand in the binary's place. */
async function withBlockedScript(modules: string, installScript: string): Promise<void> {
  const manifest = {
    name: 'bun',
    bin: { bun: 'bin/bun.exe' },
    optionalDependencies: { '@oven/bun-for-test': '1.0.0' },
  };
  await Bun.write(join(modules, 'bun', 'package.json'), JSON.stringify(manifest));
  await Bun.write(join(modules, 'bun', 'install.js'), installScript);
  await Bun.write(join(modules, 'bun', 'bin', 'bun.exe'), 'exit 1\n');
  await chmod(join(modules, 'bun', 'bin', 'bun.exe'), 0o755);
}

function launch(root: string, ...words: string[]) {
  const { BUN_CONFIG_MAX_HTTP_REQUESTS: _, ...env } = process.env;
  const command = ['node', join(root, 'bin', 'sluice.js'), ...words];
  return Bun.spawn(command, { cwd: elsewhere, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
}

async function outcome(child: ReturnType<typeof launch>) {
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out, err };
}

describe('the launcher', () => {
  test('runs the program with its words and nothing of the folder that it is started in', async () => {
    const root = await install('plain', withBun);
    const { code, out, err } = await outcome(launch(root, 'start', '--port', '0'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ words: ['start', '--port', '0'], fetches: '65535', fromEnvFile: null });
  });

  test('ends with the exit code of the program', async () => {
    const root = await install('exit-code', withBun);
    expect((await outcome(launch(root, 'fail'))).code).toBe(3);
  });

  test('passes SIGTERM on and ends as the program does', async () => {
    const root = await install('signal', withBun);
    const child = launch(root, 'wait');
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill('SIGTERM');
    expect(await child.exited).toBe(7);
  });

  test("takes the platform package's binary where Bun's install script was blocked", async () => {
    const root = await install('blocked', async (modules) => {
      await withBlockedScript(modules, 'process.exit(1);');
      const platform = join(modules, '@oven', 'bun-for-test');
      await Bun.write(join(platform, 'package.json'), '{"name": "@oven/bun-for-test"}');
      await mkdir(join(platform, 'bin'));
      await symlink(process.execPath, join(platform, 'bin', 'bun'));
    });
    const { code, out, err } = await outcome(launch(root));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out).bun).toBe(await realpath(process.execPath));
  });

  test("runs Bun's install script once where there is no platform package either", async () => {
    const binary = JSON.stringify(process.execPath);
    const root = await install('script', (modules) =>
      withBlockedScript(
        modules,
        `const fs = require('node:fs'); fs.rmSync('bin/bun.exe'); fs.symlinkSync(${binary}, 'bin/bun.exe');`,
      ),
    );
    const first = await outcome(launch(root));
    expect(first.err).toContain('running it once');
    expect(first.code).toBe(0);
    expect(await outcome(launch(root))).toMatchObject({ code: 0, err: '' });
  });

  test('says what to do when Bun cannot be had', async () => {
    const root = await install('hopeless', (modules) => withBlockedScript(modules, 'process.exit(1);'));
    const { code, err } = await outcome(launch(root));
    expect(code).toBe(1);
    expect(err).toContain(`cd "${dirname(join(root, 'node_modules', 'bun', 'install.js'))}" && node install.js`);
    const empty = await outcome(launch(await install('empty', async () => {})));
    expect(empty.code).toBe(1);
    expect(empty.err).toContain('npm install');
  });
});
