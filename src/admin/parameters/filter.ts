import { mostSimilar } from '../../config/similar.ts';
import type { Filter, FilterField, FilterValue } from '../../storage/filter.ts';
import { FIELD_NAMES, filterField, HAS, IS, kindOf } from './filter-fields.ts';
import { FilterError, type Piece, readTerms, type Term } from './filter-lexer.ts';
import { readValue } from './filter-values.ts';
import { shown } from './time.ts';

const MOST_CHARACTERS = 4096;
const MOST_TERMS = 50;
const MOST_VALUES = 100;

/**
 * Reads a query such as `status:>=500 endpoint:chat,search -model:gpt-* duration:>2s "refund policy"`: terms that all hold.
 * Throws a FilterError with the place of the term at fault.
 */
export function parseFilter(query: string): Filter {
  if (query.length > MOST_CHARACTERS) {
    throw new FilterError(`The filter is longer than ${MOST_CHARACTERS} characters.`, 'leave some of it out', {
      start: MOST_CHARACTERS,
      end: query.length,
    });
  }
  const terms = readTerms(query);
  const surplus = terms[MOST_TERMS];
  if (surplus) {
    throw new FilterError(`The filter has more than ${MOST_TERMS} terms.`, 'join values by commas: a:1,2', surplus);
  }
  const filters = terms.map((term) => {
    const filter = readTerm(term);
    return term.negated ? ({ kind: 'not', filter } as const) : filter;
  });
  const [first] = filters;
  return filters.length === 1 && first !== undefined ? first : { kind: 'all', filters };
}

function readTerm(term: Term): Filter {
  const { field: name, values } = term;
  if (name === null) return searchFor(term);
  const extra = values[MOST_VALUES];
  if (extra) throw new FilterError(`More than ${MOST_VALUES} values.`, 'use fewer, or a prefix: name-*', extra);
  const word = name.text.toLowerCase();
  if (word === 'has' || word === 'is') return anyOf(values.map((value) => condition(word, value)));
  const field = filterField(name.text);
  if (field === null) throw unknownField(name);
  if (term.operator !== null) return comparison(field, term);
  return equality(field, values);
}

function searchFor({ values, start, end }: Term): Filter {
  const text = values[0]?.text ?? '';
  if (text.trim() === '')
    throw new FilterError('There is no text to look for.', 'write some between the quotes', { start, end });
  return { kind: 'text', text };
}

function condition(word: 'has' | 'is', value: Piece): Filter {
  const known = word === 'has' ? HAS : IS;
  const name = value.text.toLowerCase();
  if (Object.hasOwn(known, name)) return known[name] as Filter;
  const field = word === 'has' ? filterField(value.text) : null;
  if (field !== null) return { kind: 'present', field };
  const more = word === 'has' ? ', or the name of a column or tag.<name>' : '';
  throw new FilterError(
    `'${word}:${shown(value.text)}' is not known.`,
    `one of ${Object.keys(known).join(', ')}${more}`,
    value,
  );
}

function unknownField(name: Piece): FilterError {
  const similar = mostSimilar(name.text.toLowerCase(), FIELD_NAMES);
  const guess = similar === null || similar === undefined ? '' : `did you mean '${similar}'? `;
  const hint = `${guess}put text with a colon in quotes; fields are ${FIELD_NAMES.join(', ')}`;
  return new FilterError(`There is no field '${shown(name.text)}'.`, hint, name);
}

function comparison(field: FilterField, { operator, values, start, end }: Term): Filter {
  const [value, second] = values;
  if (value === undefined || operator === null) throw new Error('a comparison has a value');
  const kind = kindOf(field);
  if (kind === 'text' || kind === 'flag') {
    const hint = kind === 'flag' ? `write ${field}:true` : `write ${field}:value or ${field}:prefix*`;
    throw new FilterError(`'${field}' is no number: '${operator}' makes no sense for it.`, hint, { start, end });
  }
  if (second) throw new FilterError('A comparison takes one value.', `for example ${field}:${operator}10`, second);
  const parsed = readValue(field, value);
  return { kind: 'compare', field, operator, value: typeof parsed === 'boolean' ? Number(parsed) : parsed };
}

function equality(field: FilterField, pieces: readonly Piece[]): Filter {
  const values: FilterValue[] = [];
  const others: Filter[] = [];
  for (const piece of pieces) {
    const special = statusClass(field, piece) ?? prefix(field, piece);
    if (special === null) values.push(readValue(field, piece));
    else others.push(special);
  }
  if (values.length > 0) others.push({ kind: 'equals', field, values });
  return anyOf(others);
}

/** `5xx`: from 500 to 599. */
function statusClass(field: FilterField, { text }: Piece): Filter | null {
  if (field !== 'status' || !/^[1-5]xx$/i.test(text)) return null;
  const first = Number(text.charAt(0)) * 100;
  return {
    kind: 'all',
    filters: [
      { kind: 'compare', field, operator: '>=', value: first },
      { kind: 'compare', field, operator: '<', value: first + 100 },
    ],
  };
}

function prefix(field: FilterField, piece: Piece): Filter | null {
  const { text, quoted } = piece;
  if (quoted || !text.includes('*') || kindOf(field) !== 'text') return null;
  if (text === '*') return { kind: 'present', field };
  if (text.indexOf('*') === text.length - 1) return { kind: 'prefix', field, prefix: text.slice(0, -1) };
  const hint = `a '*' ends a value: ${field}:name*; in quotes it stands for itself`;
  throw new FilterError("A '*' stands elsewhere than at the end.", hint, piece);
}

function anyOf(filters: readonly Filter[]): Filter {
  const [first] = filters;
  return filters.length === 1 && first !== undefined ? first : { kind: 'any', filters };
}
