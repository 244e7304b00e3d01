import { printable } from './format.ts';

export interface TableColumn<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Columns with the highest number go first where the terminal is too narrow; 0 stays. */
  readonly dispensable?: number;
  /** May be cut to this many characters where the terminal is too narrow. */
  readonly least?: number;
  cell(row: Row): string;
  colour?(row: Row): Colour | null;
}

export type Colour = 'red' | 'yellow' | 'green' | 'dim';

export interface Terminal {
  /** Columns of characters; null where the output is no terminal: then nothing is left out. */
  readonly width: number | null;
  readonly colour: boolean;
}

const CODES: Readonly<Record<Colour, string>> = { red: '31', yellow: '33', green: '32', dim: '2' };

const GAP = '  ';

export function terminalOf(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Terminal {
  const isTerminal = stream.isTTY === true;
  return { width: isTerminal ? (stream.columns ?? 80) : null, colour: isTerminal && !environment.NO_COLOR };
}

/** Rows in aligned columns, with a line of titles. */
export function table<Row>(columns: ReadonlyArray<TableColumn<Row>>, rows: readonly Row[], terminal: Terminal): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map(({ title }, index) =>
    Math.max(Bun.stringWidth(title), ...cells.map((line) => Bun.stringWidth(line[index] ?? ''))),
  );
  const shown = fit(columns, widths, terminal.width);
  const lineOf = (texts: readonly string[], row: Row | null): string =>
    shown
      .map(({ index, width }) => {
        const column = columns[index];
        const text = padded(cut(texts[index] ?? '', width), width, column?.align ?? 'left');
        const colour = row === null ? 'dim' : (column?.colour?.(row) ?? null);
        return paint(text, colour, terminal);
      })
      .join(GAP)
      .trimEnd();
  const titles = lineOf(
    columns.map(({ title }) => title),
    null,
  );
  return `${[titles, ...rows.map((row, index) => lineOf(cells[index] ?? [], row))].join('\n')}\n`;
}

interface Shown {
  readonly index: number;
  readonly width: number;
}

/** Leaves out what is dispensable, then cuts what may be cut, until it fits. */
function fit<Row>(columns: ReadonlyArray<TableColumn<Row>>, widths: readonly number[], room: number | null): Shown[] {
  let shown = columns.map((_, index) => ({ index, width: widths[index] ?? 0 }));
  if (room === null) return shown;
  const total = () => shown.reduce((sum, { width }) => sum + width, 0) + GAP.length * Math.max(0, shown.length - 1);
  const least = (index: number): number =>
    Math.min(widths[index] ?? 0, columns[index]?.least ?? Number.POSITIVE_INFINITY);
  const leastTotal = () => total() - shown.reduce((sum, { index, width }) => sum + (width - least(index)), 0);
  while (leastTotal() > room) {
    const worst = shown.toSorted((one, other) => rank(columns, other) - rank(columns, one))[0];
    if (worst === undefined || rank(columns, worst) === 0) break;
    shown = shown.filter((one) => one !== worst);
  }
  for (let excess = total() - room; excess > 0; excess = total() - room) {
    const widest = shown
      .filter(({ index, width }) => width > least(index))
      .toSorted((one, other) => other.width - one.width)[0];
    if (widest === undefined) break;
    shown = shown.map((one) => (one === widest ? { ...one, width: one.width - 1 } : one));
  }
  return shown;
}

function rank<Row>(columns: ReadonlyArray<TableColumn<Row>>, { index }: Shown): number {
  return columns[index]?.dispensable ?? 0;
}

export function cut(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  let short = '';
  for (const character of text) {
    if (Bun.stringWidth(short + character) > width - 1) break;
    short += character;
  }
  return `${short}…`;
}

export function padded(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - Bun.stringWidth(text)));
  return align === 'right' ? space + text : text + space;
}

export function paint(text: string, colour: Colour | null, { colour: isAllowed }: Terminal): string {
  return colour === null || !isAllowed ? text : `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of at most `width` characters, to an eighth of one; what is not nothing shows. */
export function bar(part: number, whole: number, width: number): string {
  if (whole <= 0 || part <= 0) return '';
  const eighths = Math.max(1, Math.round((part / whole) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}
