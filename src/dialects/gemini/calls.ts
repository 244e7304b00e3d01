interface Call {
  readonly id: string;
  readonly name: string;
  isAnswered: boolean;
}

/**
 * The ids of the calls in a conversation. Clients of this API may leave them out and go by the functions' names; most
 * providers cannot do without. One that is made up here is the same in every later request of the conversation.
 */
export class CallIds {
  readonly #calls: Call[] = [];

  call(name: string, given: string | undefined): string {
    const id = given !== undefined && given !== '' ? given : madeUp(this.#calls.length, name);
    this.#calls.push({ id, name, isAnswered: false });
    return id;
  }

  /** The id of the call that a response belongs to: the first of its function that has none yet. */
  response(name: string, given: string | undefined): string {
    const found =
      this.#calls.find(({ id }) => id === given) ??
      this.#calls.find((call) => call.name === name && !call.isAnswered) ??
      this.#calls.findLast((call) => call.name === name);
    if (found) found.isAnswered = true;
    return found?.id ?? (given !== undefined && given !== '' ? given : madeUp(this.#calls.length, name));
  }
}

/** The strictest providers take 40 characters of these kinds. */
function madeUp(ordinal: number, name: string): string {
  return `call_${ordinal}_${name.replace(/[^A-Za-z0-9_-]/g, '_')}`.slice(0, 40);
}
