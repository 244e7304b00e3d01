import type { Changes } from '../core/neutral/changes.ts';
import type { JsonObject } from '../core/types.ts';

/** Collects what must change in a client's body for an API that strays from OpenAI's. Fields that are null count as absent. */
export class BodyEdits {
  readonly #body: JsonObject;
  readonly #changes: Changes;
  #members: Map<string, unknown> | null = null;

  constructor(body: JsonObject, changes: Changes) {
    this.#body = body;
    this.#changes = changes;
  }

  /** The value as it will go upstream; undefined where there is none. */
  get(field: string): unknown {
    const value = this.#members?.has(field) ? this.#members.get(field) : this.#body[field];
    return value ?? undefined;
  }

  set(field: string, value: unknown): void {
    this.#members ??= new Map();
    this.#members.set(field, value);
  }

  /** Leaves a field out, if it is there. */
  remove(field: string): void {
    if (this.get(field) !== undefined) this.set(field, undefined);
  }

  /** Leaves a field out and says so. */
  drop(field: string): void {
    if (this.get(field) === undefined) return;
    this.set(field, undefined);
    this.#changes.dropped(field);
  }

  /** The provider has the same field under another name; where both are given, its own counts. */
  rename(field: string, native: string): void {
    const value = this.get(field);
    if (value === undefined) return;
    this.set(field, undefined);
    if (this.get(native) === undefined) this.set(native, value);
  }

  clamp(field: string, low: number, high: number): void {
    const value = this.get(field);
    if (typeof value !== 'number') return;
    const inside = Math.min(Math.max(value, low), high);
    if (inside === value) return;
    this.set(field, inside);
    this.#changes.clamped(field);
  }

  /** For an API that refuses what it does not know. */
  dropAllBut(known: ReadonlySet<string>): void {
    for (const field of Object.keys(this.#body)) if (!known.has(field)) this.drop(field);
  }

  get members(): ReadonlyMap<string, unknown> | null {
    return this.#members;
  }
}
