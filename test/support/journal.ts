import { JournalControl } from '../../src/storage/journal/control.ts';
import { mapSegment } from '../../src/storage/journal/files.ts';
import { JournalReader } from '../../src/storage/journal/journal-reader.ts';
import { JournalWriter, type WriterOptions } from '../../src/storage/journal/journal-writer.ts';
import { Segment } from '../../src/storage/journal/segment.ts';

export const SEGMENT_BYTES = 65_536;

export interface TestJournal {
  readonly writer: JournalWriter;
  readonly reader: JournalReader;
  readonly control: JournalControl;
  readonly troubles: Array<string | null>;
  readonly segments: Segment[];
  calls: number;
}

/** A writer, and a reader that hears of its segments as another thread does: with its own view of each. */
export function makeJournal(folder: string, options: Partial<WriterOptions> = {}): TestJournal {
  const control = JournalControl.create(1);
  const reader = new JournalReader('node/0', { isLive: true });
  const made: TestJournal = { writer: undefined as never, reader, control, troubles: [], segments: [], calls: 0 };
  const writer = new JournalWriter({
    folder,
    worker: 0,
    control,
    limit: 2 ** 24,
    segmentBytes: SEGMENT_BYTES,
    memoryBytes: 3 * SEGMENT_BYTES,
    announce: (segment) => {
      made.segments.push(segment);
      reader.add(
        segment.shared === null
          ? mapSegment(segment.path ?? '')
          : new Segment(new Uint8Array(segment.shared), segment.path),
      );
    },
    wake: () => {
      made.calls++;
    },
    degraded: (reason) => made.troubles.push(reason),
    ...options,
  });
  return Object.assign(made, { writer });
}
