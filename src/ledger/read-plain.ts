import type { JournalEntry } from '../core/ledger/journal-entry.ts';
import {
  BODY_CALLER_WORD,
  CALLER_WORD,
  COUNT_WORD,
  FLAGS_WORD,
  HAS_USAGE,
  IS_ESTIMATED,
  MAKER_WORD,
  PHASES,
  PHASES_WORD,
  REQUEST_BYTES_WORD,
  RESPONSE_BYTES_WORD,
  SHAPE_WORD,
  timeAt,
  USAGE_WORD,
  upstreamIdAt,
} from '../core/ledger/plain-record.ts';
import { requestIdOf } from '../core/ledger/request-id.ts';
import type { RequestRecord } from '../core/ledger/request-record.ts';
import type { DefinitionEntry, Definitions } from '../storage/journal/definitions.ts';
import { expand } from './read-entry.ts';

/** Where the buckets of `JournalEntry.usage` are among those of a plain record. */
const BUCKETS = [0, 6, 1, 7, 2, 3, 4, 5, 8, 9];

/** The record that the words of a plain one hold, or null where its definitions are no JSON. */
export function readPlain(words: Int32Array, at: number, definitions: Definitions, node: string): RequestRecord | null {
  const word = (index: number): number => words[at + index] ?? 0;
  const defined = (index: number): DefinitionEntry => definitions.entry(word(index));
  const time = timeAt(words, at);
  const flags = word(FLAGS_WORD);
  const upstreamId = upstreamIdAt(words, at);
  try {
    const entry = {
      ...(membersOf(defined(SHAPE_WORD)) as JournalEntry),
      ...membersOf(defined(CALLER_WORD)),
      ...membersOf(defined(BODY_CALLER_WORD)),
      id: requestIdOf(time, defined(MAKER_WORD).text, word(COUNT_WORD)),
      time,
      phases: Array.from(words.subarray(at + PHASES_WORD, at + PHASES_WORD + PHASES)),
      bytes: [word(REQUEST_BYTES_WORD), word(RESPONSE_BYTES_WORD)] as const,
      ...((flags & HAS_USAGE) !== 0 && { usage: BUCKETS.map((bucket) => word(USAGE_WORD + bucket)) }),
      ...((flags & IS_ESTIMATED) !== 0 && { estimated: 1 as const }),
      ...(upstreamId !== null && { upstreamId }),
    };
    return expand(entry, node);
  } catch {
    return null;
  }
}

const MOST_KNOWN = 2_000;
const known = new Map<string, Partial<JournalEntry>>();

/** The members that a definition stands for. The same ones are in every segment again. */
function membersOf({ text }: DefinitionEntry): Partial<JournalEntry> {
  const found = known.get(text);
  if (found !== undefined) return found;
  const members = JSON.parse(`{${text.slice(1)}}`) as Partial<JournalEntry>;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, members);
  return members;
}
