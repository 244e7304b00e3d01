import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeJournal, SEGMENT_BYTES, type TestJournal } from '../../../test/support/journal.ts';
import { Definition } from '../../core/ledger/definition.ts';
import {
  BODY_CALLER_WORD,
  CALLER_WORD,
  COUNT_WORD,
  MAKER_WORD,
  PLAIN_WORDS,
  SHAPE_WORD,
  upstreamIdAt,
  writeUpstreamId,
} from '../../core/ledger/plain-record.ts';
import type { Definitions } from './definitions.ts';
import { mapSegment } from './files.ts';
import { type EntrySink, JournalReader } from './journal-reader.ts';
import type { JournalWriter } from './journal-writer.ts';
import { HEAD_BYTES, Segment, SegmentState } from './segment.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-plain-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const maker = new Definition('ABCDEFGHJKMN');
const shapes = [new Definition(',"surface":"openai"'), new Definition(',"surface":"größer"')];
const callers = Array.from({ length: 7 }, (_, index) => new Definition(`,"address":"192.0.2.${index}"`));

interface Said {
  readonly shape: Definition;
  readonly caller: Definition | null;
  readonly bodyCaller: Definition | null;
  readonly upstreamId: string;
}

/** The record of this number: each has another mix of texts, and a name of another length. */
function said(index: number): Said {
  return {
    shape: shapes[index % 2] ?? maker,
    caller: callers[index % 8] ?? null,
    bodyCaller: index % 3 === 0 ? new Definition(`,"user":"u-${index}"`) : null,
    upstreamId: 'request-0123456789'.slice(0, index % 19),
  };
}

function write(writer: JournalWriter, index: number, { shape, caller, bodyCaller, upstreamId } = said(index)): void {
  const at = writer.begin(shape, caller, bodyCaller, maker, upstreamId.length);
  if (at < 0) return;
  for (let word = COUNT_WORD; word < PLAIN_WORDS; word++) writer.words[at + word] = index * 31 + word;
  writeUpstreamId(writer.words, at, upstreamId);
  writer.commit();
}

function shown(index: number, { shape, caller, bodyCaller, upstreamId } = said(index)): string {
  const texts = [shape.text, caller?.text ?? '', bodyCaller?.text ?? '', maker.text];
  return [index, ...texts, upstreamId].join(' ');
}

function show(words: Int32Array, at: number, definitions: Definitions): string {
  const word = (index: number): number => words[at + index] ?? 0;
  const texts = [SHAPE_WORD, CALLER_WORD, BODY_CALLER_WORD, MAKER_WORD].map((index) => definitions.text(word(index)));
  return [(word(COUNT_WORD) - COUNT_WORD) / 31, ...texts, upstreamIdAt(words, at) ?? ''].join(' ');
}

function read(reader: JournalReader, limit = 1e9): string[] {
  const all: string[] = [];
  const sink: EntrySink = {
    text: (text) => void all.push(text),
    plain: (words, at, definitions) => void all.push(show(words, at, definitions)),
  };
  expect(reader.read(limit, sink)).toBe(all.length);
  return all;
}

function take({ reader, control }: TestJournal, limit = 1e9): string[] {
  const all = read(reader, limit);
  reader.release();
  control.took(all.length);
  return all;
}

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => shown(from + index));

describe.each([
  ['mapped files', {}],
  ['files that cannot be mapped', { canMap: false }],
  ['memory', { folder: null }],
] as const)('plain records in %s', (_name, options) => {
  test('come as they were written, among texts, over the borders of segments', () => {
    const made = makeJournal(folder, options);
    const written: string[] = [];
    const all: string[] = [];
    for (let index = 0; index < 3000; index++) {
      const isText = index % 5 === 0;
      if (isText) made.writer.append(`{"text":${index}}`);
      else write(made.writer, index);
      written.push(isText ? `{"text":${index}}` : shown(index));
      if (index % 101 === 0) all.push(...take(made, 60), ...take(made));
    }
    all.push(...take(made));
    expect(all).toEqual(written);
    expect(made.control.waiting).toBe(0);
    expect(made.control.lost).toBe(0);
  });

  test('wake their reader as texts do', () => {
    const made = makeJournal(folder, options);
    write(made.writer, 1);
    write(made.writer, 2);
    expect(made.calls).toBe(1);
  });
});

