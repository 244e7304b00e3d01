import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRegularFile, readRegularFileNow, UnreadableFileError } from './regular-file.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Why neither way of reading gets the file. */
async function reasons(path: string, maxBytes = 10): Promise<readonly string[]> {
  const reading = [() => readRegularFile(path, maxBytes), async () => readRegularFileNow(path, maxBytes)];
  return await Promise.all(
    reading.map(async (read) => {
      const error = await read().catch((caught: unknown) => caught);
      if (error instanceof UnreadableFileError) return error.reason;
      throw new Error('The file was read');
    }),
  );
}

test('a file is read up to its bound', async () => {
  const path = join(folder, 'plain');
  writeFileSync(path, '0123456789');
  expect((await readRegularFile(path, 10)).toString()).toBe('0123456789');
  expect(readRegularFileNow(path, 10).toString()).toBe('0123456789');
  for (const reason of await reasons(path, 9)) expect(reason).toContain('it is larger than');
});

test('what is no file, or is not there, has a reason', async () => {
  for (const reason of await reasons(folder)) expect(reason).toBe('it is a directory');
  for (const reason of await reasons(join(folder, 'none'))) expect(reason).toBe('it does not exist (ENOENT)');
});

test.if(process.platform === 'linux')('a pipe is not waited for, nor a device read', async () => {
  const pipe = join(folder, 'pipe');
  expect(Bun.spawnSync(['mkfifo', pipe]).exitCode).toBe(0);
  for (const path of [pipe, '/dev/zero'])
    for (const reason of await reasons(path)) expect(reason).toBe('it is a pipe or a device, and no regular file');
});
