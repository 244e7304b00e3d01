export type EgressFailure =
  /** A rule forbids the URL, or an address that its host resolves to. */
  | 'refused'
  | 'unreachable'
  /** The server answered, but not with the content. */
  | 'not_there'
  | 'too_large'
  | 'timeout'
  | 'cancelled';

/** `message` is the rest of a sentence such as "the image cannot be fetched: …"; it never holds the URL. */
export class EgressError extends Error {
  readonly failure: EgressFailure;

  constructor(failure: EgressFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EgressError';
    this.failure = failure;
  }
}
