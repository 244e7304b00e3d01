import { expect, test } from 'bun:test';
import { makeJournal } from '../../test/support/journal.ts';
import { makeRandom } from '../../test/support/ledger-records.ts';
import { bundledCatalog } from '../catalog/catalog.ts';
import { Pricer } from '../catalog/pricer.ts';
import { Definition } from '../core/ledger/definition.ts';
import {
  COUNT_WORD,
  FLAGS_WORD,
  HAS_USAGE,
  IS_ESTIMATED,
  PHASES,
  PHASES_WORD,
  REQUEST_BYTES_WORD,
  RESPONSE_BYTES_WORD,
  TIME_WORD,
  USAGE_WORD,
  writeUpstreamId,
} from '../core/ledger/plain-record.ts';
import { TOKEN_BUCKETS } from '../core/neutral/usage.ts';
import { RecordReader } from '../storage/records/read-record.ts';
import { encodeRecords } from '../storage/records/record-codec.ts';
import { RecordTable } from '../storage/records/record-table.ts';
import { addRecord } from '../storage/records/write-record.ts';
import { Collector } from './collector.ts';
import { readPlain } from './read-plain.ts';
import { RecordCleaner } from './record-cleaner.ts';

const shape = (provider: string, model: string, more = '') =>
  new Definition(
    `,"surface":"openai","operation":"chat","endpoint":"e","provider":"${provider}","model":"${model}","status":200,"server":"api.example:443","served":"${model}"${more}`,
  );

const SHAPES = [
  shape('openai', 'gpt-4o', ',"finish":"stop"'),
  shape('openai', 'gpt-4o', ',"finish":"stop","stream":1'),
  shape('anthropic', 'claude-sonnet-4-5', ',"route":"split"'),
  shape('gemini', 'gemini-2.5-pro'),
  shape('openai', 'nobody-knows-it'),
  shape('simulated', 'simulated'),
  shape('deepseek', 'deepseek-chat'),
  shape('openai', 'o3'),
];
const CALLERS = [
  null,
  new Definition(',"address":"10.0.0.1","agent":"sdk/1"'),
  new Definition(',"address":"10.0.0.2","agent":"sdk/2","tags":{"team":"red","env":"live"}'),
];
const BODIES = [null, new Definition(',"user":"ada"'), new Definition(',"user":"bob","metadata":{"app":"x"}')];
const MAKER = new Definition('0123456789AB');

/** What words hold, and what makes a record worth looking at by itself. */
test('columns are the same whether a record is read at once or by itself', async () => {
  const pricer = new Pricer(await bundledCatalog(), []);
  const cleaner = new RecordCleaner([]);
  const journal = makeJournal('', { folder: null, memoryBytes: 2 ** 23 });
  const random = makeRandom(5);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  for (let index = 0; index < 6_000; index++) {
    const id = pick(['', '', 'req_abc', `req_${index}`]);
    const caller = pick(CALLERS);
    const at = journal.writer.begin(pick(SHAPES), caller, caller === null ? null : pick(BODIES), MAKER, id.length);
    const { words } = journal.writer;
    // Some were before prices changed.
    const time = (index % 5 === 0 ? 1_740_000_000_000 : 1_790_000_000_000) + index;
    words[at + COUNT_WORD] = index % 7;
    words[at + TIME_WORD] = time | 0;
    words[at + TIME_WORD + 1] = Math.floor(time / 2 ** 32);
    words[at + FLAGS_WORD] = pick([HAS_USAGE, HAS_USAGE, HAS_USAGE | IS_ESTIMATED, 0]);
    for (let phase = 0; phase < PHASES; phase++) {
      const isThere = phase === 2 || phase === 5 || random() < 0.8;
      words[at + PHASES_WORD + phase] = isThere ? Math.floor(random() ** 4 * (2 ** 31 - 1)) : -1;
    }
    words[at + REQUEST_BYTES_WORD] = Math.floor(random() * 1e6);
    words[at + RESPONSE_BYTES_WORD] = Math.floor(random() * 1e6);
    for (let bucket = 0; bucket < TOKEN_BUCKETS.length; bucket++) {
      words[at + USAGE_WORD + bucket] = random() < 0.4 ? pick([1, 1_000, 250_000, 2 ** 31 - 1]) : 0;
    }
    writeUpstreamId(words, at, id);
    journal.writer.commit();
  }
  const slow = new RecordTable();
  const collector = new Collector(pricer, cleaner, () => {});
  const fast = collector.sink('node');
  const taken = journal.reader.read(1e9, {
    text: () => {},
    plain: (words, at, definitions) => {
      const record = readPlain(words, at, definitions, 'node');
      if (record === null) throw new Error('no record');
      addRecord(slow, { record: cleaner.clean(record), pricing: pricer.price(record) });
      fast.plain(words, at, definitions);
    },
  });
  expect(taken).toBe(6_000);
  const { records } = collector.take();
  const [one, other] = [new RecordReader(records), new RecordReader(slow)];
  for (let index = 0; index < slow.size; index++) expect(one.priced(index)).toEqual(other.priced(index));
  expect(Buffer.from(encodeRecords(records)).equals(encodeRecords(slow))).toBeTrue();
});

test('an entry that cannot be understood is left out, and no other', () => {
  const broken: unknown[] = [];
  const failing = { price: () => fail(), plan: () => fail() } as never;
  const collector = new Collector(failing, new RecordCleaner([]), (error) => broken.push(error));
  const sink = collector.sink('node');
  const entry = { id: '7'.padStart(26, '0'), time: 7, surface: 'openai', operation: 'chat', status: 200 };
  sink.text(JSON.stringify({ ...entry, phases: [0, 1, 2, 3, -1, 5, 6, 4, 0], bytes: [1, 2] }));
  sink.text('no JSON');
  expect(broken).toHaveLength(1);
  expect(collector.take().records.size).toBe(0);
});

function fail(): never {
  throw new Error('no prices');
}
