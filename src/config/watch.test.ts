import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigWatch, watchConfig } from './watch.ts';

let folder: string;
let path: string;
let seen: string[];
let warnings: string[];
let watching: ConfigWatch | null = null;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-watch-')));
  path = join(folder, 'config.yaml');
  seen = [];
  warnings = [];
});

afterEach(() => {
  watching?.close();
  watching = null;
  rmSync(folder, { recursive: true, force: true });
});

/** So long that only events can be what makes the watch notice. */
const NEVER = 3_600_000;

interface Overrides {
  readonly text?: string;
  readonly files?: () => readonly string[];
  readonly pollInterval?: number;
  readonly onChange?: (text: string) => void | Promise<void>;
}

/** Begins to watch, and resolves when the first look is over. */
async function start({
  text = 'one',
  files = () => [],
  pollInterval = NEVER,
  onChange,
}: Overrides = {}): Promise<ConfigWatch> {
  watching = watchConfig({
    path,
    text,
    files,
    pollInterval,
    onChange: (changed) => {
      seen.push(changed);
      return onChange?.(changed);
    },
    log: (_, message) => warnings.push(message),
  });
  await watching.check();
  return watching;
}

/** Waits for the watch to notice by itself. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 8000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not noticed; seen ${JSON.stringify(seen)}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

test('a file that could not be read is handed on again once it can be, though it is the same', async () => {
  writeFileSync(path, 'one');
  const watch = await start();
  unlinkSync(path);
  mkdirSync(path);
  await watch.check();
  expect(warnings).toEqual([`${path} cannot be read: it is a directory; keeping the configuration in use`]);
  rmSync(path, { recursive: true });
  writeFileSync(path, 'one');
  await watch.check();
  expect(seen).toEqual(['one']);
});

test('a key file that was missing and comes is a change', async () => {
  writeFileSync(path, 'one');
  const key = join(folder, 'key');
  const watch = await start({ files: () => [key] });
  await watch.check();
  expect(seen).toEqual([]);
  writeFileSync(key, 'sk');
  await watch.check();
  expect(seen).toEqual(['one']);
});

describe('a change is noticed when the file is', () => {
  test('written in place', async () => {
    writeFileSync(path, 'one');
    await start();
    writeFileSync(path, 'two');
    await until(() => seen.includes('two'));
  });

  test('replaced by a rename, more than once', async () => {
    writeFileSync(path, 'one');
    await start();
    for (const text of ['two', 'three']) {
      writeFileSync(join(folder, '.config.tmp'), text);
      renameSync(join(folder, '.config.tmp'), path);
      await until(() => seen.includes(text));
    }
  });

  test('behind the symbolic link that Kubernetes swaps', async () => {
    const publish = (version: string, text: string) => {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'config.yaml'), text);
      symlinkSync(version, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    publish('..version_1', 'one');
    symlinkSync(join('..data', 'config.yaml'), path);
    await start();
    publish('..version_2', 'two');
    rmSync(join(folder, '..version_1'), { recursive: true });
    await until(() => seen.includes('two'));
    publish('..version_3', 'three');
    await until(() => seen.includes('three'));
  });

  test('a link to a file in another folder, which is written in place', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    const real = join(folder, 'elsewhere', 'real.yaml');
    writeFileSync(real, 'one');
    symlinkSync(real, path);
    await start();
    writeFileSync(real, 'two');
    await until(() => seen.includes('two'));
  });

  test('changed between loading and watching', async () => {
    writeFileSync(path, 'two');
    await start({ text: 'one' });
    expect(seen).toEqual(['two']);
  });
});

test('where no events come, a change is noticed by looking now and then', async () => {
  path = join(folder, 'mounted later', 'config.yaml');
  await start({ pollInterval: 20 });
  mkdirSync(join(folder, 'mounted later'));
  writeFileSync(path, 'two');
  await until(() => seen.includes('two'));
});

test('a deleted file is warned of once, keeps the configuration, and is noticed when it is back', async () => {
  writeFileSync(path, 'one');
  const watch = await start();
  unlinkSync(path);
  await watch.check();
  await watch.check();
  expect(warnings).toEqual([`${path} deleted; keeping the configuration in use`]);
  writeFileSync(path, 'one');
  await watch.check();
  // The same text too: somebody may have been told that there was none.
  expect(seen).toEqual(['one']);
  unlinkSync(path);
  await watch.check();
  expect(warnings).toHaveLength(2);
  writeFileSync(path, 'two');
  await until(() => seen.includes('two'));
});

test('identical content is no change, however it came', async () => {
  writeFileSync(path, 'one');
  const watch = await start();
  writeFileSync(path, 'one');
  writeFileSync(join(folder, 'tmp'), 'one');
  renameSync(join(folder, 'tmp'), path);
  await watch.check();
  expect(seen).toEqual([]);
});

describe('key files', () => {
  test('that change reload the same text, those in other folders too', async () => {
    mkdirSync(join(folder, 'secrets'));
    const key = join(folder, 'secrets', 'key');
    writeFileSync(path, 'one');
    writeFileSync(key, 'sk-1');
    const watch = await start({ files: () => [key] });
    writeFileSync(key, 'sk-2');
    await until(() => seen.length > 0);
    await watch.check();
    expect(seen).toEqual(['one']);
  });

  test('that are gone for a moment are no change', async () => {
    const key = join(folder, 'key');
    writeFileSync(path, 'one');
    writeFileSync(key, 'sk-1');
    const watch = await start({ files: () => [key] });
    unlinkSync(key);
    await watch.check();
    writeFileSync(key, 'sk-1');
    await watch.check();
    expect(seen).toEqual([]);
  });

  test('that a new configuration names are watched from then on', async () => {
    const key = join(folder, 'key');
    writeFileSync(path, 'one');
    writeFileSync(key, 'sk-1');
    let files: readonly string[] = [];
    const watch = await start({
      files: () => files,
      onChange: () => {
        files = [key];
      },
    });
    writeFileSync(path, 'two');
    await watch.check();
    expect(seen).toEqual(['two']);
    writeFileSync(key, 'sk-2');
    await watch.check();
    expect(seen).toEqual(['two', 'two']);
  });

  test('that change while there is no configuration file reload it when it is back', async () => {
    const key = join(folder, 'key');
    writeFileSync(path, 'one');
    writeFileSync(key, 'sk-1');
    const watch = await start({ files: () => [key] });
    unlinkSync(path);
    writeFileSync(key, 'sk-2');
    await watch.check();
    expect(seen).toEqual([]);
    writeFileSync(path, 'one');
    await watch.check();
    expect(seen).toEqual(['one']);
  });
});

test('a reload that fails is logged, and does not end the watch', async () => {
  writeFileSync(path, 'one');
  const watch = await start({ onChange: () => Promise.reject(new Error('no memory')) });
  writeFileSync(path, 'two');
  await watch.check();
  expect(warnings.join()).toContain('no memory');
  writeFileSync(path, 'three');
  await watch.check();
  expect(seen).toEqual(['two', 'three']);
});

test('bytes that are no UTF-8 are warned of and change nothing', async () => {
  writeFileSync(path, 'one');
  const watch = await start();
  writeFileSync(path, Buffer.from([0xff, 0xfe, 0x80]));
  await watch.check();
  expect(seen).toEqual([]);
  expect(warnings.join()).toContain('UTF-8');
});

test('reloads never overlap', async () => {
  writeFileSync(path, 'one');
  let running = 0;
  let most = 0;
  const watch = await start({
    onChange: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resume) => setTimeout(resume, 5));
      running -= 1;
    },
  });
  const checks: Array<Promise<void>> = [];
  for (let round = 0; round < 5; round += 1) {
    writeFileSync(path, `round ${round}`);
    checks.push(watch.check());
    await new Promise((resume) => setTimeout(resume, 2));
  }
  await Promise.all(checks);
  expect(most).toBe(1);
  expect(seen.at(-1)).toBe('round 4');
});

test('nothing is called after close, and the folder may be missing from the start', async () => {
  path = join(folder, 'missing', 'config.yaml');
  const watch = await start();
  expect(warnings).toHaveLength(1);
  watch.close();
  mkdirSync(join(folder, 'missing'));
  writeFileSync(path, 'two');
  await watch.check();
  expect(seen).toEqual([]);
});
