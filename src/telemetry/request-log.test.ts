import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pricedRecord } from '../../test/support/records.ts';
import { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { RequestLog } from './request-log.ts';
import { jsonLine, textLine } from './request-log-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-request-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FORGED = 'x\n{"id":"forged"}\r\u2028 a=b "quoted"';

function caller(more: object = {}) {
  return { address: '192.0.2.7', userAgent: FORGED, user: FORGED, team: null, key: null, tags: {}, ...more };
}

function openLog(path: string, format: 'json' | 'text' = 'json') {
  const metrics = new Metrics();
  const errors: string[] = [];
  const log = new Log({ level: 'info', format: 'text', write: (line) => errors.push(line) });
  const requestLog = new RequestLog({ to: { path }, format }, metrics, log);
  const dropped = () => metrics.collect()[0]?.samples[0]?.value;
  return { requestLog, errors, dropped };
}

test('a line is one JSON object with what the record says, and the exact cost', () => {
  const line = jsonLine(pricedRecord({ caller: caller({ tags: { team: 'red' } }) }));
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toMatchObject({
    time: '2025-10-09T08:53:20.000Z',
    endpoint: 'chat',
    provider: 'openai',
    model: 'gpt-4o',
    status: 200,
    duration_ms: 481.25,
    first_token_ms: null,
    input_tokens: 10,
    output_tokens: 20,
    cost_usd: '0.000225',
    user: FORGED,
    tags: { team: 'red' },
  });
});

test('an unknown cost is null, not 0', () => {
  expect(JSON.parse(jsonLine(pricedRecord({}, null))).cost_usd).toBeNull();
});

test('the words of an error stay out: they can quote what was asked', () => {
  const error = { code: 'upstream_error', message: 'cannot say "my secret prompt"' };
  const priced = pricedRecord({ status: 400, error });
  expect(JSON.parse(jsonLine(priced))).toMatchObject({ level: 'warning', error_code: 'upstream_error' });
  expect(jsonLine(priced) + textLine(priced)).not.toContain('secret prompt');
});

test('in text nothing from outside forges a line or a field', () => {
  const line = textLine(pricedRecord({ caller: caller({ tags: { 'a b=c': FORGED } }) }));
  expect(line).toContain(' status=200 ');
  expect(line).not.toMatch(/[\n\r\u2028]/);
  expect(line).toContain('user="x\\n{\\"id\\":\\"forged\\"}');
  expect(line).toContain('"tag.a b=c"="x\\n');
});

test('a file that is moved away is begun anew', async () => {
  const path = join(folder, 'moved.log');
  const { requestLog } = openLog(path);
  requestLog.take([pricedRecord({ id: 'first' })]);
  renameSync(path, `${path}.1`);
  requestLog.reopen();
  requestLog.take([pricedRecord({ id: 'second' }), pricedRecord({ id: 'third' })]);
  await requestLog.close();
  const ids = (file: string) =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
  expect(ids(`${path}.1`)).toEqual(['first']);
  expect(ids(path)).toEqual(['second', 'third']);
  expect(statSync(path).mode & 0o007).toBe(0);
});

test('a disk that is full costs the lines, which are counted, and one warning', async () => {
  const { requestLog, errors, dropped } = openLog('/dev/full');
  requestLog.take([pricedRecord(), pricedRecord()]);
  requestLog.take([pricedRecord()]);
  await requestLog.close();
  expect(dropped()).toBe(3);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain('ENOSPC');
});

test('a folder that is not there costs nothing but the lines', async () => {
  const { requestLog, dropped } = openLog(join(folder, 'none', 'requests.log'), 'text');
  requestLog.take([pricedRecord()]);
  await requestLog.close();
  expect(dropped()).toBe(1);
});

test('a reader of standard output that does not keep up holds up nobody, and gets every line that had room', async () => {
  const script = `
    import { LineWriter } from ${JSON.stringify(join(import.meta.dir, 'line-writer.ts'))};
    const writer = new LineWriter({ to: 'stdout', onTrouble: () => {}, onDropped: () => {} });
    for (let index = 0; index < 1000; index += 1) writer.write([index + ' ' + 'x'.repeat(1000)]);
    process.stderr.write('written');
    await writer.close(5000);
  `;
  const child = Bun.spawn([process.execPath, '-e', script], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const { value } = await child.stderr.getReader().read();
  expect(Buffer.from(value ?? []).toString()).toBe('written');
  const lines = (await new Response(child.stdout).text()).trimEnd().split('\n');
  expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  expect(await child.exited).toBe(0);
});
