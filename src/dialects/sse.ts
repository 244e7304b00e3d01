/**
 * Server-sent events over Latin-1 text, one character a byte, so that a character cut between two reads is never
 * decoded half: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */

/** How many characters of `text` are whole events, each with its blank line. */
export function wholeEventsLength(text: string): number {
  // Nearly no server sends carriage returns, and looking for one is much cheaper than for the pairs with one.
  if (!text.includes('\r')) return end(text, '\n\n');
  const length = end(text, '\n\r\n');
  const overlap = Math.max(0, length - 1);
  const rest = text.slice(overlap);
  return Math.max(length, overlap + Math.max(end(rest, '\n\n'), end(rest, '\r\r')));
}

function end(text: string, boundary: string): number {
  const at = text.lastIndexOf(boundary);
  return at === -1 ? 0 : at + boundary.length;
}

const BLANK_LINE = /\r\n\r\n|\n\r\n|\n\n|\r\r|\r\n\n/;
const LINE_FEED = 0x0a;
const ODD_ENDS = /\n\n|\r\r/;
const LINE_END = /\r\n|\n|\r/;

/** Calls back with the data of each event in turn, as Latin-1; events without data (comments) are passed over. */
export function eachEventData(events: string, callback: (data: string) => void): void {
  if (!events.includes('\r')) return eachPlainEvent(events, callback);
  for (const event of events.split(BLANK_LINE)) {
    const data = eventData(event);
    if (data !== null) callback(data);
  }
}

/** What nearly every server sends: line feeds alone, and one `data:` line an event. */
function eachPlainEvent(events: string, callback: (data: string) => void): void {
  let start = 0;
  while (start < events.length) {
    const line = events.indexOf('\n', start);
    const isOneLine = line !== -1 && events.charCodeAt(line + 1) === LINE_FEED && events.startsWith('data: ', start);
    const end = isOneLine ? line : events.indexOf('\n\n', start);
    const stop = end === -1 ? events.length : end;
    const data = isOneLine ? events.slice(start + 6, stop) : eventData(events.slice(start, stop));
    if (data !== null) callback(data);
    start = stop + 2;
  }
}

const EVENT = /[\s\S]*?(?:\r\n\r\n|\n\r\n|\n\n|\r\r|\r\n\n)/g;

/** The whole events, each with its blank line. */
export function splitEvents(events: string): readonly string[] {
  return events.match(EVENT) ?? [];
}

/** What ends the events here; null where they do not all end alike. */
export function blankLineOf(events: string): string | null {
  if (!events.includes('\r')) return '\n\n';
  return ODD_ENDS.test(events) ? null : '\n\r\n';
}

/** Where the event around `place` begins and ends, its blank line included. */
export function boundsOfEvent(
  events: string,
  place: number,
  blankLine: string,
): { readonly start: number; readonly end: number } {
  const before = events.lastIndexOf(blankLine, place);
  const after = events.indexOf(blankLine, place);
  return {
    start: before === -1 ? 0 : before + blankLine.length,
    end: after === -1 ? events.length : after + blankLine.length,
  };
}

export function eventData(event: string): string | null {
  // The usual event is one `data:` line.
  if (event.startsWith('data:') && !event.includes('\n') && !event.includes('\r')) return dataOf(event);
  let data: string | null = null;
  for (const line of event.split(LINE_END)) {
    const clean = line.startsWith(BYTE_ORDER_MARK) ? line.slice(BYTE_ORDER_MARK.length) : line;
    if (clean.startsWith('data:')) data = data === null ? dataOf(clean) : `${data}\n${dataOf(clean)}`;
  }
  return data;
}

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

function dataOf(line: string): string {
  return line.charCodeAt(5) === 0x20 ? line.slice(6) : line.slice(5);
}
