import type { Pricer } from '../catalog/pricer.ts';
import type { JournalEntry } from '../core/ledger/journal-entry.ts';
import {
  BODY_CALLER_WORD,
  CALLER_WORD,
  COUNT_WORD,
  FLAGS_WORD,
  HAS_USAGE,
  IS_ESTIMATED,
  MAKER_WORD,
  PHASES_WORD,
  REQUEST_BYTES_WORD,
  RESPONSE_BYTES_WORD,
  SHAPE_WORD,
  timeAt,
  UPSTREAM_ID_WORD,
  USAGE_WORD,
  upstreamIdAt,
} from '../core/ledger/plain-record.ts';
import { TOKEN_BUCKETS } from '../core/neutral/usage.ts';
import type { Definitions } from '../storage/journal/definitions.ts';
import { FLAG } from '../storage/records/record-columns.ts';
import type { RecordTable } from '../storage/records/record-table.ts';
import { writeTags } from '../storage/records/write-record.ts';
import { PlacedText, type PlainBand, PlainShape } from './plain-shape.ts';
import { callerOf } from './read-entry.ts';
import type { RecordCleaner } from './record-cleaner.ts';

/** What is kept ready; names come from clients too. */
const MOST_KNOWN = 5_000;

/** Buckets that are part of the prompt; the others are of the answer. */
const PROMPT_BUCKETS = 6;

interface Caller {
  readonly address: PlacedText;
  readonly userAgent: PlacedText;
  readonly user: PlacedText;
  readonly team: PlacedText;
  readonly key: PlacedText;
  readonly tags: PlacedText;
}

/** Whose texts a definition's are, for one set of prices and secrets. */
interface Parsed {
  readonly owner: PlainEntries;
  readonly shape: PlainShape | null;
  /** By the definition of what the body says. */
  readonly callers: (Caller | undefined)[];
  readonly text: PlacedText;
}

/**
 * Takes plain records into columns without making an object of any: what they share is worked out once. Made anew when
 * prices or secrets change.
 */
export class PlainEntries {
  readonly #pricer: Pricer;
  readonly #cleaner: RecordCleaner;
  readonly #shapes = new Map<string, PlainShape>();
  readonly #callers = new Map<string, Caller>();

  constructor(pricer: Pricer, cleaner: RecordCleaner) {
    this.#pricer = pricer;
    this.#cleaner = cleaner;
  }

  /** False where the record has to be looked at by itself; then nothing was added. */
  add(table: RecordTable, words: Int32Array, at: number, definitions: Definitions, node: PlacedText): boolean {
    const shape = this.#shape(definitions, words[at + SHAPE_WORD] ?? 0);
    const flags = words[at + FLAGS_WORD] ?? 0;
    const bands = shape.bands;
    if ((flags & HAS_USAGE) === 0 || (bands === null && shape.unknown === null)) return false;
    const time = timeAt(words, at);
    if (time < shape.pricedFrom) return false;
    const band = bands === null ? null : bandOf(bands, words, at);
    const cost = band === null ? 0 : costOf(band, words, at);
    if (!Number.isSafeInteger(cost)) return false;
    const index = table.add();
    const { numbers, texts } = table;
    numbers.time.values[index] = time;
    numbers.sequence.values[index] = words[at + COUNT_WORD] ?? 0;
    numbers.status.values[index] = shape.status;
    numbers.outcome.values[index] = shape.outcome;
    numbers.attempts.values[index] = 1;
    numbers.cost.values[index] = cost;
    const source = (flags & IS_ESTIMATED) === 0 ? FLAG.providerUsage : FLAG.estimatedUsage;
    const priced = band === null ? FLAG.unpriced : FLAG.priced;
    numbers.flags.values[index] = shape.flags | FLAG.counted | source | priced;
    numbers.requestBytes.values[index] = words[at + REQUEST_BYTES_WORD] ?? 0;
    numbers.responseBytes.values[index] = words[at + RESPONSE_BYTES_WORD] ?? 0;
    addPhases(table, index, words, at + PHASES_WORD);
    addUsage(table, index, words, at + USAGE_WORD);
    texts.shape.set(index, shape.shape.placeIn(texts.shape));
    texts.node.set(index, node.placeIn(texts.node));
    texts.maker.set(index, this.#parsed(definitions, words[at + MAKER_WORD] ?? 0).text.placeIn(texts.maker));
    const bill = band === null ? shape.unknown : band.bill(bucketsOf(words, at));
    texts.bill.set(index, bill === null ? 0 : bill.placeIn(texts.bill));
    if (words[at + UPSTREAM_ID_WORD] !== 0) {
      texts.upstreamId.set(index, texts.upstreamId.place(upstreamIdAt(words, at)));
    }
    this.#addCaller(table, index, definitions, words[at + CALLER_WORD] ?? 0, words[at + BODY_CALLER_WORD] ?? 0);
    return true;
  }

  #addCaller({ texts }: RecordTable, index: number, definitions: Definitions, headers: number, body: number): void {
    const { callers } = this.#parsed(definitions, headers);
    let caller = callers[body];
    if (caller === undefined) {
      caller = this.#caller(definitions.text(headers), definitions.text(body));
      callers[body] = caller;
    }
    texts.address.set(index, caller.address.placeIn(texts.address));
    texts.userAgent.set(index, caller.userAgent.placeIn(texts.userAgent));
    texts.user.set(index, caller.user.placeIn(texts.user));
    texts.team.set(index, caller.team.placeIn(texts.team));
    texts.key.set(index, caller.key.placeIn(texts.key));
    texts.tags.set(index, caller.tags.placeIn(texts.tags));
  }

