import { FieldErrors } from './field-errors.ts';
import type { FieldCheck } from './fields.ts';

const isToken = (value: unknown): boolean => Number.isInteger(value);
const isTokenList = (value: unknown): boolean => Array.isArray(value) && value.every(isToken);

/** A text, a list of texts, a list of tokens, or a list of those. When none fits, each branch of the union says why. */
export const input: FieldCheck = (value, loc, errors) => {
  if (typeof value === 'string') return undefined;
  const texts = new FieldErrors();
  const tokens = new FieldErrors();
  const tokenLists = new FieldErrors();
  if (!Array.isArray(value)) {
    texts.notAList([...loc, 'list[str]'], value);
    tokens.notAList([...loc, 'list[int]'], value);
    tokenLists.notAList([...loc, 'list[list[int]]'], value);
  } else {
    if (value.every((item) => typeof item === 'string') || isTokenList(value) || value.every(isTokenList))
      return undefined;
    for (const [index, item] of value.entries()) {
      if (typeof item !== 'string') texts.notAString([...loc, 'list[str]', index], item);
      if (!isToken(item)) tokens.add('int_type', [...loc, 'list[int]', index], 'Input should be a valid integer', item);
      if (!isTokenList(item)) tokenLists.notAList([...loc, 'list[list[int]]', index], item);
    }
  }
  errors.notAString([...loc, 'str'], value);
  errors.append(texts, tokens, tokenLists);
  return undefined;
};
