import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeJournal, SEGMENT_BYTES, type TestJournal } from '../../../test/support/journal.ts';
import { mapSegment } from './files.ts';
import { JournalReader } from './journal-reader.ts';
import type { WriterOptions } from './journal-writer.ts';
import { HEAD_BYTES, Segment, SegmentState } from './segment.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-journal-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const journal = (options: Partial<WriterOptions> = {}): TestJournal => makeJournal(folder, options);

const text = (index: number, length = 100) => `{"id":"${index}","text":"${'é'.repeat(length)}"}`;

/** What of a journal is text, and there is nothing else. */
function textsOf(reader: JournalReader, limit = 1e9): string[] {
  const texts: string[] = [];
  const taken = reader.read(limit, { text: (text) => void texts.push(text), plain: () => {} });
  expect(taken).toBe(texts.length);
  return texts;
}

function take({ reader, control }: TestJournal, limit = 1e9): string[] {
  const texts = textsOf(reader, limit);
  reader.release();
  control.took(texts.length);
  return texts;
}

describe.each([
  ['mapped files', {}],
  ['files that cannot be mapped', { canMap: false }],
  ['memory', { folder: null }],
] as const)('a journal in %s', (_name, options) => {
  test('gives what was written, in its order, over the borders of segments', () => {
    const made = journal(options);
    const written: string[] = [];
    const read: string[] = [];
    for (let index = 0; index < 3000; index++) {
      const one = text(index, index % 300);
      written.push(one);
      made.writer.append(one);
      if (index % 101 === 0) read.push(...take(made));
    }
    read.push(...take(made));
    expect(read).toEqual(written);
    expect(made.control.waiting).toBe(0);
    expect(made.control.lost).toBe(0);
  });

  test('goes on where a limited read ended, and uses its segments again', () => {
    const made = journal(options);
    let expected = 0;
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 200; index++) made.writer.append(text(round * 200 + index));
      for (let part = take(made, 7); part.length > 0; part = take(made, 7)) {
        for (const one of part) expect(one).toBe(text(expected++));
      }
    }
    expect(expected).toBe(8000);
    expect(made.segments.length).toBeLessThan(6);
  });

  test('calls its reader once, until that sleeps again', () => {
    const made = journal(options);
    for (let index = 0; index < 10; index++) made.writer.append(text(index));
    expect(made.calls).toBe(1);
    made.control.isAwake = false;
    made.writer.append(text(10));
    expect(made.calls).toBe(2);
  });

  test('keeps a text that is not ASCII, and half a character as what stands for one', () => {
    const made = journal(options);
    made.writer.append('{"a":"漢字 😀 \ud83d"}');
    expect(take(made)).toEqual(['{"a":"漢字 😀 \ufffd"}']);
  });

  test('leaves out a text that fits nowhere, and goes on', () => {
    const made = journal(options);
    made.writer.append('first');
    made.writer.append('x'.repeat(SEGMENT_BYTES));
    made.writer.append('last');
    expect(take(made)).toEqual(['first', 'last']);
    expect(made.control.lost).toBe(1);
  });
});

/** What another process finds. */
function found(): Segment[] {
  // One that is just being made has no length yet.
  const paths = readdirSync(folder).map((name) => join(folder, name));
  const segments = paths.filter((path) => statSync(path).size === SEGMENT_BYTES).map(mapSegment);
  return segments.filter(({ isValid, sequence, state }) => isValid && sequence > 0 && state !== SegmentState.free);
}

function recover(position?: number): { texts: string[]; reader: JournalReader } {
  const reader = new JournalReader('node/0', { isLive: false, ...(position !== undefined && { position }) });
  for (const segment of found()) reader.add(segment);
  return { texts: textsOf(reader), reader };
}

describe('another process', () => {
  test('finds everything that was not taken over', () => {
    const made = journal();
    for (let index = 0; index < 2000; index++) made.writer.append(text(index));
    const taken = take(made, 777);
    const { texts } = recover(made.reader.position);
    expect([...taken, ...texts]).toEqual(Array.from({ length: 2000 }, (_, index) => text(index)));
  });

  test('finds all of what the database did not take, although it was read', () => {
    const made = journal();
    for (let index = 0; index < 2000; index++) made.writer.append(text(index));
    textsOf(made.reader, 1500);
    expect(recover().texts.length).toBe(2000);
  });

  test('goes on behind a position, whichever it is', () => {
    const made = journal();
    for (let index = 0; index < 1500; index++) made.writer.append(text(index));
    const positions: number[] = [];
    for (let index = 0; index < 1500; index++) {
      textsOf(made.reader, 1);
      positions.push(made.reader.position);
    }
    for (let index = 0; index < 1500; index += 13) {
      expect(recover(positions[index]).texts[0]).toBe(index === 1499 ? undefined : text(index + 1));
    }
  });
});