  #parsed(definitions: Definitions, number: number): Parsed {
    const entry = definitions.entry(number);
    const known = entry.parsed as Parsed | undefined;
    if (known !== undefined && known.owner === this) return known;
    const parsed: Parsed = { owner: this, shape: null, callers: [], text: new PlacedText(entry.text) };
    entry.parsed = parsed;
    return parsed;
  }

  #shape(definitions: Definitions, number: number): PlainShape {
    const entry = definitions.entry(number);
    const known = entry.parsed as Parsed | undefined;
    if (known !== undefined && known.owner === this && known.shape !== null) return known.shape;
    const shape = this.#shapes.get(entry.text) ?? this.#newShape(entry.text);
    entry.parsed = { owner: this, shape, callers: [], text: shape.shape } satisfies Parsed;
    return shape;
  }

  #newShape(text: string): PlainShape {
    const shape = new PlainShape(membersText(text), this.#pricer);
    if (this.#shapes.size >= MOST_KNOWN) this.#shapes.clear();
    this.#shapes.set(text, shape);
    return shape;
  }

  #caller(headers: string, body: string): Caller {
    const text = headers + body;
    const known = this.#callers.get(text);
    if (known !== undefined) return known;
    const clean = this.#cleaner.caller(callerOf(JSON.parse(membersText(text)) as JournalEntry));
    const caller: Caller = {
      address: new PlacedText(clean.address),
      userAgent: new PlacedText(clean.userAgent),
      user: new PlacedText(clean.user),
      team: new PlacedText(clean.team),
      key: new PlacedText(clean.key),
      tags: new PlacedText(writeTags(clean.tags)),
    };
    if (this.#callers.size >= MOST_KNOWN) this.#callers.clear();
    this.#callers.set(text, caller);
    return caller;
  }
}

/** Definitions are members of a record, each with a comma before it. */
function membersText(members: string): string {
  return `{${members.slice(1)}}`;
}

function bandOf(bands: readonly PlainBand[], words: Int32Array, at: number): PlainBand | null {
  if (bands.length > 1) {
    let prompt = 0;
    for (let bucket = 0; bucket < PROMPT_BUCKETS; bucket++) prompt += words[at + USAGE_WORD + bucket] ?? 0;
    for (const band of bands) if (prompt > band.above) return band;
  }
  return bands[bands.length - 1] ?? null;
}

/** No safe whole number where it has to be worked out exactly, or a price is missing. */
function costOf({ each }: PlainBand, words: Int32Array, at: number): number {
  let cost = 0;
  for (let bucket = 0; bucket < each.length; bucket++) {
    const tokens = words[at + USAGE_WORD + bucket] ?? 0;
    if (tokens > 0) cost += tokens * (each[bucket] ?? Number.NaN);
  }
  return cost;
}

function bucketsOf(words: Int32Array, at: number): number {
  let buckets = 0;
  for (let bucket = 0; bucket < TOKEN_BUCKETS.length; bucket++) {
    if ((words[at + USAGE_WORD + bucket] ?? 0) > 0) buckets |= 1 << bucket;
  }
  return buckets;
}

/** Received, admitted, sent, first byte, first token, last byte, own share, end of the upstream's answer, connecting. */
function addPhases({ numbers }: RecordTable, index: number, words: Int32Array, at: number): void {
  const last = words[at + 5] ?? 0;
  const ended = words[at + 7] ?? -1;
  numbers.received.values[index] = Math.max(0, words[at] ?? 0);
  numbers.admitted.set(index, (words[at + 1] ?? -1) + 1);
  numbers.sent.set(index, (words[at + 2] ?? -1) + 1);
  numbers.firstByte.set(index, (words[at + 3] ?? -1) + 1);
  numbers.firstToken.set(index, (words[at + 4] ?? -1) + 1);
  numbers.duration.values[index] = Math.max(0, last);
  numbers.overhead.values[index] = Math.max(0, words[at + 6] ?? 0);
  numbers.upstreamEnded.set(index, (ended < 0 ? last : ended) + 1);
  numbers.connect.set(index, (words[at + 8] ?? -1) + 1);
}

function addUsage({ numbers }: RecordTable, index: number, words: Int32Array, at: number): void {
  numbers.input.values[index] = words[at] ?? 0;
  numbers.cacheRead.values[index] = words[at + 1] ?? 0;
  numbers.cacheWrite.values[index] = words[at + 2] ?? 0;
  numbers.cacheWriteLong.values[index] = words[at + 3] ?? 0;
  numbers.inputAudio.values[index] = words[at + 4] ?? 0;
  numbers.inputImage.values[index] = words[at + 5] ?? 0;
  numbers.output.values[index] = words[at + 6] ?? 0;
  numbers.reasoning.values[index] = words[at + 7] ?? 0;
  numbers.outputAudio.values[index] = words[at + 8] ?? 0;
  numbers.outputImage.values[index] = words[at + 9] ?? 0;
}
