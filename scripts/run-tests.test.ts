import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './source-files.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-run-tests-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const HEAD = "import { expect, test } from 'bun:test';\n";
const PASSES = "test('passes', () => expect(1).toBe(1));\n";
const FAILS = "test('fails', () => expect(1).toBe(2));\n";

/** The last line and the exit code of a run over one file with this text. */
async function run(name: string, text: string): Promise<{ line: string | undefined; code: number }> {
  const file = join(folder, `${name}.test.ts`);
  await Bun.write(file, text);
  const command = ['node', join(ROOT, 'scripts', 'run-tests.mjs'), file];
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' });
  const output = await new Response(child.stdout).text();
  return { line: output.trimEnd().split('\n').at(-1), code: await child.exited };
}

test('counts what passed and what failed', async () => {
  expect(await run('both', HEAD + PASSES + FAILS)).toEqual({ line: '1 passed, 1 failed', code: 1 });
  expect(await run('passing', HEAD + PASSES)).toEqual({ line: '1 passed, 0 failed', code: 0 });
});

test('counts a file that breaks outside its tests as failed', async () => {
  expect(await run('broken', `${HEAD}${PASSES}throw new Error('broken');\n`)).toMatchObject({ code: 1 });
  expect((await run('broken-again', `${HEAD}throw new Error('broken');\n`)).line).toBe('0 passed, 1 failed');
});

test('counts a run that ends without a summary as failed', async () => {
  const line = '0 passed, 1 failed';
  expect(await run('crashing', `${HEAD}process.kill(process.pid, 'SIGKILL');\n`)).toEqual({ line, code: 1 });
  expect(await run('leaving', `${HEAD}process.exit(0);\n`)).toEqual({ line, code: 1 });
});
