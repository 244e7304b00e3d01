import { describe, expect, test } from 'bun:test';
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ConfigError } from './problem.ts';
import { readConfig, resolveConfigPath } from './read.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-read-'));

async function failure(path: string): Promise<ConfigError> {
  const error = await readConfig(path).catch((caught: unknown) => caught);
  if (error instanceof ConfigError) return error;
  throw new Error('The file was accepted');
}

describe('a configuration file', () => {
  test('is read as UTF-8, with or without a byte order mark, and its path is absolute', async () => {
    const path = join(folder, 'plain.yaml');
    writeFileSync(path, '\ufeffname: é');
    expect(await readConfig(relative(process.cwd(), path))).toEqual({ path, text: 'name: é' });
  });

  test('that is missing is told apart, for MLflow gives that message no prefix', async () => {
    const error = await failure('/nowhere/config.yaml');
    expect(error).toMatchObject({ summary: '/nowhere/config.yaml does not exist', missing: true });
  });

  test('in another encoding, or a folder, is not a valid yaml file', async () => {
    const path = join(folder, 'latin1.yaml');
    writeFileSync(path, Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
    const encoding = await failure(path);
    expect(encoding).toMatchObject({ summary: `The file at ${path} is not a valid yaml file`, missing: false });
    expect(encoding.problems[0]?.hint).toContain('UTF-8');
    expect((await failure(folder)).problems[0]?.hint).toContain('directory');
  });

  test('is no pipe, which would have to be waited for, and no gigabyte', async () => {
    const pipe = join(folder, 'pipe');
    expect(Bun.spawnSync(['mkfifo', pipe]).exitCode).toBe(0);
    expect((await failure(pipe)).problems[0]?.hint).toContain('it is a pipe or a device');
    const huge = join(folder, 'huge.yaml');
    writeFileSync(huge, '');
    truncateSync(huge, 2 ** 30);
    expect((await failure(huge)).problems[0]?.hint).toBe('it cannot be read: it is larger than 16384 KiB');
  });

  test('may be named from the home directory', () => {
    expect(resolveConfigPath('~/a/../b.yaml')).toBe(join(homedir(), 'b.yaml'));
    expect(resolveConfigPath('~other/b.yaml')).toBe(join(process.cwd(), '~other/b.yaml'));
  });
});
