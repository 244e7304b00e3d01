export const LOG_LEVELS = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes one line without its line end; and what to say in a line of its own when so many before it were lost. */
  readonly write: (line: string, ofLoss: (lines: number) => string) => void;
}

/** Writes one line an event. Line ends inside values are escaped, so that nothing from outside can forge a line. */
export class Log {
  readonly #options: LogOptions;
  readonly #threshold: number;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#threshold = LOG_LEVELS.indexOf(options.level);
  }

  enabled(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#threshold;
  }

  debug(message: string, fields?: LogFields): void {
    this.#line('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#line('info', message, fields);
  }

  warning(message: string, fields?: LogFields): void {
    this.#line('warning', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#line('error', message, fields);
  }

  #line(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (!this.enabled(level)) return;
    this.#options.write(this.#format(level, message, fields), this.#ofLoss);
  }

  readonly #ofLoss = (lines: number): string =>
    this.#format('warning', 'log lines were lost: nobody took them, or they could not be written', { lines });

  #format(level: LogLevel, message: string, fields: LogFields): string {
    const time = new Date().toISOString();
    if (this.#options.format === 'json') return JSON.stringify({ time, level, message, ...fields });
    const details = Object.entries(fields).map(([name, value]) => ` ${name}=${plain(value)}`);
    return `${time} ${level.toUpperCase().padEnd(7)} ${escapeControls(message)}${details.join('')}`;
  }
}

function plain(value: LogFields[string]): string {
  if (typeof value !== 'string') return String(value);
  return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
}

function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, (character) => JSON.stringify(character).slice(1, -1));
}