/** A file that was not mapped ends with what was written last. */
function opened(path: string): Segment {
  if (statSync(path).size === SEGMENT_BYTES) return mapSegment(path);
  return new Segment(new Uint8Array(readFileSync(path)), path);
}

/** What another process finds. */
function found(): Segment[] {
  const paths = readdirSync(folder).map((name) => join(folder, name));
  const segments = paths.filter((path) => statSync(path).size >= HEAD_BYTES).map(opened);
  const used = segments.filter(
    ({ isValid, sequence, state }) => isValid && sequence > 0 && state !== SegmentState.free,
  );
  return used.sort((one, other) => one.sequence - other.sequence);
}

function recover(segments: readonly Segment[], position?: number): { all: string[]; reader: JournalReader } {
  const reader = new JournalReader('node/0', { isLive: false, ...(position !== undefined && { position }) });
  for (const segment of segments) reader.add(segment);
  return { all: read(reader), reader };
}

describe.each([
  ['mapped files', true],
  ['files that cannot be mapped', false],
] as const)('another process, from %s,', (_name, canMap) => {
  test('reads each segment by itself', () => {
    const made = makeJournal(folder, { canMap });
    for (let index = 0; index < 2000; index++) write(made.writer, index);
    const segments = found();
    expect(segments.length).toBeGreaterThan(3);
    expect(segments.flatMap((segment) => recover([segment]).all)).toEqual(range(0, 2000));
  });

  test('goes on behind any position, with what was defined before it', () => {
    const made = makeJournal(folder, { canMap });
    for (let index = 0; index < 800; index++) write(made.writer, index);
    for (let index = 0; index < 800; index++) {
      read(made.reader, 1);
      if (index % 7 !== 0) continue;
      const { all } = recover(found(), made.reader.position);
      expect(all.length).toBe(799 - index);
      expect(all[0]).toBe(index === 799 ? undefined : shown(index + 1));
    }
  });
});

test('a change of any word of an entry is noticed, whichever bits it has', () => {
  const made = makeJournal(folder);
  write(made.writer, 0);
  const before = read(made.reader, 1).length === 1 ? (made.reader.position % 2 ** 24) / 4 : 0;
  // All of its texts are defined by now, so it stands alone.
  write(made.writer, 16, { ...said(16), bodyCaller: null });
  read(made.reader, 1);
  const end = (made.reader.position % 2 ** 24) / 4;
  const [segment] = found();
  if (segment === undefined) throw new Error('there is no segment');
  expect(end - before).toBe(2 + PLAIN_WORDS + 4);
  for (let at = before; at < end; at++) {
    const original = segment.words[at] ?? 0;
    for (const change of [1, 8, 0x80, 0x4000, 0x100_0000, 0x200_0000, 1 << 31, -1, original]) {
      if (change === 0) continue;
      segment.words[at] = original ^ change;
      const { all, reader } = recover([segment]);
      expect(all).toEqual([shown(0)]);
      // Behind a length of 0 nobody looks.
      expect(reader.damaged).toBe(segment.words[before] === 0 ? 0 : 1);
    }
    segment.words[at] = original;
  }
  expect(recover([segment]).all.length).toBe(2);
});

