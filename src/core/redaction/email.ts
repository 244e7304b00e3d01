import { classAt, DIGIT, HOST, isForeign, LETTER, LOCAL } from './characters.ts';
import type { Span } from './spans.ts';

/** https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1 */
const LONGEST_LOCAL = 64;
const LONGEST_HOST = 253;

/** The address around the `@` there. `count` is told how many characters were looked at. */
export function findEmail(text: string, at: number, count: (steps: number) => void): Omit<Span, 'kind'> | null {
  const foreign = isForeign(text, at - 1);
  let start = at;
  while (start > 0 && at - start < LONGEST_LOCAL && isLocal(text, start - 1, foreign)) start--;
  count(at - start + 1);
  while (start < at && !isNameCharacter(text, start)) start++;
  if (start === at || text.charAt(at - 1) === '.') return null;
  const end = hostEnd(text, at + 1, count);
  return end === null ? null : { start, end };
}

/** In a script without spaces between words, an address in Latin letters begins where they do. */
function isLocal(text: string, index: number, foreign: boolean): boolean {
  const bits = classAt(text, index);
  if (!foreign) return (bits & LOCAL) !== 0;
  return isForeign(text, index) || ((bits & LOCAL) !== 0 && (bits & LETTER) === 0);
}

/** Of at least two labels, the last of them of letters. Each label is in one script. */
function hostEnd(text: string, start: number, count: (steps: number) => void): number | null {
  const most = Math.min(text.length, start + LONGEST_HOST);
  let end = start;
  let foreign = isForeign(text, start);
  while (end < most && isHost(text, end, foreign)) {
    if (text.charCodeAt(end) === 0x2e) foreign = isForeign(text, end + 1);
    end++;
  }
  count(end - start + 1);
  while (end > start && !isNameCharacter(text, end - 1)) end--;
  const host = text.slice(start, end);
  const dot = host.lastIndexOf('.');
  // `logo@2x.png` is a picture.
  if (dot < 1 || host.includes('..') || host.startsWith('.') || /^\dx\./.test(host)) return null;
  return /^[\p{L}\p{M}]{2,63}$|^xn--[\w-]+$/u.test(host.slice(dot + 1)) ? end : null;
}

function isHost(text: string, index: number, foreign: boolean): boolean {
  const bits = classAt(text, index);
  if (!foreign) return (bits & HOST) !== 0;
  return isForeign(text, index) || ((bits & HOST) !== 0 && (bits & LETTER) === 0);
}

function isNameCharacter(text: string, index: number): boolean {
  return (classAt(text, index) & (LETTER | DIGIT)) !== 0 || isForeign(text, index);
}