test('an entry that was cut at any byte is told from a whole one, and what stands before it is kept', () => {
  const made = journal();
  made.writer.append('{"whole":1}');
  made.writer.append('{"torn":"a text of some length"}');
  const [segment] = found();
  if (segment === undefined) throw new Error('there is no segment');
  const second = textsOf(made.reader, 1).length === 1 ? made.reader.position % 2 ** 24 : 0;
  const original = Buffer.from(segment.bytes);
  const end = second + 8 + original.readInt32LE(second);
  for (let cut = second; cut < end; cut++) {
    segment.bytes.set(original);
    // What a machine that went down may leave: the rest of the pages did not reach the disk.
    segment.bytes.fill(0, cut);
    // All but a length of 0, behind which nobody looks, must be told by the check sum.
    const { texts, reader } = recover();
    expect(texts).toEqual(['{"whole":1}']);
    expect(reader.damaged).toBe(cut < second + 1 ? 0 : 1);
  }
});

test('what an earlier use of a segment left is no entry of a later one', () => {
  const made = journal();
  for (let index = 0; index < 2000; index++) {
    made.writer.append(text(7));
    if (index % 100 === 0) take(made);
  }
  take(made);
  const [segment] = found();
  if (segment === undefined) throw new Error('there is no segment');
  const after = made.reader.position % 2 ** 24;
  // The first entry of the segment, whole and with its check sum, but of an earlier use.
  const old = Buffer.alloc(256);
  const earlier = new Segment(new Uint8Array(SEGMENT_BYTES), null);
  earlier.begin(0, segment.sequence - 1);
  earlier.write('{"old":1}', HEAD_BYTES, segment.sequence - 1);
  earlier.bytes.copy(old, 0, HEAD_BYTES, HEAD_BYTES + 64);
  old.copy(segment.bytes, after, 0, 64);
  const { texts, reader } = recover(made.reader.position);
  expect(texts).toEqual([]);
  expect(reader.damaged).toBe(1);
});

describe('without a place on the disk', () => {
  test('records stay in memory, and reach the disk again when it takes some', async () => {
    const missing = join(folder, 'not-there-yet');
    const made = journal({ folder: missing });
    for (let index = 0; index < 500; index++) made.writer.append(text(index));
    expect(made.troubles.at(-1)).toContain('ENOENT');
    expect(made.control.isDegraded).toBeTrue();
    expect(take(made).length).toBe(500);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(missing);
    await Bun.sleep(1100);
    for (let index = 0; index < 1500; index++) made.writer.append(text(index));
    expect(take(made).length).toBe(1500);
    expect(made.segments.some(({ path }) => path !== null)).toBeTrue();
    expect(made.troubles.at(-1)).toBeNull();
    expect(made.control.isDegraded).toBeFalse();
  });

  test('memory is bounded: the oldest go, and are counted', () => {
    const made = journal({ folder: null });
    for (let index = 0; index < 5000; index++) made.writer.append(text(index));
    const kept: string[] = [];
    for (let look = 0; look < 50; look++) kept.push(...take(made));
    expect(kept.length).toBeGreaterThan(500);
    expect(kept.length + made.control.lost).toBe(5000);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => text(5000 - kept.length + index)));
  });

  test('a limit on the disk is kept', () => {
    const made = journal({ limit: 4 * SEGMENT_BYTES });
    for (let index = 0; index < 5000; index++) made.writer.append(text(index));
    expect(readdirSync(folder).length).toBe(4);
    expect(made.troubles).toContain('the journal has reached its limit');
    const kept: string[] = [];
    for (let look = 0; look < 50; look++) kept.push(...take(made));
    expect(kept.length + made.control.lost).toBe(5000);
    expect(kept[0]).toBe(text(0));
  });
});
