import { describe, expect, test } from 'bun:test';
import { type Flag, flagTable, parseFlags, UsageError } from './arguments.ts';

const FLAGS: readonly Flag[] = [
  { name: 'port', type: 'string', placeholder: 'NUMBER', help: 'A port.', environment: 'PORT_VARIABLE' },
  { name: 'loud', type: 'boolean', help: 'Speak up.' },
];

const parse = (words: readonly string[], environment = {}) => parseFlags(words, FLAGS, environment);

describe('the words of a command line', () => {
  test.each<[string[], string]>([
    [['--port', '-1'], '-1'],
    [['--port=-1'], '-1'],
    [['--loud', '--port', '5'], '5'],
    [['--port', '5', '--port', '6'], '6'],
  ])('%p give the port %p', (words, port) => {
    expect(parse(words).values.port).toBe(port);
  });

  test('go before the environment', () => {
    expect(parse([], { PORT_VARIABLE: '7' }).values.port).toBe('7');
    expect(parse(['--port', '8'], { PORT_VARIABLE: '7' }).values.port).toBe('8');
  });

  test.each<[string[], string]>([
    [['--nope'], "Unknown option '--nope'"],
    [['-1'], "Unknown option '-1'"],
    [['--loud', '-1'], "Unknown option '-1'"],
    [['--port'], "Option '--port <value>' argument missing"],
    [['--port', '--loud'], "Option '--port' argument is ambiguous"],
  ])('%p are a mistake that is told in one line', (words, message) => {
    expect(() => parse(words)).toThrow(new UsageError(message));
  });
});

test('the table of flags is aligned, the help included', () => {
  expect(flagTable(FLAGS).split('\n')).toEqual([
    '  --port NUMBER  A port. [env: PORT_VARIABLE]',
    '  --loud         Speak up.',
    '  -h, --help     Show this text.',
  ]);
});
