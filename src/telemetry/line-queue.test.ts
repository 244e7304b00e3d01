import { expect, test } from 'bun:test';
import { LineQueue } from './line-queue.ts';
import { Log } from './log.ts';

const ofLoss = (lines: number): string => `${lines} lost`;

/** A sink that takes nothing until it is told. */
function slowSink() {
  const taken: string[] = [];
  const waiting: Array<(error?: Error) => void> = [];
  const sink = (text: string, done: (error?: Error) => void): void => {
    taken.push(text);
    waiting.push(done);
  };
  const finish = (error?: Error): void => {
    for (const done of waiting.splice(0)) done(error);
  };
  return { taken, sink, finish };
}

test('what nobody takes is bounded; the rest is lost, and counted in the next line that goes', () => {
  const { taken, sink, finish } = slowSink();
  const queue = new LineQueue(sink, 20);
  for (const line of ['12345678', '12345678', 'x'.repeat(10), 'short']) queue.write(line, ofLoss);
  expect(taken).toEqual(['12345678\n', '12345678\n']);
  finish();
  queue.write('after', ofLoss);
  queue.write('then', ofLoss);
  expect(taken.slice(2)).toEqual(['2 lost\nafter\n', 'then\n']);
});

test('lines that could not be written are lost, with those whose loss they told', () => {
  const { taken, sink, finish } = slowSink();
  const queue = new LineQueue(sink);
  queue.write('a', ofLoss);
  queue.write('b', ofLoss);
  finish(new Error('ENOSPC'));
  queue.write('c', ofLoss);
  finish(new Error('ENOSPC'));
  queue.write('d', ofLoss);
  expect(taken).toEqual(['a\n', 'b\n', '2 lost\nc\n', '3 lost\nd\n']);
});

test('a line that is longer than the bound still goes when nothing waits', () => {
  const { taken, sink, finish } = slowSink();
  const queue = new LineQueue(sink, 5);
  queue.write('a long line', ofLoss);
  queue.write('x', ofLoss);
  finish();
  queue.write('y', ofLoss);
  expect(taken).toEqual(['a long line\n', '1 lost\ny\n']);
});

test.each(['text', 'json'] as const)('a loss is told in the format of the log, %s', (format) => {
  const lines: string[] = [];
  const log = new Log({ level: 'info', format, write: (line, loss) => lines.push(loss(3), line) });
  log.info('hello');
  expect(lines[0]).toContain('log lines were lost');
  expect(lines[0]).toContain(format === 'json' ? '"lines":3' : ' lines=3');
  expect(lines[1]).toContain('hello');
});
