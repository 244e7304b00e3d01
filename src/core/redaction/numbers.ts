import { isIPv4, isIPv6 } from 'node:net';
import { classAt, DIGIT, isAlphanumeric, LETTER } from './characters.ts';

/** Each gives where the number ends that begins there, or null. None looks at more than some tens of characters. */

const LONGEST_CARD = 19;

/**
 * A payment card: digits, perhaps in groups, of a known issuer and with a right check digit. What follows in further
 * groups, such as the month in which it ends, is left out where the groups before are those of a card.
 */
export function findCard(text: string, start: number): number | null {
  if (isAlphanumeric(text, start - 1) || isContinued(text, start)) return null;
  let digits = '';
  let index = start;
  let group = 0;
  let found: number | null = null;
  const groups: number[] = [];
  while (digits.length <= LONGEST_CARD) {
    if ((classAt(text, index) & DIGIT) !== 0) {
      digits += text.charAt(index++);
      group++;
      continue;
    }
    groups.push(group);
    const goesOn = SEPARATOR.test(text.charAt(index)) && (classAt(text, index + 1) & DIGIT) !== 0;
    const isWhole = !goesOn || (groups.length === 1 ? isSpace(text, index) : areGroupsOfCard(groups));
    if (isWhole && (classAt(text, index) & LETTER) === 0 && isCard(digits)) found = index;
    if (!goesOn) break;
    group = 0;
    index++;
  }
  return found;
}

/** A space that does not break is one too. */
const SEPARATOR = /[ .\-\u00a0\u2010-\u2013]/;

function isSpace(text: string, index: number): boolean {
  return text.charCodeAt(index) === 0x20 || text.charCodeAt(index) === 0xa0;
}

function areGroupsOfCard(groups: readonly number[]): boolean {
  const [first, second, third] = groups;
  if (groups.length === 3 && first === 4 && second === 6) return third === 4 || third === 5;
  return groups.slice(0, -1).every((size) => size === 4);
}

/** A digit before the separator before it: then it begins in the middle of a number. */
function isContinued(text: string, start: number): boolean {
  return /[.-]/.test(text.charAt(start - 1)) && (classAt(text, start - 2) & DIGIT) !== 0;
}

/** https://en.wikipedia.org/wiki/Payment_card_number */
const ISSUERS =
  /^(?:4\d{12}(?:\d{3}|\d{6})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,13}|6(?:011|4[4-9]\d|5\d\d|2\d\d)\d{12,15}|35(?:2[89]|[3-8]\d)\d{12,15}|(?:5018|5020|5038|6304|6759|676[1-3])\d{8,15})$/;

function isCard(digits: string): boolean {
  return digits.length >= 13 && ISSUERS.test(digits) && hasLuhn(digits);
}

/** https://en.wikipedia.org/wiki/Luhn_algorithm */
export function hasLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const value = index % 2 === 1 ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** Lengths by country: https://www.swift.com/standards/data-standards/iban-international-bank-account-number */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
    'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
    'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
    'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** An account number with a right checksum, in groups or without. */
export function findIban(text: string, start: number): number | null {
  const length = IBAN_LENGTHS.get(text.slice(start, start + 2));
  if (length === undefined || isAlphanumeric(text, start - 1)) return null;
  let compact = '';
  let index = start;
  while (index < text.length && compact.length < length) {
    if (isAlphanumeric(text, index)) compact += text.charAt(index++);
    else if (/[ -]/.test(text.charAt(index)) && isAlphanumeric(text, index + 1)) index++;
    else return null;
  }
  if (compact.length < length || isAlphanumeric(text, index) || !/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(compact)) return null;
  return remainder97(compact.slice(4) + compact.slice(0, 4)) === 1 ? index : null;
}

function remainder97(text: string): number {
  let remainder = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}

/** International with `+`, or North American with its area code in brackets or three groups. */
const PHONE =
  /^(?:\+[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,6}|\(\d{3}\)[ .-]?\d{3}[ .-]\d{4}|[2-9]\d{2}[ .-][2-9]\d{2}[ .-]\d{4})(?!\w)/;

export function findPhone(text: string, start: number): number | null {
  if (isAlphanumeric(text, start - 1) || isContinued(text, start)) return null;
  const found = PHONE.exec(text.slice(start, start + 40))?.[0];
  const count = found?.replace(/\D/g, '').length ?? 0;
  return found !== undefined && count >= 8 && count <= 15 ? start + found.length : null;
}

export function findIp(text: string, start: number): number | null {
  if (isAlphanumeric(text, start - 1) || /[.:]/.test(text.charAt(start - 1))) return null;
  const candidate = /^[\da-fA-F:.]{2,45}/.exec(text.slice(start, start + 45))?.[0].replace(/[.:]+$/, '') ?? '';
  const end = start + candidate.length;
  if (isAlphanumeric(text, end)) return null;
  return isIPv4(candidate) || (isIPv6(candidate) && candidate.includes(':')) ? end : null;
}
