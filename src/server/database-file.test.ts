import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseFile } from './database-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-file-'));
const path = join(folder, 'one.db');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a file that is written to stays the same', () => {
  writeFileSync(path, 'one');
  const file = new DatabaseFile(path);
  writeFileSync(path, 'and more', { flag: 'a' });
  expect(file.isGone).toBeFalse();
});

test('a file that was removed, and another in its place, are noticed', () => {
  const file = new DatabaseFile(path);
  writeFileSync(`${path}.copy`, 'one');
  renameSync(`${path}.copy`, path);
  expect(file.isGone).toBeTrue();
  const other = new DatabaseFile(path);
  rmSync(path);
  expect(other.isGone).toBeTrue();
});

test('what lay beside a file that is gone goes too, but not what belongs to another', () => {
  writeFileSync(path, 'one');
  for (const suffix of ['-wal', '-shm']) writeFileSync(path + suffix, 'of the first');
  const file = new DatabaseFile(path);
  rmSync(path);
  writeFileSync(`${path}.copy`, 'of another');
  renameSync(`${path}.copy`, `${path}-wal`);
  file.removeCompanions();
  expect([existsSync(`${path}-wal`), existsSync(`${path}-shm`)]).toEqual([true, false]);
});
