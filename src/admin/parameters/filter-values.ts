import { parseDecimal } from '../../core/ledger/money.ts';
import { OUTCOMES } from '../../core/ledger/outcome.ts';
import type { FilterField, FilterValue } from '../../storage/filter.ts';
import { DURATIONS, kindOf, SIZES } from './filter-fields.ts';
import { FilterError, type Piece } from './filter-lexer.ts';
import { shown } from './time.ts';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const COUNTS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9 };
const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

const NUMBER = /^(\d{1,15}(?:\.\d{1,9})?)([a-z]*)$/i;
const FLAGS: Readonly<Record<string, boolean>> = { true: true, yes: true, 1: true, false: false, no: false, 0: false };

/** What a value means for a field. Throws a FilterError that says what is allowed. */
export function readValue(field: FilterField, piece: Piece): FilterValue {
  switch (kindOf(field)) {
    case 'text':
      return textValue(field, piece);
    case 'number':
      return numberValue(field, piece);
    case 'money':
      return moneyValue(field, piece);
    case 'flag':
      return flagValue(field, piece);
  }
}

function textValue(field: FilterField, piece: Piece): string {
  if (piece.text === '' && !piece.quoted) {
    throw new FilterError(`'${field}:' has no value.`, `for example ${field}:name, or has:${field}`, piece);
  }
  if (field === 'outcome' && !OUTCOMES.some((outcome) => outcome === piece.text)) {
    throw new FilterError(`'${shown(piece.text)}' is no outcome.`, `one of ${OUTCOMES.join(', ')}`, piece);
  }
  return piece.text;
}

function numberValue(field: FilterField, piece: Piece): number {
  const [, digits = '', unit = ''] = NUMBER.exec(piece.text) ?? [];
  const factor = unit === '' ? 1 : (unitsOf(field)[unit.toLowerCase()] ?? Number.NaN);
  const value = Number(digits) * factor;
  if (digits !== '' && Number.isFinite(value)) return value;
  throw new FilterError(`'${shown(piece.text)}' is no number for '${field}'.`, numberHint(field), piece);
}

function unitsOf(field: FilterField): Readonly<Record<string, number>> {
  if (DURATIONS.has(field)) return MILLISECONDS;
  return SIZES.has(field) ? BYTES : COUNTS;
}

function numberHint(field: FilterField): string {
  if (DURATIONS.has(field)) return `for example ${field}:>2s or ${field}:>=500ms; without a unit milliseconds`;
  if (SIZES.has(field)) return `for example ${field}:>10kB or ${field}:>1MiB`;
  if (field === 'status') return 'for example status:429, status:5xx or status:>=500';
  return `for example ${field}:>10k`;
}

/** US dollars as an exact decimal. */
function moneyValue(field: FilterField, piece: Piece): string {
  const text = piece.text.replace(/^\$/, '');
  if (/^\d{1,9}(?:\.\d{1,12})?$/.test(text) && parseDecimal(text, 12) !== null) return text;
  throw new FilterError(
    `'${shown(piece.text)}' is no amount of US dollars.`,
    `for example ${field}:>0.05; at most 12 decimal places`,
    piece,
  );
}

function flagValue(field: FilterField, piece: Piece): boolean {
  const name = piece.text.toLowerCase();
  const value = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  if (value !== undefined) return value;
  throw new FilterError(`'${shown(piece.text)}' is not true or false.`, `write ${field}:true or ${field}:false`, piece);
}
