import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalControl } from './control.ts';
import { JournalWriter, SEGMENT_BYTES } from './journal-writer.ts';
import { JournalFolder } from './place.ts';

let place = '';

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sluice-place-'));
});

afterEach(() => rmSync(place, { recursive: true, force: true }));

/** A process that has a journal of three records here, and waits for its end. */
async function other(node: string): Promise<Bun.Subprocess<'ignore', 'pipe', 'inherit'>> {
  const script = `
    const { JournalFolder } = await import(${JSON.stringify(join(import.meta.dir, 'place.ts'))});
    const { JournalWriter } = await import(${JSON.stringify(join(import.meta.dir, 'journal-writer.ts'))});
    const { JournalControl } = await import(${JSON.stringify(join(import.meta.dir, 'control.ts'))});
    const folder = JournalFolder.create(${JSON.stringify(place)}, ${JSON.stringify(node)});
    const options = { folder: folder.path, worker: 3, control: JournalControl.create(4), limit: 1e9 };
    const writer = new JournalWriter({ ...options, announce() {}, wake() {}, degraded() {} });
    for (const text of ['one', 'two', 'three']) writer.append(text);
    console.log('ready');
    await new Promise(() => setInterval(() => {}, 1000));
  `;
  const child = Bun.spawn([process.execPath, '-e', script], { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' });
  await child.stdout.getReader().read();
  return child;
}

describe('the journal of another process', () => {
  test('is left alone while that lives, and taken with all it holds when it was killed', async () => {
    const child = await other('other');
    expect(JournalFolder.leftovers(place)).toEqual([]);
    child.kill('SIGKILL');
    await child.exited;
    const [folder, ...more] = JournalFolder.leftovers(place);
    expect(more).toEqual([]);
    expect(folder?.node).toBe('other');
    const [[worker, segments] = [0, []]] = [...(folder?.segments() ?? [])];
    expect(worker).toBe(3);
    expect(segments.length).toBe(1);
    folder?.remove();
    expect(readdirSync(place)).toEqual([]);
  });

  test('belongs to one alone of those who want it', async () => {
    const child = await other('other');
    child.kill('SIGKILL');
    await child.exited;
    const [held] = JournalFolder.leftovers(place);
    const script = `
      const { JournalFolder } = await import(${JSON.stringify(join(import.meta.dir, 'place.ts'))});
      console.log(JournalFolder.leftovers(${JSON.stringify(place)}).length);
    `;
    const look = () => Bun.spawnSync([process.execPath, '-e', script]).stdout.toString().trim();
    expect(look()).toBe('0');
    held?.abandon();
    expect(look()).toBe('1');
  });
});

test('a folder of one’s own is no leftover, and goes with its lock', () => {
  const own = JournalFolder.create(place, 'own');
  expect(JournalFolder.leftovers(place)).toEqual([]);
  own.remove();
  expect(readdirSync(place)).toEqual([]);
});

test('an end without a takeover leaves the folder to the next one', () => {
  const own = JournalFolder.create(place, 'own');
  own.abandon();
  const [leftover] = JournalFolder.leftovers(place);
  expect(leftover?.node).toBe('own');
  leftover?.remove();
});

test('a place that cannot be made is an error that names it', () => {
  expect(() => JournalFolder.create('/dev/null/journal', 'own')).toThrow('/dev/null/journal');
});

/** A file system of two megabytes; containers often may not make one. */
function mountSmall(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-small-'));
  const mounted = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).exitCode === 0;
  if (!mounted) rmSync(folder, { recursive: true });
  return mounted ? folder : null;
}

const small = process.platform === 'linux' ? mountSmall() : null;

afterAll(() => {
  if (small === null) return;
  Bun.spawnSync(['umount', '-l', small]);
  rmSync(small, { recursive: true, force: true });
});

test.skipIf(small === null)('a disk that is full fails no record, and ends no process', async () => {
  const control = JournalControl.create(1);
  const troubles: Array<string | null> = [];
  const options = { folder: small, worker: 0, control, limit: 1e9, announce: () => {}, wake: () => {} };
  const writer = new JournalWriter({ ...options, degraded: (reason) => troubles.push(reason) });
  for (let index = 0; index < 6000; index++) writer.append('x'.repeat(1000));
  expect(troubles.at(-1)).toContain('ENOSPC');
  expect(control.isDegraded).toBeTrue();
  expect(control.lost).toBe(0);
  expect(control.waiting).toBe(6000);
  await Bun.sleep(50);
  // Nothing stays of a file that could not be made.
  const sizes = readdirSync(small ?? '').map((name) => statSync(join(small ?? '', name)).size);
  expect(sizes.every((size) => size === SEGMENT_BYTES)).toBeTrue();
});
