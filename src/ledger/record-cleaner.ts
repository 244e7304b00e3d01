import type { AuditEvent } from '../core/audit/audit-event.ts';
import { LONGEST_MESSAGE } from '../core/ledger/caller.ts';
import type { RequestRecord } from '../core/ledger/request-record.ts';
import { Redactor } from '../core/redaction/redactor.ts';
import type { Secret } from '../core/secret.ts';

/** Most callers say the same with every request. */
const REMEMBERED = 1000;
/** No credential is shorter, with what has to stand around it. */
const SHORTEST = 8;
/** Of a password under its name. */
const SHORTEST_NAMED = 6;
/** What of a message that was cut may be the beginning of a credential, no longer known by its look. */
const DOUBTFUL_END = /\S{1,256}$/;

type Error = RequestRecord['error'];

/**
 * Takes credentials out of the little that a record has of texts from outside: error messages, tags, users, user agents,
 * names of fields that a provider did not take, and what the answer says of itself. Who asks is otherwise left as it is, for it is what the ledger is asked about.
 */
export class RecordCleaner {
  readonly #redactor: Redactor;
  readonly #known = new Map<string, string>();

  constructor(secrets: readonly Secret[]) {
    this.#redactor = new Redactor({ kinds: [], patterns: [], secrets });
  }

  /** The same record where there is nothing to take out, as nearly always. */
  clean(record: RequestRecord): RequestRecord {
    const caller = this.caller(record.caller);
    const error = this.#error(record.error);
    const attempts = record.attempts.some((attempt) => this.#error(attempt.error) !== attempt.error)
      ? record.attempts.map((attempt) => ({ ...attempt, error: this.#error(attempt.error) }))
      : record.attempts;
    const servedModel = this.#said(record.servedModel);
    const finishReason = this.#said(record.finishReason);
    const serviceTier = this.#said(record.serviceTier);
    const changes = this.#said(record.changes);
    const isSame =
      caller === record.caller &&
      error === record.error &&
      attempts === record.attempts &&
      servedModel === record.servedModel &&
      finishReason === record.finishReason &&
      serviceTier === record.serviceTier &&
      changes === record.changes;
    return isSame ? record : { ...record, caller, error, attempts, servedModel, finishReason, serviceTier, changes };
  }

  event(event: AuditEvent): AuditEvent {
    const object = event.object === null ? null : this.#text(event.object);
    return { ...event, object, details: this.#value(event.details) as AuditEvent['details'] };
  }

  #said(text: string | null): string | null {
    return text === null ? null : this.#text(text);
  }

  /** A text of at most some hundred characters. */
  #text(text: string): string {
    if (text.length < SHORTEST) return text;
    return this.#known.get(text) ?? this.#remember(text, this.#redactor.redact(text).text);
  }

  #member(name: string, text: string): string {
    if (text.length < SHORTEST_NAMED) return text;
    const key = `${name}\n${text}`;
    return this.#known.get(key) ?? this.#remember(key, this.#redactor.member(name, text));
  }

  #remember(key: string, clean: string): string {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(key, clean);
    return clean;
  }

  /** Any small value of plain data, with the names in it. */
  #value(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((item) => this.#value(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        this.#text(name),
        typeof item === 'string' ? this.#member(name, item) : this.#value(item),
      ]),
    );
  }

  #error(error: Error): Error {
    if (error === null) return null;
    const { length } = error.message;
    const whole = length < LONGEST_MESSAGE ? error.message : `${error.message.replace(DOUBTFUL_END, '')}…`;
    const message = this.#redactor.redact(whole).text;
    return message === error.message ? error : { ...error, message };
  }

  caller(caller: RequestRecord['caller']): RequestRecord['caller'] {
    const userAgent = caller.userAgent === null ? null : this.#text(caller.userAgent);
    const user = caller.user === null ? null : this.#text(caller.user);
    const team = caller.team === null ? null : this.#text(caller.team);
    const tags = this.#tags(caller.tags);
    const isSame =
      userAgent === caller.userAgent && user === caller.user && team === caller.team && tags === caller.tags;
    return isSame ? caller : { ...caller, userAgent, user, team, tags };
  }

  #tags(tags: RequestRecord['caller']['tags']): RequestRecord['caller']['tags'] {
    for (const name in tags) {
      const value = tags[name] ?? '';
      if (this.#member(name, value) !== value || this.#text(name) !== name) {
        const entries = Object.entries(tags);
        return Object.fromEntries(entries.map(([key, text]) => [this.#text(key), this.#member(key, text)]));
      }
    }
    return tags;
  }
}
