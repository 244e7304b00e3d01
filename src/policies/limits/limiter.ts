import { GatewayError } from '../../core/errors.ts';
import type { CounterTable, KeyHash } from './counter-table.ts';

/** A limit of an endpoint, ready to count. */
export interface LimitRule {
  readonly endpoint: string;
  readonly calls: number;
  readonly windowSeconds: number;
  /** For example `2 per 1 minute`; MLflow's refusal quotes it. */
  readonly display: string;
  /** `ip` (or null), `global`, or `header:<name>`. */
  readonly key: string | null;
}

/** What a limit counts callers by. */
export interface Caller {
  address(): string;
  header(name: string): string | null;
}

/** Callers whose hash a worker keeps at hand. */
const REMEMBERED = 4096;

export class Limiter {
  readonly #rule: LimitRule;
  readonly #table: CounterTable;
  readonly #policy: string;
  readonly #hashes = new Map<string, KeyHash>();

  constructor(rule: LimitRule, table: CounterTable) {
    this.#rule = rule;
    this.#table = table;
    this.#policy = `"endpoint";q=${rule.calls};w=${rule.windowSeconds}`;
  }

  /**
   * Counts the call and returns the `RateLimit` headers of the answer, or throws the 429.
   * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
   */
  take(caller: Caller, now: number): Readonly<Record<string, string>> {
    const { calls, windowSeconds, display } = this.#rule;
    const count = this.#table.take(this.#hash(this.#callerKey(caller)), calls, windowSeconds * 1000, now);
    const reset = Math.ceil(count.resetMs / 1000);
    const headers = {
      'ratelimit-policy': this.#policy,
      ratelimit: `"endpoint";r=${count.remaining};t=${reset}`,
    };
    if (count.allowed) return headers;
    throw new GatewayError('rate_limited', `Rate limit exceeded: ${display}`, {
      headers: {
        ...headers,
        // The names of the draft's first versions, which clients look for when they are refused.
        'ratelimit-limit': String(calls),
        'ratelimit-remaining': '0',
        'ratelimit-reset': String(reset),
        'retry-after': String(Math.max(1, reset)),
      },
    });
  }

  #callerKey(caller: Caller): string {
    const { key } = this.#rule;
    if (key === 'global') return '';
    if (key?.startsWith('header:')) {
      const value = caller.header(key.slice('header:'.length));
      // Without the header a caller is counted by address, so that leaving it out gives no way around the limit.
      if (value !== null) return `h${value}`;
    }
    return caller.address();
  }

  /** The rule is part of the key: a changed limit begins anew, an unchanged one goes on counting over a reload. */
  #hash(callerKey: string): KeyHash {
    const known = this.#hashes.get(callerKey);
    if (known !== undefined) return known;
    if (this.#hashes.size >= REMEMBERED) this.#hashes.clear();
    const hash = this.#table.hash(`${this.#rule.endpoint}\n${this.#rule.display}\n${callerKey}`);
    this.#hashes.set(callerKey, hash);
    return hash;
  }
}
