import { captureSize } from '../core/capture/capture.ts';
import { DefinitionCache } from '../core/ledger/definition.ts';
import { RequestIds } from '../core/ledger/request-id.ts';
import type { Recorder } from '../gateway/exchange.ts';
import { JournalControl } from '../storage/journal/control.ts';
import { JournalWriter } from '../storage/journal/journal-writer.ts';
import type { Log } from '../telemetry/log.ts';
import { kibibytes } from './kibibytes.ts';
import type { FromJournal } from './ledger-protocol.ts';

/** What a worker needs to write its journal. */
export interface JournalPlace {
  /** Of this process; null for memory alone. */
  readonly folder: string | null;
  readonly control: SharedArrayBuffer;
  /** Bytes on the disk for one worker. */
  readonly limit: number;
}

export interface RecorderOptions {
  /** Null where nobody keeps records. */
  readonly place: JournalPlace | null;
  /** From 0. */
  readonly worker: number;
  readonly log: Log;
  send(message: FromJournal): void;
}

/** Where the requests of one worker leave their records. */
export function createRecorder({ place, worker, log, send }: RecorderOptions): Recorder {
  const ids = new RequestIds();
  const bodyCallers = new DefinitionCache();
  if (place === null) return { ids, bodyCallers, journal: null };
  let isDegraded = false;
  const control = new JournalControl(place.control);
  const journal = new JournalWriter({
    folder: place.folder,
    worker,
    control,
    limit: place.limit,
    announce: ({ shared, path }) => send({ type: 'segment', worker, memory: shared, path }),
    wake: () => send({ type: 'wake' }),
    degraded: (reason) => {
      if ((reason !== null) === isDegraded) return;
      isDegraded = reason !== null;
      if (reason === null) log.info('the journal is written to the disk again');
      else log.warning('the journal is kept in memory: the disk takes no more', { error: reason });
    },
  });
  return {
    ids,
    bodyCallers,
    journal,
    lost: (cause) => {
      control.dropped(worker, 1);
      log.error('a record could not be made', { error: cause instanceof Error ? (cause.stack ?? '') : String(cause) });
    },
    capture: (capture) => {
      if (control.holdTexts(kibibytes(captureSize(capture)))) send({ type: 'capture', capture });
    },
  };
}