test('a change of any word of a definition is noticed', () => {
  const made = makeJournal(folder);
  write(made.writer, 3);
  const [segment] = found();
  if (segment === undefined) throw new Error('there is no segment');
  const size = (8 + Buffer.byteLength(shapes[1]?.text ?? '') + 7) >> 3;
  for (let at = HEAD_BYTES / 4; at < HEAD_BYTES / 4 + 2 * size - 1; at++) {
    const original = segment.words[at] ?? 0;
    for (const change of [1, 0x100_0000, 0x200_0000, 0x300_0000]) {
      segment.words[at] = original ^ change;
      const { all, reader } = recover([segment]);
      expect({ all, damaged: reader.damaged }).toEqual({ all: [], damaged: 1 });
    }
    segment.words[at] = original;
  }
});

test('records behind a position whose definitions were damaged are left out, and texts are not', () => {
  const made = makeJournal(folder);
  write(made.writer, 0);
  read(made.reader);
  write(made.writer, 0);
  made.writer.append('text');
  const [segment] = found();
  if (segment === undefined) throw new Error('there is no segment');
  segment.words[HEAD_BYTES / 4 + 2] = 0;
  const { all, reader } = recover([segment], made.reader.position);
  expect({ all, damaged: reader.damaged }).toEqual({ all: ['text'], damaged: 1 });
});

test('more callers than a segment has room for are all kept', () => {
  const made = makeJournal(folder);
  const each = (index: number): Said => ({
    ...said(index),
    caller: new Definition(`,"address":"${'x'.repeat(index % 900)}"`),
  });
  for (let index = 0; index < 1000; index++) write(made.writer, index, each(index));
  expect(made.segments.length).toBeGreaterThan(5);
  expect(take(made)).toEqual(Array.from({ length: 1000 }, (_, index) => shown(index, each(index))));
});

test('a definition that fits nowhere costs its own record alone', () => {
  const made = makeJournal(folder);
  write(made.writer, 1);
  write(made.writer, 2, { ...said(2), caller: new Definition('x'.repeat(SEGMENT_BYTES)) });
  write(made.writer, 3);
  expect(take(made)).toEqual([shown(1), shown(3)]);
  expect(made.control.lost).toBe(1);
});

test('two writers never take each other’s definitions for their own', () => {
  const [one, other] = [makeJournal(folder, { folder: null }), makeJournal(folder, { folder: null })];
  for (let index = 0; index < 100; index++) write(index % 3 === 0 ? one.writer : other.writer, index);
  const all = [...take(one), ...take(other)];
  expect(all.sort()).toEqual(range(0, 100).sort());
});

test('where memory is full the oldest records go, and definitions are not counted among them', () => {
  const made = makeJournal(folder, { folder: null });
  for (let index = 0; index < 5000; index++) write(made.writer, index);
  const kept: string[] = [];
  for (let look = 0; look < 50; look++) kept.push(...take(made));
  expect(made.control.lost).toBeGreaterThan(0);
  expect(kept).toEqual(range(5000 - kept.length, 5000));
  expect(kept.length + made.control.lost).toBe(5000);
});

test('what was written before there were plain records is read', () => {
  const segment = new Segment(new Uint8Array(SEGMENT_BYTES), null);
  segment.begin(0, 1);
  segment.write('{"old":1}', HEAD_BYTES, 1);
  segment.words[1] = 1;
  expect(segment.isValid).toBeTrue();
  expect(recover([segment]).all).toEqual(['{"old":1}']);
});

test('what a disk refused for a moment is brought to it with what follows', () => {
  const written = Buffer.alloc(SEGMENT_BYTES);
  let isFull = false;
  const mirror = {
    write: (bytes: Buffer, from: number, to: number) => {
      if (isFull) throw new Error('the disk is full');
      bytes.copy(written, from, from, to);
    },
    clear: () => {},
    close: () => {},
  };
  const segment = new Segment(new Uint8Array(SEGMENT_BYTES), 'there', mirror);
  segment.begin(0, 1);
  const second = segment.write('one', HEAD_BYTES, 1);
  isFull = true;
  expect(() => segment.save(second)).toThrow('the disk is full');
  isFull = false;
  segment.save(segment.write('two', second, 1));
  expect(recover([new Segment(new Uint8Array(written), null)]).all).toEqual(['one', 'two']);
});
