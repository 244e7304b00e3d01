import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../test/conformance/free-port.ts';
import { FROM_SOURCE } from '../test/support/gateway-process.ts';
import { median } from './measure.ts';
import { BOTH_CORES, MeasuredProcess, stopEverything } from './processes.ts';

/**
 * Whether memory stays flat under a load with everything that goes wrong: clients that leave, providers that fail, bodies
 * of a megabyte, the ledger and full request logging on. `bun bench/soak.ts --minutes 20`
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    /** Requests a second. */
    rate: { type: 'string', default: '150' },
    /** A built executable, in place of the source. */
    executable: { type: 'string' },
  },
});
const seconds = Number(values.minutes) * 60;
const rate = Number(values.rate);
/** Memory may settle for so long before it is compared. */
const SETTLING = 0.2;
const TOLERANCE = 1.1;

const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const MEGABYTE = 'x'.repeat(2 ** 20);
const JSON_HEADERS = { 'content-type': 'application/json' };

const answer = (content: string) =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_764_000_000,
    model: 'gpt-4o',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 },
  });

const chunk = (text: string) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_764_000_000,
    model: 'gpt-4o',
    choices: [{ index: 0, delta: { content: text }, finish_reason: null }],
  })}\n\n`;

async function* slowWords(isCut: boolean) {
  for (let index = 0; index < 20; index++) {
    yield chunk(`word ${index} `);
    await Bun.sleep(10);
    if (isCut && index === 9) return;
  }
  yield 'data: [DONE]\n\n';
}

/** A provider that does what the message asks of it. */
const upstream = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const body = await request.text();
    if (body.includes('"fail"'))
      return new Response('{"error":{"message":"overloaded"}}', { status: 503, headers: JSON_HEADERS });
    if (body.includes('"stream":true')) {
      return new Response(slowWords(body.includes('"cut"')), { headers: { 'content-type': 'text/event-stream' } });
    }
    return new Response(answer(body.includes('"large"') ? MEGABYTE : 'Hello'), { headers: JSON_HEADERS });
  },
  error: () => new Response('broken', { status: 500 }),
});

const port = await freePort();
const config = join(folder, 'sluice.yaml');
await Bun.write(
  config,
  JSON.stringify({
    endpoints: [
      {
        name: 'chat',
        endpoint_type: 'llm/v1/chat',
        logging: 'full',
        model: {
          provider: 'openai',
          name: 'gpt-4o',
          config: { openai_api_key: 'sk-soak', openai_api_base: `http://127.0.0.1:${upstream.port}/v1` },
        },
      },
    ],
  }),
);
const command = [...(values.executable === undefined ? FROM_SOURCE : [values.executable]), 'start'];
const gateway = await MeasuredProcess.start({
  name: 'soak',
  command: [...command, '--config-path', config, '--port', String(port)],
  cores: BOTH_CORES,
  readyUrl: `http://127.0.0.1:${port}/health`,
});

const counts: Record<string, number> = {};
const URL_OF_CHAT = `http://127.0.0.1:${port}/v1/chat/completions`;

async function ask(content: string, stream: boolean, leaveAfter: number | null): Promise<string> {
  const leaving = new AbortController();
  const response = await fetch(URL_OF_CHAT, {
    method: 'POST',
    headers: JSON_HEADERS,
    body: JSON.stringify({ model: 'chat', stream, messages: [{ role: 'user', content }] }),
    signal: leaving.signal,
  });
  if (leaveAfter !== null) setTimeout(() => leaving.abort(), leaveAfter);
  const text = await response.text();
  if (text.includes('"error"')) return `error ${response.status}`;
  return String(response.status);
}

/** Each kind of request, and how often of a hundred. */
const MIX: ReadonlyArray<readonly [name: string, share: number, run: () => Promise<string>]> = [
  ['chat', 45, () => ask('Hello', false, null)],
  ['stream', 20, () => ask('Hello', true, null)],
  ['stream, client leaves', 10, () => ask('Hello', true, 60)],
  ['stream, provider breaks off', 5, () => ask('cut', true, null)],
  ['provider fails', 8, () => ask('fail', false, null)],
  ['body of 1 MB', 6, () => ask(MEGABYTE, false, null)],
  ['answer of 1 MB', 6, () => ask('large', false, null)],
];

async function one(): Promise<void> {
  let left = Math.random() * 100;
  for (const [name, share, run] of MIX) {
    left -= share;
    if (left > 0) continue;
    const outcome = await run().catch((error: unknown) => (error instanceof Error ? error.name : 'failed'));
    const key = `${name}: ${outcome}`;
    counts[key] = (counts[key] ?? 0) + 1;
    return;
  }
}

const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
const sender = setInterval(() => void one(), 1000 / rate);
const samples: Array<readonly [second: number, megabytes: number]> = [];
while (elapsed() < seconds) {
  await Bun.sleep(Math.min(10_000, seconds * 50));
  samples.push([elapsed(), gateway.memoryMegabytes()]);
  if (process.stderr.isTTY) process.stderr.write(`\r${elapsed().toFixed(0)} s, ${samples.at(-1)?.[1].toFixed(0)} MB `);
}
clearInterval(sender);

const figure = async (name: string): Promise<number> => {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1] ?? 0);
};
await Bun.sleep(2000);
// What waits in the journal belongs to the run.
for (let wait = 0; wait < 60 && (await figure('sluice_journal_lag_records')) > 0; wait++) await Bun.sleep(500);
const recorded = await figure('sluice_ledger_records_total');
const settled = samples.filter(([second]) => second > seconds * SETTLING).map(([, megabytes]) => megabytes);
const third = Math.floor(settled.length / 3);
const first = median(settled.slice(0, third));
const last = median(settled.slice(-third));
const sent = Object.values(counts).reduce((sum, count) => sum + count, 0);
for (const [name, count] of Object.entries(counts).sort()) console.log(`${String(count).padStart(8)}  ${name}`);
console.log(`\n${sent} requests in ${(seconds / 60).toFixed(1)} minutes, ${recorded} records in the ledger`);
console.log(
  `memory in MB over time: ${samples
    .filter((_, index) => index % Math.ceil(samples.length / 12) === 0)
    .map(([, megabytes]) => megabytes.toFixed(0))
    .join(' ')}`,
);
console.log(
  `first third ${first.toFixed(1)} MB, last third ${last.toFixed(1)} MB: ${(last / first).toFixed(3)} (at most ${TOLERANCE})`,
);
const isFlat = last <= first * TOLERANCE;
const underWay = await figure('sluice_requests_in_flight');
const isComplete = recorded === sent && underWay === 0;
if (!isComplete) console.log(`records and requests differ; ${underWay} under way`);
await stopEverything();
upstream.stop(true);
console.log(`\n${Number(isFlat) + Number(isComplete)} passed, ${2 - Number(isFlat) - Number(isComplete)} failed`);
process.exit(isFlat && isComplete ? 0 : 1);
